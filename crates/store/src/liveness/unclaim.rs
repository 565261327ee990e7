//! Giving an attempt back that the service has failed at.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::challenge::ClaimedChallenge;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{liveness_frames, liveness_sessions};

impl Store {
    /// Undoes a claim: the session has its nonce and its attempt again, as if nothing had been
    /// sent. `new_digests` are those that the claim added; they are forgotten, so that the same
    /// frames are no replay when they are sent again. `false`, and nothing changes, when the
    /// session has gone on or has ended since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unclaim_liveness_session(
        &self,
        claimed: &ClaimedChallenge,
        nonce_hash: [u8; 32],
        new_digests: &[[u8; 32]],
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let left = i16::from(claimed.attempts_left);
                let restored = diesel::update(liveness_sessions::table.find(claimed.session))
                    .filter(liveness_sessions::nonce_hash.is_null())
                    .filter(liveness_sessions::attempts_left.eq(left))
                    .set((
                        liveness_sessions::nonce_hash.eq(&nonce_hash[..]),
                        liveness_sessions::attempts_left.eq(left + 1),
                    ))
                    .execute(connection)
                    .await?;
                if restored == 1 {
                    let added = new_digests.iter().map(|digest| &digest[..]);
                    let added = liveness_frames::digest.eq_any(added);
                    diesel::delete(liveness_frames::table.filter(added))
                        .execute(connection)
                        .await?;
                }
                Ok(restored == 1)
            })
            .await
    }
}
