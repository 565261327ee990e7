//! Sessions: the tokens of a sign-in and their renewal.

use chrono::{DateTime, Utc};
use faceauth_domain::decision::Assurance;
use faceauth_domain::user::{User, UserId};
use faceauth_store::tokens::{NewRefreshToken, Rotation};

use uuid::Uuid;

use super::device;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, Denied, EventKind, Source, Subject};
use crate::state::AppState;
use crate::tokens::{self, FreshRefreshToken, IssuedTokens, Session, TokenIssuer};

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub user: User,
    pub tokens: IssuedTokens,
}

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

/// Uses up a refresh token and answers the next pair. Unknown, expired, used and revoked
/// tokens are told apart inside only; presenting a used one ends the session.
pub(crate) async fn refresh(
    state: &AppState,
    presented: &str,
    source: Source,
) -> ApiResult<SignedIn> {
    let now = state.now();
    let next = TokenIssuer::fresh_refresh_token()?;
    let rotation = state
        .store
        .rotate_refresh_token(
            tokens::hash_refresh_token(presented),
            next.hash,
            now,
            state.tokens.refresh_expiry(now),
            state.tokens.longest_session(),
        )
        .await?;
    match rotation {
        Rotation::Rotated { user, session, auth_time, acr } => {
            let session = Session { user: user.id, id: session, auth_time, acr };
            let tokens = state.tokens.issue(&session, &next, now)?;
            let origin = source.by(Actor::Session(session.id));
            origin.log(EventKind::Refreshed, Subject::Account(user.id));
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
