//! Invitations that wait to be used: at most one a name, gone with its use.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::Username;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::invitations;
use crate::tables::rows;

/// How long an invitation is kept after its end. Whoever opens its link in that time learns that it
/// is too old; later it is unknown.
pub const INVITATION_RETENTION: TimeDelta = TimeDelta::days(7);

/// An invitation to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// What is stored beside.
    pub invitation: Invitation,
}

/// A stored invitation without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name it is for, as it was written.
    pub username: Username,
    /// The prefix of the API key that made it; `None` when the command line did.
    pub made_by: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The time at which it becomes invalid.
    pub expires_at: DateTime<Utc>,
}

/// A row of `invitations`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    username: String,
    made_by: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl InvitationRow {
    fn invitation(self) -> Result<Invitation, StoreError> {
        Ok(Invitation {
            username: Username::parse(&self.username).map_err(|_| rows::malformed("username"))?,
            made_by: self.made_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

/// Puts an invitation in the place of any other for its name.
pub(crate) async fn put(connection: &mut Link, new: &NewInvitation) -> QueryResult<usize> {
    let NewInvitation { secret_hash, invitation } = new;
    let columns = (
        invitations::secret_hash.eq(&secret_hash[..]),
        invitations::username.eq(invitation.username.as_str()),
        invitations::made_by.eq(&invitation.made_by),
        invitations::created_at.eq(invitation.created_at),
        invitations::expires_at.eq(invitation.expires_at),
    );
    diesel::insert_into(invitations::table)
        .values(columns)
        .on_conflict(invitations::username_key)
        .do_update()
        .set(columns)
        .execute(connection)
        .await
}

/// The invitation with this secret.
pub(crate) async fn find(
    connection: &mut Link,
    secret_hash: &[u8; 32],
) -> Result<Option<Invitation>, StoreError> {
    let row: Option<InvitationRow> = invitations::table
        .find(&secret_hash[..])
        .select(InvitationRow::as_select())
        .first(connection)
        .await
        .optional()?;
    row.map(InvitationRow::invitation).transpose()
}

/// Every invitation, by name.
pub(crate) async fn all(connection: &mut Link) -> Result<Vec<Invitation>, StoreError> {
    let rows: Vec<InvitationRow> = invitations::table
        .order(invitations::username_key)
        .select(InvitationRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(InvitationRow::invitation).collect()
}

/// Takes the invitation for a name away. Returns the hash of its secret and its end. Of several at
/// once one gets it, when the others' transactions wait for its end.
pub(crate) async fn take(
    connection: &mut Link,
    username_key: &str,
) -> QueryResult<Option<(Vec<u8>, DateTime<Utc>)>> {
    diesel::delete(invitations::table.filter(invitations::username_key.eq(username_key)))
        .returning((invitations::secret_hash, invitations::expires_at))
        .get_result(connection)
        .await
        .optional()
}
