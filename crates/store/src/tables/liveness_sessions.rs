//! Liveness sessions, each with at most one nonce.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::challenge::{Action, Binding, Challenge, ClaimedChallenge, Kinds, Purpose};
use faceauth_domain::user::Username;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::liveness_sessions;
use crate::tables::rows;

/// How long a session is kept after its end. A late client then learns that the session has
/// expired, and not that it never existed.
pub const LIVENESS_SESSION_RETENTION: TimeDelta = TimeDelta::minutes(10);

/// A session to be opened, with its first attempt.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Identifier.
    pub id: Uuid,
    /// SHA-256 of the nonce of the first attempt.
    pub nonce_hash: [u8; 32],
    /// What it is for.
    pub binding: Binding,
    /// The kinds its challenges are drawn from.
    pub kinds: Kinds,
    /// The steps of the first attempt.
    pub challenge: Challenge,
    /// When they were handed out.
    pub issued_at: DateTime<Utc>,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Attempts it allows, the first one included; at least one.
    pub attempts_left: u8,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .field("attempts_left", &self.attempts_left)
            .finish_non_exhaustive()
    }
}

/// A row of `liveness_sessions`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = liveness_sessions)]
pub(crate) struct SessionRow {
    pub(crate) nonce_hash: Option<Vec<u8>>,
    username: Option<String>,
    purpose: Option<String>,
    kinds: Vec<String>,
    steps: Vec<String>,
    issued_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    attempts_left: i16,
}

impl SessionRow {
    /// The session as its claimant has it: with one attempt less.
    pub(crate) fn claimed(self, session: Uuid) -> Result<ClaimedChallenge, StoreError> {
        let kinds = Kinds::new(&actions(&self.kinds)?);
        let attempts_left = u8::try_from(self.attempts_left).ok().and_then(|n| n.checked_sub(1));
        Ok(ClaimedChallenge {
            session,
            binding: rows::binding(self.username, self.purpose)?,
            kinds: kinds.map_err(|_| rows::malformed("list of kinds"))?,
            challenge: Challenge::from_steps(actions(&self.steps)?),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            attempts_left: attempts_left.ok_or_else(|| rows::malformed("number of attempts"))?,
        })
    }
}

/// Stores a session.
pub(crate) async fn insert(connection: &mut Link, session: &NewSession) -> QueryResult<usize> {
    let Binding { username, purpose } = &session.binding;
    diesel::insert_into(liveness_sessions::table)
        .values((
            liveness_sessions::id.eq(session.id),
            liveness_sessions::nonce_hash.eq(&session.nonce_hash[..]),
            liveness_sessions::username.eq(username.as_ref().map(Username::as_str)),
            liveness_sessions::purpose.eq(purpose.map(Purpose::as_str)),
            liveness_sessions::kinds.eq(words(session.kinds.actions())),
            liveness_sessions::steps.eq(words(session.challenge.steps())),
            liveness_sessions::issued_at.eq(session.issued_at),
            liveness_sessions::expires_at.eq(session.expires_at),
            liveness_sessions::attempts_left.eq(i16::from(session.attempts_left)),
        ))
        .execute(connection)
        .await
}

/// Locks a session until the transaction ends, and returns it.
pub(crate) async fn lock(connection: &mut Link, id: Uuid) -> QueryResult<Option<SessionRow>> {
    liveness_sessions::table
        .find(id)
        .select(SessionRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
}

/// Takes the nonce and one attempt off a session that is locked.
pub(crate) async fn spend(connection: &mut Link, claimed: &ClaimedChallenge) -> QueryResult<usize> {
    diesel::update(liveness_sessions::table.find(claimed.session))
        .set((
            liveness_sessions::nonce_hash.eq(None::<&[u8]>),
            liveness_sessions::attempts_left.eq(i16::from(claimed.attempts_left)),
        ))
        .execute(connection)
        .await
}

/// Gives the nonce and the attempt back that [`spend`] took. `false`, and nothing changes, when
/// the session has gone on or has ended since.
pub(crate) async fn restore(
    connection: &mut Link,
    claimed: &ClaimedChallenge,
    nonce_hash: [u8; 32],
) -> QueryResult<bool> {
    let left = i16::from(claimed.attempts_left);
    let restored = diesel::update(liveness_sessions::table.find(claimed.session))
        .filter(liveness_sessions::nonce_hash.is_null())
        .filter(liveness_sessions::attempts_left.eq(left))
        .set((
            liveness_sessions::nonce_hash.eq(&nonce_hash[..]),
            liveness_sessions::attempts_left.eq(left + 1),
        ))
        .execute(connection)
        .await?;
    Ok(restored == 1)
}

/// Gives a session whose nonce is spent the next one, with its steps. `false`, and nothing
/// changes, when it is over or expired at `issued_at`, or its nonce is not spent.
pub(crate) async fn renew(
    connection: &mut Link,
    id: Uuid,
    nonce_hash: [u8; 32],
    challenge: &Challenge,
    issued_at: DateTime<Utc>,
) -> QueryResult<bool> {
    let renewed = diesel::update(liveness_sessions::table.find(id))
        .filter(liveness_sessions::nonce_hash.is_null())
        .filter(liveness_sessions::attempts_left.gt(0))
        .filter(liveness_sessions::expires_at.gt(issued_at))
        .set((
            liveness_sessions::nonce_hash.eq(&nonce_hash[..]),
            liveness_sessions::steps.eq(words(challenge.steps())),
            liveness_sessions::issued_at.eq(issued_at),
        ))
        .execute(connection)
        .await?;
    Ok(renewed == 1)
}

/// Ends a session whose nonce is spent, because a person who was found live needs no further
/// attempt. `false` when there is no such session.
pub(crate) async fn end(connection: &mut Link, id: Uuid) -> QueryResult<bool> {
    let ended = diesel::update(liveness_sessions::table.find(id))
        .filter(liveness_sessions::nonce_hash.is_null())
        .set(liveness_sessions::attempts_left.eq(0))
        .execute(connection)
        .await?;
    Ok(ended == 1)
}

/// How many sessions are bound to a name.
pub(crate) async fn count_of_name(connection: &mut Link, username_key: &str) -> QueryResult<i64> {
    liveness_sessions::table
        .filter(liveness_sessions::username_key.eq(username_key))
        .count()
        .get_result(connection)
        .await
}

/// Deletes the sessions that are bound to a name.
pub(crate) async fn delete_of_name(
    connection: &mut Link,
    username_key: &str,
) -> QueryResult<usize> {
    let bound = liveness_sessions::username_key.eq(username_key);
    diesel::delete(liveness_sessions::table.filter(bound)).execute(connection).await
}

fn words(actions: &[Action]) -> Vec<&'static str> {
    actions.iter().map(|action| action.as_str()).collect()
}

fn actions(words: &[String]) -> Result<Vec<Action>, StoreError> {
    let action = |word: &String| Action::parse(word).ok_or_else(|| rows::malformed("step"));
    words.iter().map(action).collect()
}
