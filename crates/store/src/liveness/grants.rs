//! Passed captures that wait to be redeemed.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::user::Username;
use uuid::Uuid;

use super::{binding, sessions};
use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::liveness_grants;
use crate::seal::Owner;

/// A passed capture to be stored.
#[derive(Clone)]
pub struct NewGrant {
    /// SHA-256 of the token that redeems it.
    pub token_hash: [u8; 32],
    /// The session the capture answered; its nonce is spent.
    pub session: Uuid,
    /// The face that was seen; sealed before it leaves the process.
    pub face: Embedding,
    /// The same by the previous model, while people move from it.
    pub previous: Option<Embedding>,
    /// What the session was made for.
    pub binding: Binding,
    /// How sure it is that a living person was there; kept as given, 1 to 128 characters.
    pub assurance: String,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for NewGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewGrant")
            .field("session", &self.session)
            .field("assurance", &self.assurance)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A passed capture that was redeemed.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The session the capture answered.
    pub session: Uuid,
    /// The face that was seen, bit for bit as it was given.
    pub face: Embedding,
    /// The same by the previous model, while people move from it.
    pub previous: Option<Embedding>,
    /// What the session was made for.
    pub binding: Binding,
    /// How sure it is that a living person was there.
    pub assurance: String,
}

/// The columns redeeming returns.
#[derive(Queryable, Selectable)]
#[diesel(table_name = liveness_grants)]
struct GrantRow {
    session: Uuid,
    model_id: String,
    key_id: String,
    sealed: Vec<u8>,
    username: Option<String>,
    purpose: Option<String>,
    assurance: String,
    expires_at: DateTime<Utc>,
    previous_model_id: Option<String>,
    previous_sealed: Option<Vec<u8>>,
}

impl Store {
    /// Stores a passed capture and ends its session, both or neither. A session is passed
    /// once: `false` when it has a grant already, when it is gone (erased with its account,
    /// or swept), or when its nonce is not spent.
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
        let Binding { username, purpose } = &grant.binding;
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                // Locks the session, so that it cannot go before the grant is there.
                if !sessions::end(connection, *session).await? {
                    return Ok(false);
                }
                let stored = diesel::insert_into(liveness_grants::table)
                    .values((
                        liveness_grants::token_hash.eq(&token_hash[..]),
                        liveness_grants::session.eq(session),
                        liveness_grants::model_id.eq(face.model().as_str()),
                        liveness_grants::key_id.eq(&sealed.key_id),
                        liveness_grants::sealed.eq(&sealed.bytes),
                        liveness_grants::previous_model_id.eq(previous.map(|f| f.model().as_str())),
                        liveness_grants::previous_sealed
                            .eq(previous_sealed.as_ref().map(|sealed| &sealed.bytes)),
                        liveness_grants::username.eq(username.as_ref().map(Username::as_str)),
                        liveness_grants::purpose.eq(purpose.map(Purpose::as_str)),
                        liveness_grants::assurance.eq(&grant.assurance),
                        liveness_grants::expires_at.eq(grant.expires_at),
                    ))
                    .on_conflict_do_nothing()
                    .execute(connection)
                    .await?;
                Ok(stored == 1)
            })
            .await
    }

    /// Takes a passed capture out: of two that redeem it, one gets it. `None` when it is
    /// unknown, used or expired at `now`. It is gone in every case, also when it does not open.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Sealing`] when its row was moved or changed.
    pub async fn redeem_liveness(
        &self,
        token_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<Grant>, StoreError> {
        let row: Option<GrantRow> = {
            let mut connection = self.connection().await?;
            diesel::delete(liveness_grants::table.find(&token_hash[..]))
                .returning(GrantRow::as_returning())
                .get_result(&mut connection)
                .await
                .optional()?
        };
        let Some(row) = row.filter(|row| row.expires_at > now) else { return Ok(None) };
        let owner = Owner::LivenessGrant { session: row.session, token_hash: &token_hash };
        let open = |model: &str, bytes: &[u8]| {
            self.sealer().open(owner, &ModelId::new(model), &row.key_id, bytes)
        };
        let previous = match (&row.previous_model_id, &row.previous_sealed) {
            (Some(model), Some(bytes)) => Some(open(model, bytes)?),
            _ => None,
        };
        Ok(Some(Grant {
            previous,
            session: row.session,
            face: open(&row.model_id, &row.sealed)?,
            binding: binding(row.username, row.purpose)?,
            assurance: row.assurance,
        }))
    }
}
