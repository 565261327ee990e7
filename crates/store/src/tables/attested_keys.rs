//! Keys of devices that are attested once and then sign with a counter that rises.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::Username;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::attested_keys;
use crate::tables::rows;

/// How long a key is kept after its last use. An app whose key was forgotten makes another one.
pub const ATTESTED_KEY_RETENTION: TimeDelta = TimeDelta::days(180);

/// A key that was attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedKey {
    /// SHA-256 of the public key.
    pub id: [u8; 32],
    /// The point on P-256, uncompressed: 65 bytes.
    pub public_key: Vec<u8>,
    /// SHA-256 of the name of the app.
    pub app: [u8; 32],
    /// The last counter.
    pub counter: u32,
}

/// A row of `attested_keys`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = attested_keys)]
struct KeyRow {
    id: Vec<u8>,
    public_key: Vec<u8>,
    app: Vec<u8>,
    counter: i64,
}

impl KeyRow {
    fn key(self) -> Result<AttestedKey, StoreError> {
        let malformed = || rows::malformed("attested key");
        Ok(AttestedKey {
            id: self.id.try_into().map_err(|_| malformed())?,
            public_key: self.public_key,
            app: self.app.try_into().map_err(|_| malformed())?,
            counter: self.counter.try_into().map_err(|_| malformed())?,
        })
    }
}

/// A key.
pub(crate) async fn find(
    connection: &mut Link,
    id: &[u8; 32],
) -> Result<Option<AttestedKey>, StoreError> {
    let row: Option<KeyRow> = attested_keys::table
        .find(&id[..])
        .select(KeyRow::as_select())
        .first(connection)
        .await
        .optional()?;
    row.map(KeyRow::key).transpose()
}

/// Stores a key. `false`, and nothing changes, when it is known.
pub(crate) async fn insert(
    connection: &mut Link,
    key: &AttestedKey,
    username: Option<&Username>,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let stored = diesel::insert_into(attested_keys::table)
        .values((
            attested_keys::id.eq(&key.id[..]),
            attested_keys::public_key.eq(&key.public_key),
            attested_keys::app.eq(&key.app[..]),
            attested_keys::counter.eq(i64::from(key.counter)),
            attested_keys::username.eq(username.map(Username::as_str)),
            attested_keys::created_at.eq(now),
            attested_keys::last_used_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(stored == 1)
}

/// Raises the counter of a key. `false`, and nothing changes, when there is no such key, or its
/// counter is as high already. The `WHERE` is checked again under the row's lock, so of several
/// that give the same counter one wins.
pub(crate) async fn raise(
    connection: &mut Link,
    id: &[u8; 32],
    counter: u32,
    username: Option<&Username>,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let counter = i64::from(counter);
    let raised = diesel::update(attested_keys::table.find(&id[..]))
        .filter(attested_keys::counter.lt(counter))
        .set((
            attested_keys::counter.eq(counter),
            username.map(|name| attested_keys::username.eq(name.as_str())),
            attested_keys::last_used_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(raised == 1)
}

/// How many keys last signed for a name.
pub(crate) async fn count_of_name(connection: &mut Link, username_key: &str) -> QueryResult<i64> {
    attested_keys::table
        .filter(attested_keys::username_key.eq(username_key))
        .count()
        .get_result(connection)
        .await
}

/// Deletes the keys that last signed for a name.
pub(crate) async fn delete_of_name(
    connection: &mut Link,
    username_key: &str,
) -> QueryResult<usize> {
    let theirs = attested_keys::username_key.eq(username_key);
    diesel::delete(attested_keys::table.filter(theirs)).execute(connection).await
}
