//! Sessions: the tokens of a sign-in and their renewal.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::attestation::Attested;
use faceauth_domain::authentication::Authentication;
use faceauth_domain::user::{User, UserId};
use faceauth_store::rotate::{Renewed, Rotation};
use faceauth_store::sessions::NewRefreshToken;
use faceauth_tokens::access::{self, Session};
use faceauth_tokens::opaque::{self, OpaqueToken};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::context::Context;
use crate::device;
use crate::error::{Error, Result};
use crate::events::{Actor, Denied, EventKind, Origin, Subject};
use crate::keyed_hash::HashPurpose;

/// What the client is given.
pub struct IssuedTokens {
    /// The access token.
    pub access_token: String,
    /// Seconds until it is too old.
    pub expires_in: u64,
    /// The refresh token.
    pub refresh_token: String,
    /// Seconds until it is too old.
    pub refresh_expires_in: u64,
    /// Only of a sign-in.
    pub device_token: Option<String>,
}

/// Somebody who is signed in.
pub struct SignedIn {
    /// The person.
    pub user: User,
    /// The tokens of the session.
    pub tokens: IssuedTokens,
}

/// A secret that a client chose for one renewal.
pub struct RetryKey(SecretString);

impl RetryKey {
    /// A key of 43 to 128 unreserved characters, as of a code verifier (RFC 7636, 4.1). `None`
    /// for anything else.
    #[must_use]
    pub fn parse(text: String) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let well_formed = RETRY_KEY_CHARS.contains(&text.len()) && text.bytes().all(unreserved);
        well_formed.then(|| Self(text.into()))
    }

    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Characters of a retry key: 256 bits in base64url are 43.
const RETRY_KEY_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// A session that is not stored yet.
pub(crate) struct PendingSession {
    session: Session,
    refresh: OpaqueToken,
    /// The row to store in the transaction that makes the session real.
    pub row: NewRefreshToken,
}

/// What a session rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownBy {
    /// What was shown.
    pub authentication: Authentication,
    /// What the device proved.
    pub attested: Option<Attested>,
}

/// Prepares a session for `user`, who showed `shown` at `auth_time`.
pub(crate) fn begin(
    context: &Context,
    user: UserId,
    shown: ShownBy,
    auth_time: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<PendingSession> {
    let ShownBy { authentication, attested } = shown;
    let acr = access::acr(authentication);
    let session = Session { user, id: context.new_id(), auth_time, acr, attested };
    let refresh = OpaqueToken::random()?;
    let row = NewRefreshToken {
        user,
        session: session.id,
        token_hash: refresh.hash,
        auth_time,
        acr: session.acr.clone(),
        attested,
        issued_at: now,
        expires_at: context.tokens.refresh_expiry(now),
        client: None,
    };
    Ok(PendingSession { session, refresh, row })
}

impl PendingSession {
    /// The tokens, once the row is stored. `known` is the device, when it has signed in to
    /// this account before.
    pub(crate) fn issue(
        &self,
        context: &Context,
        now: DateTime<Utc>,
        known: Option<Uuid>,
    ) -> Result<IssuedTokens> {
        let device_token = device::token(context, self.session.user, known, now)?;
        let tokens = issue(context, &self.session, &self.refresh, now)?;
        Ok(IssuedTokens { device_token: Some(device_token), ..tokens })
    }
}

/// Signs an access token for `session` and puts `refresh` beside it.
fn issue(
    context: &Context,
    session: &Session,
    refresh: &OpaqueToken,
    now: DateTime<Utc>,
) -> Result<IssuedTokens> {
    let settings = context.tokens.settings();
    Ok(IssuedTokens {
        access_token: context.tokens.access_token(session, now)?,
        expires_in: settings.access_ttl.as_secs(),
        refresh_token: refresh.token.to_string(),
        refresh_expires_in: settings.refresh_ttl.as_secs(),
        device_token: None,
    })
}

/// How long a lost answer may be asked for again: a client that heard nothing tries again
/// within seconds, and a phone that changes networks within half a minute.
const REPEAT_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// Uses up a refresh token and returns the next pair. Unknown, expired, used and revoked tokens get
/// the same answer. Presenting a used one ends the session.
///
/// With a `retry_key` the next token follows from the used one, the key of the client and a key of
/// the deployment. Nothing more is stored. The same token and key within [`REPEAT_WITHIN`] give the
/// same next token, whose hash is stored already. The token without the key gives another one and
/// ends the session, as without any key.
///
/// # Errors
/// [`Error::RefreshToken`] when it renews nothing, or a failure of ours.
pub async fn refresh(
    context: &Context,
    presented: &str,
    retry_key: Option<&RetryKey>,
    origin: &Origin,
) -> Result<SignedIn> {
    let now = context.now();
    let next = match retry_key {
        Some(key) => {
            let parts = [presented.as_bytes(), key.expose_secret().as_bytes()];
            let bits = context.hashes.of(HashPurpose::NextRefreshToken, &parts);
            OpaqueToken::of(&bits)
        }
        None => OpaqueToken::random()?,
    };
    let rotation = context
        .store
        .rotate_refresh_token(
            opaque::hash(presented),
            next.hash,
            now,
            context.tokens.refresh_expiry(now),
            context.tokens.longest_session(),
            retry_key.map(|_| REPEAT_WITHIN),
        )
        .await?;
    let kind = match rotation {
        Rotation::Repeated(_) => EventKind::RefreshRepeated,
        _ => EventKind::Refreshed,
    };
    match rotation {
        Rotation::Rotated(renewed) | Rotation::Repeated(renewed) => {
            let Renewed { user, session, auth_time, acr, attested, client: _ } = renewed;
            let session = Session { user: user.id, id: session, auth_time, acr, attested };
            let tokens = issue(context, &session, &next, now)?;
            let origin = origin.by(Actor::Session(session.id));
            origin.log(kind, Subject::Account(user.id));
            Ok(SignedIn { user, tokens })
        }
        // The sender of an invalid token has proved nothing, not even that the token was theirs.
        Rotation::Reused(of) => refuse(Denied {
            kind: EventKind::RefreshReused,
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..Denied::credentials("refresh_token_used")
        }),
        Rotation::Expired(of) => refuse(Denied {
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..Denied::credentials("refresh_token_expired")
        }),
        Rotation::Unknown => refuse(Denied::credentials("refresh_token_unknown")),
    }
}

fn refuse<T>(denied: Denied) -> Result<T> {
    Err(Error::RefreshToken(Box::new(denied)))
}

/// Ends the session of a refresh token. An unknown token is no error (RFC 7009, 2.2).
///
/// # Errors
/// A failure of ours.
pub async fn revoke(context: &Context, presented: &str, origin: &Origin) -> Result<()> {
    let revoked = context.store.revoke_session(opaque::hash(presented), context.now());
    if let Some(of) = revoked.await? {
        origin.by(Actor::Session(of.session)).log(EventKind::SignedOut, Subject::Account(of.user));
    }
    Ok(())
}
