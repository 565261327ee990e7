//! Storing a registration.

use diesel_async::AsyncConnection;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::enrolment::{EnrolmentPolicy, Misfit};
use faceauth_domain::user::{Consent, User};

use crate::error::{Constraint, StoreError};
use crate::link::Link;
use crate::pool::Store;
use crate::seal::{Sealed, UserKey};
use crate::tables::factor_transactions::{self, Transaction};
use crate::tables::idempotency_keys::{self, Idempotency};
use crate::tables::refresh_tokens::{self, NewRefreshToken};
use crate::tables::templates::{self, FitError, Fitting, NewTemplate};
use crate::tables::{attempts, consents, invitations, user_keys, users};

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
    /// The first refresh token; `None` when the enrolment signs nobody in.
    pub refresh: Option<NewRefreshToken>,
    /// What waits for the first passkey, when nobody is signed in without one.
    pub transaction: Option<Transaction>,
    /// The key of the request, if the client sent one.
    pub idempotency: Option<Idempotency>,
    /// SHA-256 of the secret of the invitation that this uses up; `None` without one.
    pub invitation: Option<[u8; 32]>,
}

/// Why nothing was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Another account has the name.
    #[error("the username is taken")]
    UsernameTaken,
    /// The invitation was used, replaced, taken back, is too old or for another name.
    #[error("the invitation is good no more")]
    Invitation,
    /// The reference at this place, from 0, may not stand beside those before it.
    #[error("reference {0}: {1}")]
    Misfit(usize, Misfit),
    /// Another request with the same idempotency key came first: ask [`Store::replayed_enrolment`]
    /// what it was.
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
            // Two requests with one key race for one name. The invitation or the constraint of the
            // name decides first, but the loser must learn about the key.
            (Err(EnrolError::UsernameTaken | EnrolError::Invitation), Some(key))
                if idempotency_keys::exists(&mut connection, key).await? =>
            {
                Err(EnrolError::KeyUsed)
            }
            (stored, _) => stored,
        }
    }
}

async fn insert(
    connection: &mut Link,
    enrolment: &Enrolment,
    (key, wrapped): (&UserKey, &Sealed),
    templates: &Fitting,
) -> Result<(), EnrolError> {
    let Enrolment { user, consent, attempt, refresh, transaction, idempotency, .. } = enrolment;
    redeem(connection, enrolment).await?;
    users::insert(connection, user).await?;
    consents::insert(connection, user.id, &consent.policy_version, consent.granted_at).await?;
    user_keys::insert(connection, user.id, key, wrapped, user.created_at).await?;
    templates::insert(connection, templates).await?;
    attempts::insert(connection, attempt).await?;
    if let Some(refresh) = refresh {
        refresh_tokens::insert(connection, refresh).await?;
    }
    if let Some(transaction) = transaction {
        factor_transactions::insert(connection, transaction).await?;
    }
    if let Some(key) = idempotency {
        idempotency_keys::insert(connection, key, user).await?;
    }
    Ok(())
}

/// Uses the invitation up. Who enrols without one leaves none behind for the name.
async fn redeem(connection: &mut Link, enrolment: &Enrolment) -> Result<(), EnrolError> {
    let user = &enrolment.user;
    let taken = invitations::take(connection, &user.username.key()).await?;
    let good = match (&enrolment.invitation, taken) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(presented), Some((hash, end))) => hash == presented[..] && user.created_at < end,
    };
    if good { Ok(()) } else { Err(EnrolError::Invitation) }
}
