//! Accounts: enrolment, look-up and erasure.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::attempt::Attempt;
use faceauth_domain::enrolment::{EnrolmentPolicy, Misfit};
use faceauth_domain::user::{Consent, User, UserId};
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::connection::PATIENT_CALL_TIMEOUT;
use crate::error::{Constraint, StoreError};
use crate::failures;
use crate::liveness;
use crate::pool::Store;
use crate::replay::{self as idempotency, Idempotency};
use crate::retire::be_patient;
use crate::schema::{consents, users};
use crate::seal::{Sealed, UserKey};
use crate::sign_in as attempts;
use crate::tables::refresh_tokens::{self as tokens, NewRefreshToken};
use crate::tables::rows::{self, UserRow};
use crate::tables::templates::{self, FitError, Fitting, NewTemplate};
use crate::tables::user_keys;

/// Everything one registration stores.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The account.
    pub user: User,
    /// The agreement.
    pub consent: Consent,
    /// The references, at least one.
    pub templates: Vec<NewTemplate>,
    /// How they are compared with each other.
    pub policy: EnrolmentPolicy,
    /// The line of the audit trail.
    pub attempt: Attempt,
    /// The first refresh token, unless nobody is signed in by it.
    pub refresh: Option<NewRefreshToken>,
    /// The key of the request, if the client sent one.
    pub idempotency: Option<Idempotency>,
}

/// Why nothing was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Another account has the name.
    #[error("the username is taken")]
    UsernameTaken,
    /// The reference at this place, from 0, may not stand beside those before it.
    #[error("reference {0}: {1}")]
    Misfit(usize, Misfit),
    /// A request with the same idempotency key was first, by a moment: ask
    /// [`Store::replayed_enrolment`] what it was.
    #[error("the idempotency key has just been used")]
    KeyUsed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for EnrolError {
    fn from(error: diesel::result::Error) -> Self {
        match Constraint::violated_by(&error) {
            Some(Constraint::UsernameUnique) => Self::UsernameTaken,
            Some(Constraint::IdempotencyKeyUnique) => Self::KeyUsed,
            _ => Self::Store(error.into()),
        }
    }
}

impl From<FitError> for EnrolError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Misfit(index, misfit) => Self::Misfit(index, misfit),
            FitError::Store(error) => Self::Store(error),
        }
    }
}

/// `consents.policy_version`, `.granted_at`, `.withdrawn_at`.
type ConsentRow = (String, DateTime<Utc>, Option<DateTime<Utc>>);

impl Store {
    /// Stores a registration in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn enrol(&self, enrolment: &Enrolment) -> Result<(), EnrolError> {
        // Sealed before the transaction begins, so that no lock waits for it.
        let id = enrolment.user.id;
        let key = UserKey::generate().map_err(StoreError::from)?;
        let wrapped = self.sealer().wrap(id, &key).map_err(StoreError::from)?;
        let templates = templates::fit_first(&key, id, &enrolment.templates, &enrolment.policy)?;
        let mut connection = self.connection().await?;
        let stored = connection
            .transaction(async |connection| {
                insert(connection, enrolment, (&key, &wrapped), &templates).await
            })
            .await;
        match (stored, &enrolment.idempotency) {
            // Two requests with one key race for one name: the name decides first, but
            // the key is what the loser has to hear about.
            (Err(EnrolError::UsernameTaken), Some(key))
                if idempotency::exists(&mut connection, key).await? =>
            {
                Err(EnrolError::KeyUsed)
            }
            (stored, _) => stored,
        }
    }

    /// The account that has this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_of_name(&self, username_key: &str) -> Result<Option<UserId>, StoreError> {
        let mut connection = self.connection().await?;
        let id: Option<Uuid> = users::table
            .filter(users::username_key.eq(username_key))
            .select(users::id)
            .first(&mut connection)
            .await
            .optional()?;
        Ok(id.map(UserId))
    }
}

impl Account<'_> {
    /// The account and its latest consent.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn user(&self) -> Result<(User, Consent), AccountError> {
        let mut connection = self.store.connection().await?;
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            by_id(connection, user).await?.ok_or(AccountError::SessionOver)
        })
        .await
    }

    /// Erases the account with everything that belongs to it: consents, templates,
    /// attempts, tokens and keys go by cascade, failures and liveness sessions of its name in the
    /// same transaction.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn erase(&self) -> Result<(), AccountError> {
        let mut connection = self.store.connection_for(PATIENT_CALL_TIMEOUT).await?;
        connection
            .transaction(async |connection| {
                be_patient(connection).await?;
                let user = self.enter(connection).await?.user;
                erase(connection, user).await?;
                Ok(())
            })
            .await
    }
}

/// An account and its latest consent.
pub(crate) async fn by_id(
    connection: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<(User, Consent)>, StoreError> {
    let row: Option<(UserRow, ConsentRow)> = users::table
        .inner_join(consents::table)
        .filter(users::id.eq(id.0))
        .order(consents::granted_at.desc())
        .select((
            (users::id, users::username, users::created_at),
            (consents::policy_version, consents::granted_at, consents::withdrawn_at),
        ))
        .first(connection)
        .await
        .optional()?;
    row.map(|(user, (policy_version, granted_at, withdrawn_at))| {
        Ok((rows::user(user)?, Consent { policy_version, granted_at, withdrawn_at }))
    })
    .transpose()
}

/// Deletes an account with everything that is its own or its name's.
pub(crate) async fn erase(connection: &mut AsyncPgConnection, id: UserId) -> QueryResult<bool> {
    let username_key: Option<String> = diesel::delete(users::table.find(id.0))
        .returning(users::username_key)
        .get_result(connection)
        .await
        .optional()?;
    let Some(username_key) = username_key else { return Ok(false) };
    liveness::erase(connection, &username_key).await?;
    failures::erase(connection, &username_key).await?;
    Ok(true)
}

async fn insert(
    connection: &mut AsyncPgConnection,
    enrolment: &Enrolment,
    (key, wrapped): (&UserKey, &Sealed),
    templates: &Fitting,
) -> Result<(), EnrolError> {
    let Enrolment { user, consent, attempt, refresh, idempotency, .. } = enrolment;
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.0),
            users::username.eq(user.username.as_str()),
            users::username_key.eq(user.username.key()),
            users::created_at.eq(user.created_at),
            users::last_active_at.eq(user.created_at),
        ))
        .execute(connection)
        .await?;
    crate::tables::consents::insert(
        connection,
        user.id,
        &consent.policy_version,
        consent.granted_at,
    )
    .await?;
    user_keys::insert(connection, user.id, key, wrapped, user.created_at).await?;
    templates::insert(connection, templates).await?;
    attempts::insert(connection, attempt).await?;
    if let Some(refresh) = refresh {
        tokens::insert(connection, refresh).await?;
    }
    if let Some(key) = idempotency {
        idempotency::insert(connection, key, user).await?;
    }
    Ok(())
}
