//! Forgetting what has expired.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::pool::Store;
use crate::{enrolment_tokens, failures, idempotency, liveness, tokens};

impl Store {
    /// Deletes sessions [`tokens::REFRESH_TOKEN_RETENTION`] past their expiry, idempotency
    /// keys past [`idempotency::BATCH_IDEMPOTENCY_WINDOW`], enrolment tokens, liveness grants and frames past theirs
    /// failures past [`failures::FAILURE_RETENTION`] and liveness sessions [`liveness::LIVENESS_SESSION_RETENTION`] past theirs, and returns
    /// how many rows went. Safe to run on every replica at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut connection = self.connection().await?;
        let tokens = tokens::sweep(&mut connection, now).await?;
        let keys = idempotency::sweep(&mut connection, now).await?;
        let liveness = liveness::sweep(&mut connection, now).await?;
        let failures = failures::sweep(&mut connection, now).await?;
        let enrolments = enrolment_tokens::sweep(&mut connection, now).await?;
        Ok((tokens + keys + liveness + failures + enrolments) as u64)
    }
}
