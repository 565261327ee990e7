//! From rows to the domain's words.

use chrono::{DateTime, Utc};
use faceauth_domain::user::{User, UserId, Username};
use uuid::Uuid;

use crate::error::{Cause, StoreError};

/// `users.id`, `users.username`, `users.created_at`.
pub(crate) type UserRow = (Uuid, String, DateTime<Utc>);

/// A row the schema allows and the domain does not can only have been edited by hand.
pub(crate) fn user((id, username, created_at): UserRow) -> Result<User, StoreError> {
    let username = Username::parse(&username)
        .map_err(|_| StoreError::Database(Cause::new("a row holds a malformed username")))?;
    Ok(User { id: UserId(id), username, created_at })
}
