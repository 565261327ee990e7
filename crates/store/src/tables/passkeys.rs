//! Passkeys: public keys of devices, a row each.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::authentication::PasskeyKind;
use faceauth_domain::second_factor::PasskeyName;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::passkeys;
use crate::tables::rows;

/// A passkey to be stored.
#[derive(Clone)]
pub struct NewPasskey {
    /// The row.
    pub id: Uuid,
    /// The public half.
    pub credential: StoredCredential,
    /// What its owner calls it.
    pub name: PasskeyName,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// The public half of a passkey.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCredential {
    /// The identifier that its device chose.
    pub id: Vec<u8>,
    /// Public key and flags; kept as given.
    pub record: String,
    /// The device's count of signatures.
    pub counter: u32,
    /// What is known of the device.
    pub kind: PasskeyKind,
}

/// A passkey without its key: what its owner sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// The row.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// What is known of the device.
    pub kind: PasskeyKind,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it last signed its owner in.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for StoredCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCredential").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewPasskey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPasskey").field("id", &self.id).finish_non_exhaustive()
    }
}

fn kind(word: &str) -> Result<PasskeyKind, StoreError> {
    let known = PasskeyKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    known.ok_or_else(|| rows::malformed("kind of a passkey"))
}

/// Stores a passkey.
pub(crate) async fn insert(
    connection: &mut Link,
    user: UserId,
    passkey: &NewPasskey,
) -> QueryResult<usize> {
    let NewPasskey { id, credential, name, created_at } = passkey;
    diesel::insert_into(passkeys::table)
        .values((
            passkeys::user_id.eq(user.0),
            passkeys::id.eq(id),
            passkeys::credential_id.eq(&credential.id),
            passkeys::credential.eq(&credential.record),
            passkeys::counter.eq(i64::from(credential.counter)),
            passkeys::kind.eq(credential.kind.as_str()),
            passkeys::name.eq(name.as_str()),
            passkeys::created_at.eq(created_at),
        ))
        .execute(connection)
        .await
}

/// Whether an account has a passkey.
pub(crate) async fn any(mut connection: &Link, user: UserId) -> QueryResult<bool> {
    let of_user = passkeys::table.filter(passkeys::user_id.eq(user.0));
    diesel::select(exists(of_user)).get_result(&mut connection).await
}

/// How many passkeys an account has.
pub(crate) async fn count(connection: &mut Link, user: UserId) -> QueryResult<i64> {
    passkeys::table.filter(passkeys::user_id.eq(user.0)).count().get_result(connection).await
}

type CredentialRow = (Vec<u8>, String, i64, String);

fn credential(row: CredentialRow) -> Result<StoredCredential, StoreError> {
    let (id, record, counter, word) = row;
    let counter = counter.try_into().map_err(|_| rows::malformed("counter of a passkey"))?;
    Ok(StoredCredential { id, record, counter, kind: kind(&word)? })
}

/// The public halves of an account's passkeys, the oldest first.
pub(crate) async fn credentials(
    connection: &mut Link,
    user: UserId,
) -> Result<Vec<StoredCredential>, StoreError> {
    let rows: Vec<CredentialRow> = passkeys::table
        .filter(passkeys::user_id.eq(user.0))
        .order((passkeys::created_at, passkeys::id))
        .select((passkeys::credential_id, passkeys::credential, passkeys::counter, passkeys::kind))
        .load(connection)
        .await?;
    rows.into_iter().map(credential).collect()
}

/// The public half of a passkey of an account.
pub(crate) async fn find(
    connection: &mut Link,
    user: UserId,
    credential_id: &[u8],
) -> Result<Option<StoredCredential>, StoreError> {
    let row: Option<CredentialRow> = passkeys::table
        .filter(passkeys::user_id.eq(user.0))
        .filter(passkeys::credential_id.eq(credential_id))
        .select((passkeys::credential_id, passkeys::credential, passkeys::counter, passkeys::kind))
        .first(connection)
        .await
        .optional()?;
    row.map(credential).transpose()
}

/// Notes that a passkey of an account was used. `false`, and nothing changes, when it is gone or
/// when its counter did not rise: a device that counts never gives a count twice (WebAuthn Level 3,
/// 6.1.1).
pub(crate) async fn used(
    connection: &mut Link,
    user: UserId,
    credential_id: &[u8],
    counter: u32,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let counter = i64::from(counter);
    let rises = passkeys::counter.lt(counter);
    let uncounted = passkeys::counter.eq(0).and(passkeys::counter.eq(counter));
    let row = passkeys::table
        .filter(passkeys::user_id.eq(user.0))
        .filter(passkeys::credential_id.eq(credential_id))
        .filter(rises.or(uncounted));
    let changed = diesel::update(row)
        .set((passkeys::counter.eq(counter), passkeys::last_used_at.eq(now)))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// The passkeys of an account, the oldest first.
pub(crate) async fn records(
    connection: &mut Link,
    user: UserId,
) -> Result<Vec<PasskeyRecord>, StoreError> {
    type Row = (Uuid, String, String, DateTime<Utc>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = passkeys::table
        .filter(passkeys::user_id.eq(user.0))
        .order((passkeys::created_at, passkeys::id))
        .select((
            passkeys::id,
            passkeys::name,
            passkeys::kind,
            passkeys::created_at,
            passkeys::last_used_at,
        ))
        .load(connection)
        .await?;
    let record = |(id, name, word, created_at, last_used_at): Row| {
        Ok(PasskeyRecord { id, name, kind: kind(&word)?, created_at, last_used_at })
    };
    rows.into_iter().map(record).collect()
}

/// Deletes a passkey of an account. `false` when it has no such one.
pub(crate) async fn delete(connection: &mut Link, user: UserId, id: Uuid) -> QueryResult<bool> {
    let row = passkeys::table.find((user.0, id));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

/// Deletes every passkey of an account.
pub(crate) async fn delete_all(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    let rows = passkeys::table.filter(passkeys::user_id.eq(user.0));
    diesel::delete(rows).execute(connection).await
}
