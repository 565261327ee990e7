//! Which registration an `Idempotency-Key` made.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::enrol as users;
use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::idempotency_keys;
use crate::tables::templates::{self, FaceRecord};

/// How long a key is remembered: longer than a client retries one request, short
/// enough that a replay cannot be used as a sign-in.
pub const IDEMPOTENCY_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// How long a key of a batch is remembered: whoever sends thousands of people resumes the next
/// morning. Nobody is signed in by a batch, so nobody is by its replay.
pub const BATCH_IDEMPOTENCY_WINDOW: TimeDelta = TimeDelta::hours(24);

/// A client's key and the request it came with, as hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Hash of the key.
    pub key_hash: [u8; 32],
    /// Digest of the request.
    pub request_digest: [u8; 32],
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Idempotency(..)")
    }
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// Not used within the window.
    Fresh,
    /// The same request made this account.
    Same(Box<Replayed>),
    /// Another request used the key.
    Conflict,
}

/// What a registration made, as far as it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The account.
    pub user: User,
    /// The references it enrolled; none after a reset or a withdrawal.
    pub faces: Vec<FaceRecord>,
}

impl Store {
    /// What is known about `key` at `now`. A key older than `window` is forgotten, so that it can
    /// be used again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replayed_enrolment(
        &self,
        key: &Idempotency,
        window: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Replay, StoreError> {
        let mut connection = self.connection().await?;
        let row: Option<(Vec<u8>, Uuid, DateTime<Utc>)> = idempotency_keys::table
            .find(&key.key_hash[..])
            .select((
                idempotency_keys::request_digest,
                idempotency_keys::user_id,
                idempotency_keys::created_at,
            ))
            .first(&mut connection)
            .await
            .optional()?;
        let oldest = now - window;
        Ok(match row {
            None => Replay::Fresh,
            Some((_, _, created_at)) if created_at <= oldest => {
                diesel::delete(
                    idempotency_keys::table
                        .find(&key.key_hash[..])
                        .filter(idempotency_keys::created_at.le(oldest)),
                )
                .execute(&mut connection)
                .await?;
                Replay::Fresh
            }
            Some((digest, user, _)) if digest == key.request_digest => {
                let Some((user, _)) = users::by_id(&mut connection, UserId(user)).await? else {
                    return Ok(Replay::Fresh);
                };
                let mut faces = templates::records(&mut connection, user.id).await?;
                faces.retain(|face| face.created_at == user.created_at);
                Replay::Same(Box::new(Replayed { user, faces }))
            }
            Some(_) => Replay::Conflict,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    key: &Idempotency,
    user: &User,
) -> QueryResult<usize> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::key_hash.eq(&key.key_hash[..]),
            idempotency_keys::request_digest.eq(&key.request_digest[..]),
            idempotency_keys::user_id.eq(user.id.0),
            idempotency_keys::created_at.eq(user.created_at),
        ))
        .execute(connection)
        .await
}

pub(crate) async fn exists(
    connection: &mut AsyncPgConnection,
    key: &Idempotency,
) -> Result<bool, StoreError> {
    let row = idempotency_keys::table.find(&key.key_hash[..]);
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(connection).await?)
}
