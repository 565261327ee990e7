//! Keys of devices that are attested once, with counters that rise.
//!
//! A key has no `user_id`, because a device may serve several people, and sign before any of them
//! has an account. It has the name it last signed for, and goes with the account of that name.

use chrono::{DateTime, Utc};
use faceauth_domain::user::Username;

use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::attested_keys;

pub use crate::tables::attested_keys::{ATTESTED_KEY_RETENTION, AttestedKey};

impl Store {
    /// A key that was attested; `None` when it is unknown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attested_key(&self, id: [u8; 32]) -> Result<Option<AttestedKey>, StoreError> {
        let mut connection = self.connection().await?;
        attested_keys::find(&mut connection, &id).await
    }

    /// Stores a key that was attested, for a capture of `username`. `false`, and nothing changes,
    /// when it is known: a key is attested once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_attested_key(
        &self,
        key: &AttestedKey,
        username: Option<&Username>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(attested_keys::insert(&mut connection, key, username, now).await?)
    }

    /// Raises the counter of a key that has signed a capture of `username`. `false`, and nothing
    /// changes, when the key is unknown or its counter is as high already. Of many that give one
    /// counter, at however many replicas, one wins.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn raise_attested_counter(
        &self,
        id: [u8; 32],
        counter: u32,
        username: Option<&Username>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(attested_keys::raise(&mut connection, &id, counter, username, now).await?)
    }
}
