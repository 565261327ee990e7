//! Everything that is held about one person (GDPR Art. 15 and 20).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::{Consent, User, UserId};
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::audit::{self as history, AttemptRecord};
use crate::connection::PATIENT_CALL_TIMEOUT;
use crate::schema::{enrolment_images, failures, liveness_sessions, refresh_tokens, users};
use crate::tables::consents;
use crate::tables::rows::{self, UserRow};
use crate::tables::templates::{self, FaceRecord};

/// Most attempts in an export; a person who has more asks page by page.
const MOST_ATTEMPTS: i64 = 100_000;

/// What is held about a person, at one moment.
#[derive(Debug, Clone)]
pub struct Export {
    /// The account.
    pub user: User,
    /// When it was last used.
    pub last_active_at: DateTime<Utc>,
    /// Every agreement, oldest first.
    pub consents: Vec<Consent>,
    /// The references, without vectors.
    pub faces: Vec<FaceRecord>,
    /// The audit trail, newest first.
    pub attempts: Vec<AttemptRecord>,
    /// Refresh tokens, oldest first, without their hashes.
    pub sessions: Vec<SessionRecord>,
    /// Sign-ins that have failed in a row, over all devices.
    pub failures_in_a_row: i64,
    /// Liveness sessions that wait for somebody of this name.
    pub liveness_sessions: i64,
    /// Enrolment images that are kept.
    pub enrolment_images: i64,
}

/// A refresh token of a session, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct SessionRecord {
    /// The session, `sid` of tokens.
    pub session: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated.
    pub acr: String,
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used up.
    pub used_at: Option<DateTime<Utc>>,
    /// When the session was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Account<'_> {
    /// Everything about the account, as of one moment.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn export(&self) -> Result<Export, AccountError> {
        let mut connection = self.store.connection_for(PATIENT_CALL_TIMEOUT).await?;
        let mut snapshot = connection.build_transaction().read_only().repeatable_read();
        snapshot
            .run(async |connection| {
                let user = self.look(connection).await?.user;
                read(connection, user).await?.ok_or(AccountError::SessionOver)
            })
            .await
    }
}

async fn read(
    connection: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<Export>, AccountError> {
    let row: Option<(UserRow, String, DateTime<Utc>)> = users::table
        .find(id.0)
        .select((
            (users::id, users::username, users::created_at),
            users::username_key,
            users::last_active_at,
        ))
        .first(connection)
        .await
        .optional()?;
    let Some((user, username_key, last_active_at)) = row else { return Ok(None) };
    let sessions = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(id.0))
        .order(refresh_tokens::issued_at)
        .select(SessionRecord::as_select())
        .load(connection)
        .await?;
    let failures_in_a_row: Option<i64> = failures::table
        .filter(failures::username_key.eq(&username_key))
        .select(diesel::dsl::sum(failures::in_a_row))
        .first(connection)
        .await?;
    let liveness_sessions = liveness_sessions::table
        .filter(liveness_sessions::username_key.eq(&username_key))
        .count()
        .get_result(connection)
        .await?;
    let enrolment_images = enrolment_images::table
        .filter(enrolment_images::user_id.eq(id.0))
        .count()
        .get_result(connection)
        .await?;
    Ok(Some(Export {
        user: rows::user(user)?,
        last_active_at,
        consents: consents::all(connection, id).await?,
        faces: templates::records(connection, id).await?,
        attempts: history::of_user(connection, id, None, MOST_ATTEMPTS).await?,
        sessions,
        failures_in_a_row: failures_in_a_row.unwrap_or_default(),
        liveness_sessions,
        enrolment_images,
    }))
}
