//! What a client asks of a person, and the person's answer.
//!
//! A request waits in a row until its browser answers. Accepting it is one transaction: the request
//! goes, a code is made, and the sign-in that the page has just made becomes the login session of
//! the browser. So no request is answered twice, and no token is left with the page.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::oauth::client::ClientId;
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::account::TokenSession;
use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::{
    authorization_codes, authorization_requests, client_consents, consents, login_sessions,
    refresh_tokens, users,
};

pub use crate::tables::authorization_codes::{KeptSignIn, NewCode};
pub use crate::tables::authorization_requests::{RequestKey, WaitingRequest};
pub use crate::tables::login_sessions::{LoginSession, NewLoginSession};

/// The sign-in that a request is accepted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedBy {
    /// A session that the page has just begun. It ends with the acceptance.
    Session(Uuid),
    /// The login session of the browser, by the hash of its secret.
    Login([u8; 32]),
}

/// An acceptance to be stored.
#[derive(Debug, Clone)]
pub struct Acceptance<'a> {
    /// The request; `None` when nothing was shown, so that none was stored.
    pub request: Option<RequestKey>,
    /// The sign-in.
    pub by: AcceptedBy,
    /// What it showed, as it was read before.
    pub shown: &'a KeptSignIn,
    /// What the client will redeem.
    pub code: &'a NewCode,
    /// The client, for the list of those that the person has signed in to.
    pub client: &'a ClientId,
    /// Whether the person was asked what the client may be given, and agreed.
    pub asked: bool,
    /// What the browser's cookie becomes; `None` when it stays.
    pub login: Option<&'a NewLoginSession>,
    /// The hash of the cookie that it has now, whose session ends.
    pub replaced: Option<[u8; 32]>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What became of an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The code can be redeemed.
    Stored,
    /// The request was answered before, or its time is over.
    RequestOver,
    /// The sign-in has ended.
    SignInOver,
}

impl Store {
    /// Stores a request whose answer its browser will give.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_authorization(
        &self,
        key: &RequestKey,
        request: &WaitingRequest,
    ) -> Result<(), StoreError> {
        let sealed = authorization_requests::seal(self.sealer(), &key.id, request)?;
        let mut connection = self.connection().await?;
        let browser = Some(&key.browser);
        authorization_requests::insert(&mut connection, &key.id, browser, request, &sealed).await?;
        Ok(())
    }

    /// Stores a request that a client has pushed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn push_authorization(
        &self,
        id: &[u8; 32],
        request: &WaitingRequest,
    ) -> Result<(), StoreError> {
        let sealed = authorization_requests::seal(self.sealer(), id, request)?;
        let mut connection = self.connection().await?;
        authorization_requests::insert(&mut connection, id, None, request, &sealed).await?;
        Ok(())
    }

    /// Takes a request that this client has pushed. Of several at once one gets it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_pushed_authorization(
        &self,
        id: &[u8; 32],
        client_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<WaitingRequest>, StoreError> {
        let mut connection = self.connection().await?;
        authorization_requests::take_pushed(&mut connection, self.sealer(), id, client_id, now)
            .await
    }

    /// A request that this browser may still answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn authorization_request(
        &self,
        key: &RequestKey,
        now: DateTime<Utc>,
    ) -> Result<Option<WaitingRequest>, StoreError> {
        let mut connection = self.connection().await?;
        authorization_requests::find(&mut connection, self.sealer(), key, now).await
    }

    /// Ends a request that the person refuses. `false` when it was answered before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refuse_authorization(
        &self,
        key: &RequestKey,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(authorization_requests::take(&mut *self.connection().await?, key, now).await?)
    }

    /// The login session of a cookie, with its owner, while it lasts and consent stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_session(
        &self,
        secret_hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<(LoginSession, User)>, StoreError> {
        let mut connection = self.connection().await?;
        let Some(found) = login_sessions::find(&mut connection, secret_hash, now).await? else {
            return Ok(None);
        };
        let owner = users::by_id(&mut connection, found.shown.user).await?;
        Ok(owner
            .filter(|(_, consent)| consent.withdrawn_at.is_none())
            .map(|(user, _)| (found, user)))
    }

    /// What a session of the page rests on, while it lives.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_in_of(
        &self,
        session: TokenSession,
    ) -> Result<Option<KeptSignIn>, StoreError> {
        let mut connection = self.connection().await?;
        if !refresh_tokens::lives(&mut connection, session.user, session.id, None).await? {
            return Ok(None);
        }
        refresh_tokens::sign_in(&mut connection, session.user, session.id).await
    }

    /// Stores an acceptance in one transaction, after it has checked that the request waits and the
    /// sign-in stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_authorization(
        &self,
        acceptance: &Acceptance<'_>,
    ) -> Result<Accepted, StoreError> {
        let Acceptance { request, by, shown, code, client, asked, login, replaced, now } =
            acceptance;
        let user = shown.user;
        let sealed = authorization_codes::seal_nonce(self.sealer(), code)?;
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if !users::lock(connection, user).await? {
                    return Ok(Accepted::SignInOver);
                }
                let stands = match by {
                    AcceptedBy::Session(session) => {
                        refresh_tokens::lives(connection, user, *session, None).await?
                    }
                    AcceptedBy::Login(hash) => {
                        let found = login_sessions::find(connection, hash, *now).await?;
                        found.is_some_and(|found| found.shown == **shown)
                    }
                };
                if !stands || !consents::stands(connection, user).await? {
                    return Ok(Accepted::SignInOver);
                }
                if let Some(key) = request
                    && !authorization_requests::take(connection, key, *now).await?
                {
                    return Ok(Accepted::RequestOver);
                }
                authorization_codes::insert(connection, code, sealed.as_ref(), shown).await?;
                let scopes: Vec<&str> = code.scope.split(' ').collect();
                client_consents::put(connection, user, client, &scopes, *asked, *now).await?;
                if let AcceptedBy::Session(session) = by {
                    refresh_tokens::revoke(connection, *session, *now).await?;
                }
                if let Some(hash) = replaced {
                    login_sessions::end(connection, hash).await?;
                }
                if let Some(login) = login {
                    login_sessions::insert(connection, login, shown, *now).await?;
                }
                Ok(Accepted::Stored)
            })
            .await
    }

    /// Whose session it is, also when it has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session_owner(&self, session: Uuid) -> Result<Option<UserId>, StoreError> {
        Ok(refresh_tokens::user_of(&mut *self.connection().await?, session).await?)
    }

    /// Ends the login session of a cookie, and the session of a client if one is named. Returns
    /// whose they were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out(
        &self,
        cookie: Option<&[u8; 32]>,
        session: Option<TokenSession>,
        now: DateTime<Utc>,
    ) -> Result<Option<UserId>, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let mut of = session.map(|session| session.user);
                if let Some(TokenSession { user, id }) = session {
                    users::lock(connection, user).await?;
                    refresh_tokens::revoke_of_user(connection, user, id, now).await?;
                }
                if let Some(hash) = cookie {
                    of = login_sessions::end(connection, hash).await?.or(of);
                }
                Ok(of)
            })
            .await
    }
}
