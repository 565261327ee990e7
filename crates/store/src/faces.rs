//! The faces of an account, as its holder sees, adds and removes them.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::enrolment::{EnrolmentPolicy, Misfit};
use faceauth_domain::template::{MAX_TEMPLATES_PER_USER, TemplateId};
use faceauth_domain::user::User;

use crate::account::{Account, AccountError, Enrolling, EnrolmentRight};
use crate::error::StoreError;
use crate::tables::templates::{self, FitError, fit_beside, fit_first};
use crate::tables::{attempts, consents, enrolment_tokens, user_keys, users};

pub use crate::tables::templates::{FaceRecord, NewTemplate};

/// Why no face was added.
#[derive(Debug, thiserror::Error)]
pub enum AddFaceError {
    /// The session or the enrolment token is no longer valid.
    #[error("the session is over")]
    SessionOver,
    /// The holder of an enrolment token has to grant consent first.
    #[error("consent is withdrawn")]
    ConsentWithdrawn,
    /// It may not stand beside the references there are.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The account has as many as it may have.
    #[error("the account has as many faces as it may have")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for AddFaceError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<AccountError> for AddFaceError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionOver => Self::SessionOver,
            AccountError::Store(error) => Self::Store(error),
        }
    }
}

impl From<FitError> for AddFaceError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Misfit(_, misfit) => Self::Misfit(misfit),
            FitError::Store(error) => Self::Store(error),
        }
    }
}

impl Enrolling<'_> {
    /// The account a face is to be added to.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn owner(&self) -> Result<User, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                let found = users::by_id(connection, user).await?;
                found.map(|(user, _)| user).ok_or(AccountError::SessionOver)
            })
            .await
    }

    /// Adds a reference and its line of the audit trail, and uses up an enrolment token, all or
    /// nothing. With a session, the face must match the existing references, and these must stay
    /// recognised. Even when requests race, an account never exceeds [`MAX_TEMPLATES_PER_USER`]
    /// references, and an enrolment token never adds to existing ones.
    ///
    /// # Errors
    /// [`AddFaceError`].
    pub async fn add_face(
        &self,
        template: &NewTemplate,
        attempt: &Attempt,
        policy: &EnrolmentPolicy,
    ) -> Result<(), AddFaceError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                // Under the lock of the account looking, counting and inserting are one step.
                let user = self.enter(connection).await?.user;
                if !consents::stands(connection, user).await? {
                    return Err(AddFaceError::ConsentWithdrawn);
                }
                let most = match self.right {
                    EnrolmentRight::Session(_) => MAX_TEMPLATES_PER_USER,
                    EnrolmentRight::Token { id, .. } => {
                        if !enrolment_tokens::redeem(connection, user, id).await? {
                            return Err(AddFaceError::SessionOver);
                        }
                        1
                    }
                };
                let stored = templates::count(connection, user).await?;
                if usize::try_from(stored).is_ok_and(|stored| stored >= most) {
                    return Err(AddFaceError::TooMany);
                }
                let sealer = self.store.sealer();
                let key =
                    user_keys::of_locked(connection, sealer, user, template.created_at).await?;
                let fitting = match self.right {
                    EnrolmentRight::Session(_) => {
                        let there =
                            templates::comparable(connection, sealer, &key, user, policy).await?;
                        fit_beside(&key, user, &there, template, policy)?
                    }
                    EnrolmentRight::Token { .. } => {
                        fit_first(&key, user, std::slice::from_ref(template), policy)?
                    }
                };
                templates::insert(connection, &fitting).await?;
                attempts::insert(connection, attempt).await?;
                self.store.tell(connection, user, AccountEvent::FaceAdded, attempt.at).await?;
                Ok(())
            })
            .await
    }
}

impl Account<'_> {
    /// The references of the account, of every model, oldest first, without vectors.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn faces(&self) -> Result<Vec<FaceRecord>, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                Ok(templates::records(connection, user).await?)
            })
            .await
    }

    /// Deletes a reference of this account. `false` when it has no such one.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn remove_face(
        &self,
        id: TemplateId,
        now: DateTime<Utc>,
    ) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                let removed = templates::delete(connection, user, id).await?;
                if removed {
                    self.store.tell(connection, user, AccountEvent::FaceRemoved, now).await?;
                }
                Ok(removed)
            })
            .await
    }
}
