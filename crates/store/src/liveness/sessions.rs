//! Opening, claiming and renewing a session.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::challenge::{Action, Binding, Challenge, ClaimedChallenge, Kinds, Purpose};
use faceauth_domain::user::Username;
use uuid::Uuid;

use super::binding;
use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::liveness_sessions;
use crate::tables::{liveness_frames as frames, rows};

/// How long a session is kept after its end, so that somebody who comes late hears that it
/// has expired, and not that it never was.
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

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The nonce is spent, and this caller alone may answer.
    Claimed {
        /// What was asked for.
        challenge: ClaimedChallenge,
        /// How many of the frames were submitted before, in whatever session.
        replayed: usize,
    },
    /// No such session.
    Unknown,
    /// Its time is over.
    Expired,
    /// The nonce was used before or is another one, or no attempt remains.
    Spent,
    /// The session is bound to somebody or something else. Nothing is spent.
    Foreign,
}

/// A row of `liveness_sessions`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = liveness_sessions)]
struct SessionRow {
    nonce_hash: Option<Vec<u8>>,
    username: Option<String>,
    purpose: Option<String>,
    kinds: Vec<String>,
    steps: Vec<String>,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    attempts_left: i16,
}

impl SessionRow {
    /// The session as its claimant has it: with one attempt less.
    fn claimed(self, session: Uuid) -> Result<ClaimedChallenge, StoreError> {
        let kinds = Kinds::new(&actions(&self.kinds)?);
        let attempts_left = u8::try_from(self.attempts_left).ok().and_then(|n| n.checked_sub(1));
        Ok(ClaimedChallenge {
            session,
            binding: binding(self.username, self.purpose)?,
            kinds: kinds.map_err(|_| rows::malformed("list of kinds"))?,
            challenge: Challenge::from_steps(actions(&self.steps)?),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            attempts_left: attempts_left.ok_or_else(|| rows::malformed("number of attempts"))?,
        })
    }
}

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_liveness_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let Binding { username, purpose } = &session.binding;
        let mut connection = self.connection().await?;
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
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// Spends the nonce of a session and remembers the frames that answer it, in one
    /// transaction: of many claims with one nonce, one wins. `wanted` is who uses the session
    /// for what, when that is known. `digests` are keyed digests of the frames, a few hundred
    /// at most. A claim that fails changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_liveness_session(
        &self,
        id: Uuid,
        nonce_hash: [u8; 32],
        wanted: Option<(&Username, Purpose)>,
        digests: &[[u8; 32]],
        now: DateTime<Utc>,
    ) -> Result<Claim, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                // Locks the session: whoever comes second sees that the nonce is gone.
                let row: Option<SessionRow> = liveness_sessions::table
                    .find(id)
                    .select(SessionRow::as_select())
                    .for_no_key_update()
                    .first(connection)
                    .await
                    .optional()?;
                let Some(row) = row else { return Ok(Claim::Unknown) };
                if row.expires_at <= now {
                    return Ok(Claim::Expired);
                }
                if row.nonce_hash.as_deref() != Some(&nonce_hash[..]) {
                    return Ok(Claim::Spent);
                }
                let challenge = row.claimed(id)?;
                if wanted.is_some_and(|(name, purpose)| !challenge.binding.allows(name, purpose)) {
                    return Ok(Claim::Foreign);
                }
                spend(connection, &challenge).await?;
                let replayed = frames::remember(connection, digests, now).await?;
                Ok(Claim::Claimed { challenge, replayed })
            })
            .await
    }

    /// Gives a session whose attempt failed the nonce and the steps of the next one.
    /// `false`, and nothing changes, when it is over or expired at `issued_at`, or the nonce it
    /// has is not spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_liveness_session(
        &self,
        id: Uuid,
        nonce_hash: [u8; 32],
        challenge: &Challenge,
        issued_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        let renewed = diesel::update(liveness_sessions::table.find(id))
            .filter(liveness_sessions::nonce_hash.is_null())
            .filter(liveness_sessions::attempts_left.gt(0))
            .filter(liveness_sessions::expires_at.gt(issued_at))
            .set((
                liveness_sessions::nonce_hash.eq(&nonce_hash[..]),
                liveness_sessions::steps.eq(words(challenge.steps())),
                liveness_sessions::issued_at.eq(issued_at),
            ))
            .execute(&mut connection)
            .await?;
        Ok(renewed == 1)
    }
}

/// Takes the nonce and one attempt off a session that is locked.
async fn spend(
    connection: &mut AsyncPgConnection,
    claimed: &ClaimedChallenge,
) -> QueryResult<usize> {
    diesel::update(liveness_sessions::table.find(claimed.session))
        .set((
            liveness_sessions::nonce_hash.eq(None::<&[u8]>),
            liveness_sessions::attempts_left.eq(i16::from(claimed.attempts_left)),
        ))
        .execute(connection)
        .await
}

/// Ends a session whose nonce is spent: whoever was found live needs no further attempt.
/// `false` when there is no such session.
pub(super) async fn end(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<bool> {
    let ended = diesel::update(liveness_sessions::table.find(id))
        .filter(liveness_sessions::nonce_hash.is_null())
        .set(liveness_sessions::attempts_left.eq(0))
        .execute(connection)
        .await?;
    Ok(ended == 1)
}

fn words(actions: &[Action]) -> Vec<&'static str> {
    actions.iter().map(|action| action.as_str()).collect()
}

fn actions(words: &[String]) -> Result<Vec<Action>, StoreError> {
    let action = |word: &String| Action::parse(word).ok_or_else(|| rows::malformed("step"));
    words.iter().map(action).collect()
}
