//! Passed captures that wait to be redeemed.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::attestation::Attested;
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::user::Username;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::liveness_grants;
use crate::seal::Sealed;

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
    /// The assurance that a living person was there; stored as given, 1 to 128 characters.
    pub assurance: String,
    /// What the device of the capture proved.
    pub attested: Option<Attested>,
    /// The time at which it becomes invalid.
    pub expires_at: DateTime<Utc>,
    /// The line of the audit trail.
    pub attempt: Attempt,
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
    /// What the device of the capture proved.
    pub attested: Option<Attested>,
}

/// The columns redeeming returns.
#[derive(Queryable, Selectable)]
#[diesel(table_name = liveness_grants)]
pub(crate) struct GrantRow {
    pub(crate) session: Uuid,
    pub(crate) model_id: String,
    pub(crate) key_id: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) username: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) assurance: String,
    pub(crate) attestation: Option<String>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) previous_model_id: Option<String>,
    pub(crate) previous_sealed: Option<Vec<u8>>,
}

/// Stores a grant whose faces are sealed. `false` when its session has one already.
pub(crate) async fn insert(
    connection: &mut Link,
    grant: &NewGrant,
    sealed: &Sealed,
    previous_sealed: Option<&Sealed>,
) -> QueryResult<bool> {
    let Binding { username, purpose } = &grant.binding;
    let previous = grant.previous.as_ref();
    let stored = diesel::insert_into(liveness_grants::table)
        .values((
            liveness_grants::token_hash.eq(&grant.token_hash[..]),
            liveness_grants::session.eq(grant.session),
            liveness_grants::model_id.eq(grant.face.model().as_str()),
            liveness_grants::key_id.eq(&sealed.key_id),
            liveness_grants::sealed.eq(&sealed.bytes),
            liveness_grants::previous_model_id.eq(previous.map(|face| face.model().as_str())),
            liveness_grants::previous_sealed.eq(previous_sealed.map(|sealed| &sealed.bytes)),
            liveness_grants::username.eq(username.as_ref().map(Username::as_str)),
            liveness_grants::purpose.eq(purpose.map(Purpose::as_str)),
            liveness_grants::assurance.eq(&grant.assurance),
            liveness_grants::attestation.eq(grant.attested.map(Attested::as_str)),
            liveness_grants::expires_at.eq(grant.expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(stored == 1)
}

/// Takes a grant out: of two that ask for it, one gets it.
pub(crate) async fn take(
    connection: &mut Link,
    token_hash: &[u8; 32],
) -> QueryResult<Option<GrantRow>> {
    diesel::delete(liveness_grants::table.find(&token_hash[..]))
        .returning(GrantRow::as_returning())
        .get_result(connection)
        .await
        .optional()
}

/// Deletes the grants that are bound to a name.
pub(crate) async fn delete_of_name(
    connection: &mut Link,
    username_key: &str,
) -> QueryResult<usize> {
    let bound = liveness_grants::username_key.eq(username_key);
    diesel::delete(liveness_grants::table.filter(bound)).execute(connection).await
}
