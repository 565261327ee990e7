//! Moving everything to the active key of the deployment, while replicas serve.
//!
//! A person's key is wrapped anew, and the templates that it has sealed stay as they are. So no
//! sign-in and no enrolment can meet a half-changed account. Each batch is a transaction of its
//! own: an interruption loses nothing, and the next run goes on.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::embedding::ModelId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::schema::{templates, user_keys};
use crate::tables::user_keys::{self as keys, WrappedKey};
use crate::tables::users;

/// Persons in one transaction.
const PERSONS_AT_ONCE: i64 = 100;

/// What is not of the active key yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Persons' keys that another key wraps.
    pub keys: i64,
    /// Templates that a key of the deployment sealed itself, as the first release did.
    pub templates: i64,
}

impl Outdated {
    /// Rows together.
    #[must_use]
    pub fn rows(self) -> u64 {
        u64::try_from(self.keys + self.templates).unwrap_or(0)
    }
}

impl Store {
    /// What has still to be resealed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outdated(&self) -> Result<Outdated, StoreError> {
        let mut connection = self.connection().await?;
        let active = self.sealer().active();
        let keys = user_keys::table
            .filter(user_keys::key_id.ne(active))
            .count()
            .get_result(&mut connection)
            .await?;
        let templates = templates::table
            .filter(templates::key_id.eq_any(self.sealer().key_ids()))
            .count()
            .get_result(&mut connection)
            .await?;
        Ok(Outdated { keys, templates })
    }

    /// Moves one batch to the active key and says how many rows it was; 0 when nothing is
    /// left, or others hold the rest.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Sealing`] when a row does not open, which stays as it is.
    pub async fn reseal(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut connection = self.connection().await?;
        let wrapped = connection.transaction(async |c| self.rewrap(c).await).await?;
        if wrapped > 0 {
            return Ok(wrapped);
        }
        connection.transaction(async |c| self.convert(c, now).await).await
    }

    async fn rewrap(&self, connection: &mut Link) -> Result<usize, StoreError> {
        let sealer = self.sealer();
        let rows: Vec<(Uuid, WrappedKey)> = user_keys::table
            .filter(user_keys::key_id.ne(sealer.active()))
            .limit(PERSONS_AT_ONCE)
            .select((user_keys::user_id, (user_keys::id, user_keys::key_id, user_keys::wrapped)))
            .for_update()
            .skip_locked()
            .load(connection)
            .await?;
        for (user, row) in &rows {
            let key = keys::unwrap(sealer, UserId(*user), row)?;
            let wrapped = sealer.wrap(UserId(*user), &key)?;
            diesel::update(user_keys::table.find(user))
                .set((user_keys::key_id.eq(&wrapped.key_id), user_keys::wrapped.eq(&wrapped.bytes)))
                .execute(connection)
                .await?;
        }
        Ok(rows.len())
    }

    /// Gives people whose templates are of the first release a key of their own.
    async fn convert(
        &self,
        connection: &mut Link,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let sealer = self.sealer();
        let people: Vec<Uuid> = templates::table
            .filter(templates::key_id.eq_any(sealer.key_ids()))
            .select(templates::user_id)
            .distinct()
            .limit(PERSONS_AT_ONCE)
            .load(connection)
            .await?;
        let mut converted = 0;
        for user in people.into_iter().map(UserId) {
            if !users::lock(connection, user).await? {
                continue;
            }
            let key = keys::of_locked(connection, sealer, user, now).await?;
            let rows: Vec<(Uuid, String, String, Vec<u8>)> = templates::table
                .filter(templates::user_id.eq(user.0))
                .filter(templates::key_id.eq_any(sealer.key_ids()))
                .select((templates::id, templates::model_id, templates::key_id, templates::sealed))
                .load(connection)
                .await?;
            for (id, model, key_id, bytes) in rows {
                let model = ModelId::new(&model);
                let embedding = sealer.open_template(user, None, &model, &key_id, &bytes)?;
                let sealed = key.seal(user, &embedding)?;
                diesel::update(templates::table.find(id))
                    .set((
                        templates::key_id.eq(&sealed.key_id),
                        templates::sealed.eq(&sealed.bytes),
                    ))
                    .execute(connection)
                    .await?;
                converted += 1;
            }
        }
        Ok(converted)
    }
}
