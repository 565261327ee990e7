//! Sessions: the tokens of a sign-in and their renewal.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::decision::Assurance;
use faceauth_domain::user::{User, UserId};
use faceauth_store::tokens::{NewRefreshToken, Renewed, Rotation};
use secrecy::{ExposeSecret, SecretString};

use uuid::Uuid;

use super::device;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, Denied, EventKind, Source, Subject};
use crate::state::{AppState, HashPurpose};
use crate::tokens::{self, FreshRefreshToken, IssuedTokens, Session, TokenIssuer};

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub user: User,
    pub tokens: IssuedTokens,
}

/// What a client chose for one renewal and has told nobody else.
pub(crate) struct RetryKey(SecretString);

impl RetryKey {
    /// A key of 43 to 128 unreserved characters, as of a code verifier (RFC 7636, 4.1). `None`
    /// for anything else.
    pub(crate) fn parse(text: String) -> Option<Self> {
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
    refresh: FreshRefreshToken,
    /// The row to store in the transaction that makes the session real.
    pub row: NewRefreshToken,
}

/// Prepares a session for `user`, who has shown `assurance` at `auth_time`.
pub(crate) fn begin(
    state: &AppState,
    user: UserId,
    assurance: Assurance,
    auth_time: DateTime<Utc>,
    now: DateTime<Utc>,
) -> ApiResult<PendingSession> {
    let acr = tokens::acr(assurance);
    let session = Session { user, id: state.new_id(), auth_time, acr };
    let refresh = TokenIssuer::fresh_refresh_token()?;
    let row = state.tokens.refresh_row(&session, refresh.hash, now);
    Ok(PendingSession { session, refresh, row })
}

impl PendingSession {
    /// The tokens, once the row is stored. `known` is the device, when it has signed in to
    /// this account before.
    pub(crate) fn issue(
        &self,
        state: &AppState,
        now: DateTime<Utc>,
        known: Option<Uuid>,
    ) -> ApiResult<IssuedTokens> {
        let device_token = device::token(state, self.session.user, known)?;
        let tokens = state.tokens.issue(&self.session, &self.refresh, now)?;
        Ok(IssuedTokens { device_token: Some(device_token), ..tokens })
    }
}

/// How long a lost answer may be asked for again: a client that heard nothing tries again
/// within seconds, and a phone that changes networks within half a minute.
const REPEAT_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// Uses up a refresh token and answers the next pair. Unknown, expired, used and revoked
/// tokens are told apart inside only; presenting a used one ends the session.
///
/// With a `retry_key` the next token follows from the used one, the key of the client and a key of
/// the deployment. Nothing more is stored: who sends the same two again within [`REPEAT_WITHIN`]
/// makes the same token, whose hash is there. Whoever has the token without the key makes another
/// one, and ends the session as without any key.
pub(crate) async fn refresh(
    state: &AppState,
    presented: &str,
    retry_key: Option<&RetryKey>,
    source: Source,
) -> ApiResult<SignedIn> {
    let now = state.now();
    let next = match retry_key {
        Some(key) => {
            let parts = [presented.as_bytes(), key.expose_secret().as_bytes()];
            let bits = state.keyed_hash(HashPurpose::NextRefreshToken, &parts);
            FreshRefreshToken::of(&bits)
        }
        None => TokenIssuer::fresh_refresh_token()?,
    };
    let rotation = state
        .store
        .rotate_refresh_token(
            tokens::hash_refresh_token(presented),
            next.hash,
            now,
            state.tokens.refresh_expiry(now),
            state.tokens.longest_session(),
            retry_key.map(|_| REPEAT_WITHIN),
        )
        .await?;
    let kind = match rotation {
        Rotation::Repeated(_) => EventKind::RefreshRepeated,
        _ => EventKind::Refreshed,
    };
    match rotation {
        Rotation::Rotated(renewed) | Rotation::Repeated(renewed) => {
            let Renewed { user, session, auth_time, acr } = renewed;
            let session = Session { user: user.id, id: session, auth_time, acr };
            let tokens = state.tokens.issue(&session, &next, now)?;
            let origin = source.by(Actor::Session(session.id));
            origin.log(kind, Subject::Account(user.id));
            Ok(SignedIn { user, tokens })
        }
        // Whoever sends a token that is not good has proved nothing, not even that it was theirs.
        Rotation::Reused(of) => refused(Denied {
            kind: EventKind::RefreshReused,
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..Denied::credentials("refresh_token_used")
        }),
        Rotation::Expired(of) => refused(Denied {
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..Denied::credentials("refresh_token_expired")
        }),
        Rotation::Unknown => refused(Denied::credentials("refresh_token_unknown")),
    }
}

fn refused<T>(denied: Denied) -> ApiResult<T> {
    Err(ApiError::new(ErrorCode::TokenInvalid).denied(denied))
}

/// Ends the session of a refresh token. An unknown token is no error (RFC 7009, 2.2).
pub(crate) async fn revoke(state: &AppState, presented: &str, source: Source) -> ApiResult<()> {
    let revoked = state.store.revoke_session(tokens::hash_refresh_token(presented), state.now());
    if let Some(of) = revoked.await? {
        source.by(Actor::Session(of.session)).log(EventKind::SignedOut, Subject::Account(of.user));
    }
    Ok(())
}
