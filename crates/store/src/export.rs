//! Everything that is held about one person (GDPR Art. 15 and 20).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::{Consent, User, UserId};

use crate::account::{Account, AccountError};
use crate::connection::PATIENT_CALL_TIMEOUT;
use crate::link::Link;
use crate::schema::users;
use crate::tables::attempts::{self, AttemptRecord};
use crate::tables::client_consents::{self, ClientConsent};
use crate::tables::passkeys::{self, PasskeyRecord};
use crate::tables::rows::{self, UserRow};
use crate::tables::templates::{self, FaceRecord};
use crate::tables::{
    attested_keys, authorization_codes, authorization_requests, consents, enrolment_images,
    failures, liveness_sessions, login_sessions, outbox, recovery_codes, refresh_tokens,
};

pub use crate::tables::authorization_codes::CodeRecord;
pub use crate::tables::refresh_tokens::{SessionRecord, SignInSession};

/// Most attempts in an export. A person who has more reads them page by page.
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
    /// Keys of devices that last signed a capture for this name.
    pub attested_keys: i64,
    /// Enrolment images that are kept.
    pub enrolment_images: i64,
    /// Events that wait to be told to the receiver of webhooks.
    pub undelivered_events: i64,
    /// Passkeys, oldest first, without their keys.
    pub passkeys: Vec<PasskeyRecord>,
    /// Recovery codes that nobody has used.
    pub recovery_codes: i64,
    /// Clients that the person has signed in to, the last used first.
    pub clients: Vec<ClientConsent>,
    /// Codes that clients can redeem or have redeemed, oldest first, without their hashes.
    pub authorization_codes: Vec<CodeRecord>,
    /// Login sessions of browsers, the newest first.
    pub login_sessions: Vec<SignInSession>,
    /// Requests of clients that wait for somebody of this name.
    pub authorization_requests: i64,
}

impl Account<'_> {
    /// Everything about the account, as of one moment.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn export(&self) -> Result<Export, AccountError> {
        let mut connection = self.store.connection_for(PATIENT_CALL_TIMEOUT).await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                read(connection, user).await?.ok_or(AccountError::SessionOver)
            })
            .await
    }
}

async fn read(connection: &mut Link, id: UserId) -> Result<Option<Export>, AccountError> {
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
    Ok(Some(Export {
        user: rows::user(user)?,
        last_active_at,
        consents: consents::all(connection, id).await?,
        faces: templates::records(connection, id).await?,
        attempts: attempts::of_user(connection, id, None, MOST_ATTEMPTS).await?,
        sessions: refresh_tokens::all(connection, id).await?,
        failures_in_a_row: failures::in_a_row(connection, &username_key).await?,
        liveness_sessions: liveness_sessions::count_of_name(connection, &username_key).await?,
        attested_keys: attested_keys::count_of_name(connection, &username_key).await?,
        enrolment_images: enrolment_images::count_of_user(connection, id).await?,
        undelivered_events: outbox::entries::count_of_account(connection, id.0).await?,
        passkeys: passkeys::records(connection, id).await?,
        recovery_codes: recovery_codes::count(connection, id).await?,
        clients: client_consents::of_user(connection, id).await?,
        authorization_codes: authorization_codes::records(connection, id).await?,
        login_sessions: login_sessions::lasting(connection, id, DateTime::UNIX_EPOCH).await?,
        authorization_requests: authorization_requests::count_of_name(connection, &username_key)
            .await?,
    }))
}
