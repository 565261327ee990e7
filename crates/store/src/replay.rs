//! Which registration an `Idempotency-Key` made.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::{User, UserId};

use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::idempotency_keys;
use crate::tables::templates::{self, FaceRecord};
use crate::tables::users;

pub use crate::tables::idempotency_keys::{
    BATCH_IDEMPOTENCY_WINDOW, IDEMPOTENCY_WINDOW, Idempotency,
};

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

/// What a registration made, as far as it still exists.
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
        let row = idempotency_keys::find(&mut connection, key).await?;
        let oldest = now - window;
        Ok(match row {
            None => Replay::Fresh,
            Some((_, _, created_at)) if created_at <= oldest => {
                idempotency_keys::forget(&mut connection, key, oldest).await?;
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
