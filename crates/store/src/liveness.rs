//! Liveness sessions, the frames that were seen, and passed captures that wait.
//!
//! A session is a row with at most one nonce. Whoever claims it takes the nonce away,
//! so that of many submissions one is judged; the next attempt brings the next nonce. A
//! capture that passes leaves a grant: the sealed face that was seen, to be redeemed once.
//!
//! Sessions and grants that are bound to a name go with its account. They have no
//! `user_id`, because a name is bound before it has an account; the others are nobody's,
//! and are gone within minutes.

mod grants;
mod sessions;
mod unclaim;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::user::Username;

use crate::error::StoreError;
use crate::schema::{liveness_grants, liveness_sessions};
use crate::tables::rows;

pub use crate::tables::liveness_frames::LIVENESS_FRAME_RETENTION;
pub use grants::{Grant, NewGrant};
pub use sessions::{Claim, LIVENESS_SESSION_RETENTION, NewSession};

/// What the rows say a session is good for.
fn binding(username: Option<String>, purpose: Option<String>) -> Result<Binding, StoreError> {
    let username = username
        .map(|name| Username::parse(&name).map_err(|_| rows::malformed("username")))
        .transpose()?;
    let purpose = purpose
        .map(|word| Purpose::parse(&word).ok_or_else(|| rows::malformed("purpose")))
        .transpose()?;
    Ok(Binding { username, purpose })
}

/// Deletes what is bound to a name.
pub(crate) async fn erase(
    connection: &mut AsyncPgConnection,
    username_key: &str,
) -> QueryResult<usize> {
    let bound = liveness_grants::username_key.eq(username_key);
    let grants = diesel::delete(liveness_grants::table.filter(bound)).execute(connection).await?;
    let bound = liveness_sessions::username_key.eq(username_key);
    let sessions =
        diesel::delete(liveness_sessions::table.filter(bound)).execute(connection).await?;
    Ok(grants + sessions)
}
