//! What has begun and waits for a passkey or a code: a row each, for two minutes.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attestation::Attested;
use faceauth_domain::second_factor::{Awaited, TRANSACTION_TRIES};
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::factor_transactions;
use crate::tables::rows;

/// The face that was recognised before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceShown {
    /// What it showed.
    pub assurance: Assurance,
    /// The template it was compared with, which still has to be there at the end.
    pub template: TemplateId,
    /// What the device of the capture proved.
    pub attested: Option<Attested>,
    /// The device, when it has signed in to this account before.
    pub known_device: Option<Uuid>,
}

/// A transaction to be stored, and one that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Transaction {
    /// SHA-256 of the secret that the client holds.
    pub id: [u8; 32],
    /// Whose it is; nobody's while it waits for a passkey of anybody.
    pub user: Option<UserId>,
    /// What it waits for.
    pub awaited: Awaited,
    /// The state of the ceremony; kept as given.
    pub ceremony: String,
    /// The face before; of [`Awaited::Show`] and [`Awaited::RegisterFirst`].
    pub face: Option<FaceShown>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("user", &self.user)
            .field("awaited", &self.awaited)
            .finish_non_exhaustive()
    }
}

/// Stores a transaction.
pub(crate) async fn insert(connection: &mut Link, transaction: &Transaction) -> QueryResult<usize> {
    let Transaction { id, user, awaited, ceremony, face, expires_at } = transaction;
    let device = face.map(|face| face.known_device.unwrap_or_default());
    diesel::insert_into(factor_transactions::table)
        .values((
            factor_transactions::id.eq(&id[..]),
            factor_transactions::user_id.eq(user.map(|user| user.0)),
            factor_transactions::purpose.eq(awaited.as_str()),
            factor_transactions::ceremony.eq(ceremony),
            factor_transactions::assurance.eq(face.map(|face| face.assurance.as_str())),
            factor_transactions::template_id.eq(face.map(|face| face.template.0)),
            factor_transactions::attestation
                .eq(face.and_then(|face| face.attested).map(Attested::as_str)),
            factor_transactions::device.eq(device),
            factor_transactions::tries_left.eq(i16::from(TRANSACTION_TRIES.get())),
            factor_transactions::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await
}

/// A row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = factor_transactions)]
struct Row {
    id: Vec<u8>,
    user_id: Option<Uuid>,
    purpose: String,
    ceremony: String,
    assurance: Option<String>,
    template_id: Option<Uuid>,
    attestation: Option<String>,
    device: Option<Uuid>,
    expires_at: DateTime<Utc>,
}

impl Row {
    fn transaction(self) -> Result<Transaction, StoreError> {
        let malformed = || rows::malformed("transaction");
        let awaited = Awaited::ALL.into_iter().find(|one| one.as_str() == self.purpose);
        let face = match (self.assurance, self.template_id) {
            (Some(word), Some(template)) => {
                let assurance = Assurance::ALL.into_iter().find(|one| one.as_str() == word);
                Some(FaceShown {
                    assurance: assurance.ok_or_else(malformed)?,
                    template: TemplateId(template),
                    attested: self.attestation.as_deref().and_then(Attested::parse),
                    known_device: self.device.filter(|device| !device.is_nil()),
                })
            }
            _ => None,
        };
        Ok(Transaction {
            id: self.id.try_into().map_err(|_| malformed())?,
            user: self.user_id.map(UserId),
            awaited: awaited.ok_or_else(malformed)?,
            ceremony: self.ceremony,
            face,
            expires_at: self.expires_at,
        })
    }
}

/// Takes one of the tries of a transaction that may still be answered. `None` when there is no such
/// one, its time is over, or no try is left.
pub(crate) async fn take_try(
    connection: &mut Link,
    id: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Transaction>, StoreError> {
    let open = factor_transactions::table
        .find(&id[..])
        .filter(factor_transactions::expires_at.gt(now))
        .filter(factor_transactions::tries_left.gt(0));
    let row: Option<Row> = diesel::update(open)
        .set(factor_transactions::tries_left.eq(factor_transactions::tries_left - 1))
        .returning(Row::as_returning())
        .get_result(connection)
        .await
        .optional()?;
    row.map(Row::transaction).transpose()
}

/// Ends a transaction. `false` when it has ended before.
pub(crate) async fn end(
    connection: &mut Link,
    id: &[u8; 32],
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let open =
        factor_transactions::table.find(&id[..]).filter(factor_transactions::expires_at.gt(now));
    Ok(diesel::delete(open).execute(connection).await? == 1)
}

/// Ends every transaction of an account.
pub(crate) async fn end_all(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    let rows = factor_transactions::table.filter(factor_transactions::user_id.eq(user.0));
    diesel::delete(rows).execute(connection).await
}
