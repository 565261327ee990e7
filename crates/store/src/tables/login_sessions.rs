//! Browsers in which somebody is signed in at this service itself, a row each.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::attestation::Attested;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::login_sessions;
use crate::tables::authorization_codes::KeptSignIn;
use crate::tables::refresh_tokens::SignInSession;
use crate::tables::rows;

/// A login session to be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct NewLoginSession {
    /// SHA-256 of the secret in the cookie.
    pub secret_hash: [u8; 32],
    /// What its owner ends it by.
    pub id: Uuid,
    /// The time at which it ends, used or not.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for NewLoginSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLoginSession")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A login session that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSession {
    /// What its owner ends it by.
    pub id: Uuid,
    /// The sign-in that began it.
    pub shown: KeptSignIn,
    /// The time at which it ends.
    pub expires_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = login_sessions)]
struct Row {
    user_id: Uuid,
    id: Uuid,
    auth_time: DateTime<Utc>,
    acr: String,
    attestation: Option<String>,
    expires_at: DateTime<Utc>,
}

impl Row {
    fn session(self) -> Result<LoginSession, StoreError> {
        let Self { user_id, id, auth_time, acr, attestation, expires_at } = self;
        let attested = rows::attested(attestation)?;
        let shown = KeptSignIn { user: UserId(user_id), auth_time, acr, attested };
        Ok(LoginSession { id, shown, expires_at })
    }
}

/// Stores a login session for what `shown` says.
pub(crate) async fn insert(
    connection: &mut Link,
    session: &NewLoginSession,
    shown: &KeptSignIn,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(login_sessions::table)
        .values((
            login_sessions::secret_hash.eq(&session.secret_hash[..]),
            login_sessions::user_id.eq(shown.user.0),
            login_sessions::id.eq(session.id),
            login_sessions::auth_time.eq(shown.auth_time),
            login_sessions::acr.eq(&shown.acr),
            login_sessions::attestation.eq(shown.attested.map(Attested::as_str)),
            login_sessions::used_at.eq(now),
            login_sessions::expires_at.eq(session.expires_at),
        ))
        .execute(connection)
        .await
}

/// The login session of a cookie, while it lasts.
pub(crate) async fn find(
    connection: &mut Link,
    secret_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<LoginSession>, StoreError> {
    let row: Option<Row> = login_sessions::table
        .find(&secret_hash[..])
        .filter(login_sessions::expires_at.gt(now))
        .select(Row::as_select())
        .first(connection)
        .await
        .optional()?;
    row.map(Row::session).transpose()
}

/// Ends the login session of a cookie, and returns whose it was.
pub(crate) async fn end(
    connection: &mut Link,
    secret_hash: &[u8; 32],
) -> QueryResult<Option<UserId>> {
    let user: Option<Uuid> = diesel::delete(login_sessions::table.find(&secret_hash[..]))
        .returning(login_sessions::user_id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(user.map(UserId))
}

/// Ends a login session of this account. 0 when it has no such one.
pub(crate) async fn end_of_user(
    connection: &mut Link,
    user: UserId,
    id: Uuid,
) -> QueryResult<usize> {
    let its = login_sessions::table
        .filter(login_sessions::user_id.eq(user.0))
        .filter(login_sessions::id.eq(id));
    diesel::delete(its).execute(connection).await
}

/// Ends every login session of an account.
pub(crate) async fn end_all(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    let its = login_sessions::table.filter(login_sessions::user_id.eq(user.0));
    diesel::delete(its).execute(connection).await
}

/// The login sessions of an account at `now`, the newest first.
pub(crate) async fn lasting(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<Vec<SignInSession>> {
    type Columns = (Uuid, DateTime<Utc>, String, DateTime<Utc>, DateTime<Utc>);
    let rows: Vec<Columns> = login_sessions::table
        .filter(login_sessions::user_id.eq(user.0))
        .filter(login_sessions::expires_at.gt(now))
        .order(login_sessions::auth_time.desc())
        .select((
            login_sessions::id,
            login_sessions::auth_time,
            login_sessions::acr,
            login_sessions::used_at,
            login_sessions::expires_at,
        ))
        .load(connection)
        .await?;
    let session = |(session, auth_time, acr, issued_at, expires_at)| SignInSession {
        session,
        auth_time,
        acr,
        issued_at,
        expires_at,
        client_id: None,
    };
    Ok(rows.into_iter().map(session).collect())
}
