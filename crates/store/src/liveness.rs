//! Liveness sessions, and passed captures that wait.
//!
//! A session is a row with at most one nonce. A claim takes the nonce away, so one of many
//! submissions is judged. The next attempt gets the next nonce. A capture that passes leaves a
//! grant: the sealed face, to be redeemed once.
//!
//! Sessions and grants that are bound to a name go with its account. They have no `user_id`,
//! because a name is bound before it has an account. The other rows belong to nobody and are
//! deleted within minutes.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::challenge::{Challenge, ClaimedChallenge, Purpose};
use faceauth_domain::embedding::ModelId;
use faceauth_domain::user::Username;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::seal::Owner;
use crate::tables::{
    attempts, liveness_frames as frames, liveness_grants as grants, liveness_sessions as sessions,
    rows,
};

pub use crate::tables::liveness_frames::LIVENESS_FRAME_RETENTION;
pub use crate::tables::liveness_grants::{Grant, NewGrant};
pub use crate::tables::liveness_sessions::{LIVENESS_SESSION_RETENTION, NewSession};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The nonce is spent, and this caller alone may answer.
    Claimed {
        /// What was asked for.
        challenge: ClaimedChallenge,
        /// How many of the frames were submitted before, in any session.
        replayed: usize,
    },
    /// No such session.
    Unknown,
    /// Its time is over.
    Expired,
    /// The nonce was used before or is another one, or no attempt remains.
    Spent,
    /// The session is bound to somebody or something else. Nothing is spent.
    Foreign,
}

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_liveness_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        sessions::insert(&mut connection, session).await?;
        Ok(())
    }

    /// Spends the nonce of a session and remembers the submitted frames, in one transaction. Of
    /// many claims with one nonce, one wins. `wanted` is the account and purpose of the use, when
    /// they are known. `digests` are keyed digests of the frames, a few hundred at most. A claim
    /// that fails changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_liveness_session(
        &self,
        id: Uuid,
        nonce_hash: [u8; 32],
        wanted: Option<(&Username, Purpose)>,
        digests: &[[u8; 32]],
        now: DateTime<Utc>,
    ) -> Result<Claim, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                // Locks the session. The second claim then sees that the nonce is spent.
                let Some(row) = sessions::lock(connection, id).await? else {
                    return Ok(Claim::Unknown);
                };
                if row.expires_at <= now {
                    return Ok(Claim::Expired);
                }
                if row.nonce_hash.as_deref() != Some(&nonce_hash[..]) {
                    return Ok(Claim::Spent);
                }
                let challenge = row.claimed(id)?;
                if wanted.is_some_and(|(name, purpose)| !challenge.binding.allows(name, purpose)) {
                    return Ok(Claim::Foreign);
                }
                sessions::spend(connection, &challenge).await?;
                let replayed = frames::remember(connection, digests, now).await?;
                Ok(Claim::Claimed { challenge, replayed })
            })
            .await
    }

    /// Undoes a claim: the session gets its nonce and its attempt back, as if nothing had been
    /// sent. `new_digests` are those that the claim added. They are deleted, so that the same
    /// frames are not a replay when they are sent again. `false`, without a change, when the
    /// session has moved on or has ended since.
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
                let restored = sessions::restore(connection, claimed, nonce_hash).await?;
                if restored {
                    frames::forget(connection, new_digests).await?;
                }
                Ok(restored)
            })
            .await
    }

    /// Gives a session whose attempt failed the nonce and the steps of the next one.
    /// `false`, and nothing changes, when it is over or expired at `issued_at`, or the nonce it
    /// has is not spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_liveness_session(
        &self,
        id: Uuid,
        nonce_hash: [u8; 32],
        challenge: &Challenge,
        issued_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        Ok(sessions::renew(&mut connection, id, nonce_hash, challenge, issued_at).await?)
    }

    /// Stores a passed capture and ends its session, both or neither. A session can pass only once.
    /// The line of the audit trail is stored in both cases, in the same transaction.
    /// `false` when it has a grant already, when it no longer exists (erased with its account, or
    /// swept), or when its nonce is not spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grant_liveness(&self, grant: &NewGrant) -> Result<bool, StoreError> {
        let NewGrant { token_hash, session, face, .. } = grant;
        let owner = Owner::LivenessGrant { session: *session, token_hash };
        let sealed = self.sealer().seal(owner, face)?;
        // By the same key: one id serves both.
        let previous = grant.previous.as_ref();
        let previous_sealed = previous.map(|face| self.sealer().seal(owner, face)).transpose()?;
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                attempts::insert(connection, &grant.attempt).await?;
                // Locks the session, so that it cannot be deleted before the grant is stored.
                if !sessions::end(connection, *session).await? {
                    return Ok(false);
                }
                Ok(grants::insert(connection, grant, &sealed, previous_sealed.as_ref()).await?)
            })
            .await
    }

    /// Redeems a passed capture. When two redeem it at once, one gets it. `None` when it is
    /// unknown, used or expired at `now`, or when the key that sealed it was taken away. It is
    /// deleted in every case, even when it does not open.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Sealing`] when its row was moved or changed.
    pub async fn redeem_liveness(
        &self,
        token_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<Grant>, StoreError> {
        let row = {
            let mut connection = self.connection().await?;
            grants::take(&mut connection, &token_hash).await?
        };
        let Some(row) = row.filter(|row| row.expires_at > now) else { return Ok(None) };
        let owner = Owner::LivenessGrant { session: row.session, token_hash: &token_hash };
        let open = |model: &str, bytes: &[u8]| {
            self.sealer().open_grant(owner, &ModelId::new(model), &row.key_id, bytes)
        };
        let Some(face) = open(&row.model_id, &row.sealed)? else { return Ok(None) };
        let previous = match (&row.previous_model_id, &row.previous_sealed) {
            (Some(model), Some(bytes)) => open(model, bytes)?,
            _ => None,
        };
        Ok(Some(Grant {
            previous,
            session: row.session,
            face,
            binding: rows::binding(row.username, row.purpose)?,
            assurance: row.assurance,
            attested: rows::attested(row.attestation)?,
        }))
    }
}
