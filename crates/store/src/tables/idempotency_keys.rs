//! Idempotency keys: which request used one, and which account it made.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::User;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::idempotency_keys;

/// How long a key is remembered: longer than a client retries one request, short
/// enough that a replay cannot be used as a sign-in.
pub const IDEMPOTENCY_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// How long a key of a batch is remembered: a service that sends thousands of people may resume the
/// next morning. A batch signs nobody in, and neither does its replay.
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

/// `idempotency_keys.request_digest`, `.user_id`, `.created_at`.
pub(crate) type KeyRow = (Vec<u8>, Uuid, DateTime<Utc>);

/// The row of a key.
pub(crate) async fn find(connection: &mut Link, key: &Idempotency) -> QueryResult<Option<KeyRow>> {
    idempotency_keys::table
        .find(&key.key_hash[..])
        .select((
            idempotency_keys::request_digest,
            idempotency_keys::user_id,
            idempotency_keys::created_at,
        ))
        .first(connection)
        .await
        .optional()
}

/// Deletes the row of a key that was used at or before `oldest`.
pub(crate) async fn forget(
    connection: &mut Link,
    key: &Idempotency,
    oldest: DateTime<Utc>,
) -> QueryResult<usize> {
    let row = idempotency_keys::table
        .find(&key.key_hash[..])
        .filter(idempotency_keys::created_at.le(oldest));
    diesel::delete(row).execute(connection).await
}

/// Stores that a request with this key made an account.
pub(crate) async fn insert(
    connection: &mut Link,
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

/// Whether a key has been used.
pub(crate) async fn exists(connection: &mut Link, key: &Idempotency) -> Result<bool, StoreError> {
    let row = idempotency_keys::table.find(&key.key_hash[..]);
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(connection).await?)
}
