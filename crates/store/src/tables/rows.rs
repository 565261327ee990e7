//! From rows to the domain's words.

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::Attested;
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::user::{User, UserId, Username};
use uuid::Uuid;

use crate::error::{Cause, StoreError};
use crate::seal::Sealed;

/// `users.id`, `users.username`, `users.created_at`.
pub(crate) type UserRow = (Uuid, String, DateTime<Utc>);

/// The error of a row that the schema allows and the domain does not. Such a row can only
/// have been edited by hand.
pub(crate) fn malformed(what: &str) -> StoreError {
    StoreError::Database(Cause::new(format!("a row holds a malformed {what}")))
}

/// The account in a row.
pub(crate) fn user((id, username, created_at): UserRow) -> Result<User, StoreError> {
    let username = Username::parse(&username).map_err(|_| malformed("username"))?;
    Ok(User { id: UserId(id), username, created_at })
}

/// What the rows say a session is good for.
pub(crate) fn binding(
    username: Option<String>,
    purpose: Option<String>,
) -> Result<Binding, StoreError> {
    let username = username
        .map(|name| Username::parse(&name).map_err(|_| malformed("username")))
        .transpose()?;
    let purpose = purpose
        .map(|word| Purpose::parse(&word).ok_or_else(|| malformed("purpose")))
        .transpose()?;
    Ok(Binding { username, purpose })
}

/// What is sealed in a row, if anything is.
pub(crate) fn sealed(key_id: Option<String>, bytes: Option<Vec<u8>>) -> Option<Sealed> {
    Some(Sealed { key_id: key_id?, bytes: bytes? })
}

/// What the rows say a device proved.
pub(crate) fn attested(word: Option<String>) -> Result<Option<Attested>, StoreError> {
    word.map(|word| Attested::parse(&word).ok_or_else(|| malformed("attestation"))).transpose()
}
