//! Authorization codes become sessions of clients: once, whoever presents them and wherever.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::user::User;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::authorization_codes::OpenedNonce;
use crate::tables::refresh_tokens::{self, NewRefreshToken, OfClient, OfSession};
use crate::tables::{authorization_codes, consents, rows, users};

pub use crate::tables::authorization_codes::KeptSignIn;

/// A code that a client presents.
#[derive(Clone)]
pub struct PresentedCode<'a> {
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// The client that presents it, which has proved who it is.
    pub client_id: &'a str,
    /// Where it says the code went.
    pub redirect_uri: &'a str,
    /// The challenge that follows from the verifier it presents.
    pub challenge: &'a str,
}

/// What a code is redeemed for.
#[derive(Clone)]
pub struct NewClientSession {
    /// The session, `sid` of its tokens.
    pub session: Uuid,
    /// SHA-256 of its first refresh token.
    pub token_hash: [u8; 32],
    /// The time.
    pub now: DateTime<Utc>,
    /// The end of a session that can be renewed, unless it is.
    pub renewable_until: DateTime<Utc>,
    /// The end of one that cannot: that of its access token.
    pub access_until: DateTime<Utc>,
    /// How long a session lasts after the sign-in, however often it is renewed.
    pub longest: TimeDelta,
}

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeRedemption {
    /// The session is stored.
    Redeemed(RedeemedCode),
    /// There is no such code, or its owner has withdrawn consent.
    Unknown,
    /// It is of another client, went to another address, or has another challenge. It stays as it
    /// is, so that nobody can spoil it without its verifier.
    Mismatch,
    /// Nobody has redeemed it, and its time is over, or the key that sealed its nonce is gone.
    Expired,
    /// It had been redeemed. What it was redeemed for has ended now.
    Reused(OfSession),
}

/// What a code stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemedCode {
    /// Who signed in.
    pub user: User,
    /// The sign-in.
    pub shown: KeptSignIn,
    /// For the ID token.
    pub nonce: Option<String>,
    /// What the client is given.
    pub scope: String,
}

impl Store {
    /// Redeems a code for a session. `is_renewable` says of a scope whether the session can be
    /// renewed. Of several at once one gets it, and the others end what that one got.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redeem_code(
        &self,
        presented: &PresentedCode<'_>,
        new: &NewClientSession,
        is_renewable: impl Fn(&str) -> bool + Send + Sync,
    ) -> Result<CodeRedemption, StoreError> {
        let now = new.now;
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let hash = &presented.code_hash;
                let Some(owner) = authorization_codes::lock_owner(connection, hash).await? else {
                    return Ok(CodeRedemption::Unknown);
                };
                let Some(row) = authorization_codes::find(connection, hash).await? else {
                    return Ok(CodeRedemption::Unknown);
                };
                let user = rows::user(owner)?;
                if row.client_id != presented.client_id
                    || row.redirect_uri != presented.redirect_uri
                    || row.challenge != presented.challenge
                {
                    return Ok(CodeRedemption::Mismatch);
                }
                if let Some(session) = row.session {
                    refresh_tokens::revoke(connection, session, now).await?;
                    return Ok(CodeRedemption::Reused(OfSession { user: user.id, session }));
                }
                if !consents::stands(connection, user.id).await? {
                    return Ok(CodeRedemption::Unknown);
                }
                let opened = authorization_codes::open_nonce(self.sealer(), hash, &row)?;
                let Some(OpenedNonce(nonce)) = opened else { return Ok(CodeRedemption::Expired) };
                let longest = row.auth_time + new.longest;
                let (ends, kept) = if is_renewable(&row.scope) {
                    (new.renewable_until.min(longest), longest)
                } else {
                    (new.access_until, new.access_until)
                };
                if !authorization_codes::use_up(connection, hash, new.session, now, kept).await? {
                    return Ok(CodeRedemption::Expired);
                }
                let shown = KeptSignIn {
                    user: user.id,
                    auth_time: row.auth_time,
                    acr: row.acr,
                    attested: rows::attested(row.attestation)?,
                };
                let token = NewRefreshToken {
                    user: user.id,
                    session: new.session,
                    token_hash: new.token_hash,
                    auth_time: shown.auth_time,
                    acr: shown.acr.clone(),
                    attested: shown.attested,
                    issued_at: now,
                    expires_at: ends,
                    client: Some(OfClient { id: row.client_id, scope: row.scope.clone() }),
                };
                refresh_tokens::insert(connection, &token).await?;
                users::touch(connection, user.id, now).await?;
                let scope = row.scope;
                Ok(CodeRedemption::Redeemed(RedeemedCode { user, shown, nonce, scope }))
            })
            .await
    }
}
