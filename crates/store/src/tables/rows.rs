//! From rows to the domain's words.

use chrono::{DateTime, Utc};
use faceauth_domain::user::{User, UserId, Username};
use uuid::Uuid;

use crate::error::{Cause, StoreError};

/// `users.id`, `users.username`, `users.created_at`.
pub(crate) type UserRow = (Uuid, String, DateTime<Utc>);

/// The error of a row that the schema allows and the domain does not. Such a row can only
/// have been edited by hand.
pub(crate) fn malformed(what: &str) -> StoreError {
    StoreError::Database(Cause::new(format!("a row holds a malformed {what}")))
}

pub(crate) fn user((id, username, created_at): UserRow) -> Result<User, StoreError> {
    let username = Username::parse(&username).map_err(|_| malformed("username"))?;
    Ok(User { id: UserId(id), username, created_at })
}
