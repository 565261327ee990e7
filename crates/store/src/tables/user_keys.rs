//! The rows that hold a person's key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::user_keys;
use crate::seal::{SealError, Sealed, Sealer, UserKey};

/// `user_keys.id`, `.key_id`, `.wrapped`.
pub(crate) type WrappedKey = (Uuid, String, Vec<u8>);

/// Opens a person's key.
pub(crate) fn unwrap(
    sealer: &Sealer,
    user: UserId,
    (id, key_id, wrapped): &WrappedKey,
) -> Result<UserKey, SealError> {
    sealer.unwrap_key(user, *id, key_id, wrapped)
}

/// Stores a person's key.
pub(crate) async fn insert(
    connection: &mut Link,
    user: UserId,
    key: &UserKey,
    wrapped: &Sealed,
    created_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(user_keys::table)
        .values((
            user_keys::user_id.eq(user.0),
            user_keys::id.eq(key.id()),
            user_keys::key_id.eq(&wrapped.key_id),
            user_keys::wrapped.eq(&wrapped.bytes),
            user_keys::created_at.eq(created_at),
        ))
        .execute(connection)
        .await
}

/// The key of a person whose account is locked; a new one when there is none.
pub(crate) async fn of_locked(
    connection: &mut Link,
    sealer: &Sealer,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<UserKey, StoreError> {
    let row: Option<WrappedKey> = user_keys::table
        .find(user.0)
        .select((user_keys::id, user_keys::key_id, user_keys::wrapped))
        .first(connection)
        .await
        .optional()?;
    if let Some(row) = row {
        return Ok(unwrap(sealer, user, &row)?);
    }
    let key = UserKey::generate()?;
    let wrapped = sealer.wrap(user, &key)?;
    insert(connection, user, &key, &wrapped, now).await?;
    Ok(key)
}

/// Destroys a person's key, and with it every copy of what it sealed.
pub(crate) async fn destroy(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    diesel::delete(user_keys::table.find(user.0)).execute(connection).await
}
