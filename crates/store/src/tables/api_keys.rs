//! Keys of services that call us.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::scope::Scope;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::api_keys;
use crate::tables::rows;

/// How exact the time of the last use is: a key that is used a thousand times a second is
/// written down once in so long.
const LAST_USED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A key to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Identifier.
    pub id: Uuid,
    /// Names the key; part of it, and no secret.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub secret_hash: [u8; 32],
    /// Whose it is, for people.
    pub label: String,
    /// What it may do, at least one.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The time at which it becomes invalid.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// A stored key without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key.
    pub prefix: String,
    /// Whose it is.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The time at which it becomes invalid.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whether a presented key is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUse {
    /// It is good.
    Good(ApiKey),
    /// There is no such key.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
struct ApiKeyRow {
    prefix: String,
    label: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl ApiKeyRow {
    fn key(self) -> Result<ApiKey, StoreError> {
        let scopes = self.scopes.iter().map(|word| word.parse());
        Ok(ApiKey {
            prefix: self.prefix,
            label: self.label,
            scopes: scopes.collect::<Result<_, _>>().map_err(|_| rows::malformed("scope"))?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }
}

impl Store {
    /// Stores a key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_api_key(&self, key: &NewApiKey) -> Result<(), StoreError> {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let mut connection = self.connection().await?;
        diesel::insert_into(api_keys::table)
            .values((
                api_keys::id.eq(key.id),
                api_keys::prefix.eq(&key.prefix),
                api_keys::secret_hash.eq(&key.secret_hash[..]),
                api_keys::label.eq(&key.label),
                api_keys::scopes.eq(scopes),
                api_keys::created_at.eq(key.created_at),
                api_keys::expires_at.eq(key.expires_at),
            ))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let mut connection = self.connection().await?;
        let rows: Vec<ApiKeyRow> = api_keys::table
            .order((api_keys::created_at, api_keys::prefix))
            .select(ApiKeyRow::as_select())
            .load(&mut connection)
            .await?;
        rows.into_iter().map(ApiKeyRow::key).collect()
    }

    /// Takes a key back. `false` when there is no such key, or it was taken back before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_api_key(
        &self,
        prefix: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        let key = api_keys::table
            .filter(api_keys::prefix.eq(prefix))
            .filter(api_keys::revoked_at.is_null());
        let revoked =
            diesel::update(key).set(api_keys::revoked_at.eq(now)).execute(&mut connection).await?;
        Ok(revoked == 1)
    }

    /// Whether the key with this hash is valid at `now`. Records the use of a valid one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_api_key(
        &self,
        secret_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<KeyUse, StoreError> {
        let mut connection = self.connection().await?;
        let row: Option<ApiKeyRow> = api_keys::table
            .filter(api_keys::secret_hash.eq(&secret_hash[..]))
            .select(ApiKeyRow::as_select())
            .first(&mut connection)
            .await
            .optional()?;
        let Some(row) = row else { return Ok(KeyUse::Unknown) };
        let key = row.key()?;
        if key.revoked_at.is_some() {
            return Ok(KeyUse::Revoked);
        }
        if key.expires_at.is_some_and(|end| end <= now) {
            return Ok(KeyUse::Expired);
        }
        if key.last_used_at.is_none_or(|last| now - last >= LAST_USED_EVERY) {
            diesel::update(api_keys::table.filter(api_keys::prefix.eq(&key.prefix)))
                .set(api_keys::last_used_at.eq(now))
                .execute(&mut connection)
                .await?;
        }
        Ok(KeyUse::Good(key))
    }
}
