//! Forgetting what has expired.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::pool::Store;
use crate::{idempotency, tokens};

impl Store {
    /// Deletes sessions [`tokens::REFRESH_TOKEN_RETENTION`] past their expiry and
    /// idempotency keys past [`idempotency::IDEMPOTENCY_WINDOW`], and returns how many
    /// rows went. Safe to run on every replica at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut connection = self.connection().await?;
        let tokens = tokens::sweep(&mut connection, now).await?;
        let keys = idempotency::sweep(&mut connection, now).await?;
        Ok((tokens + keys) as u64)
    }
}
