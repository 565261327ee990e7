//! The passkeys and recovery codes of an account, as its holder sees and changes them.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::second_factor::MAX_PASSKEYS;
use faceauth_domain::user::User;
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::error::Constraint;
use crate::tables::factor_transactions::{self, Transaction};
use crate::tables::passkeys::{self, NewPasskey, StoredCredential};
use crate::tables::recovery_codes::{self, CodeHash};

pub use crate::tables::passkeys::PasskeyRecord;

/// The second factors of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkeys {
    /// The oldest first.
    pub passkeys: Vec<PasskeyRecord>,
    /// Recovery codes that nobody has used.
    pub recovery_codes_left: i64,
}

/// Why no passkey was added or removed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The transaction was answered before, or its time is over.
    #[error("the transaction is over")]
    Over,
    /// The passkey belongs to an account already.
    #[error("the passkey is known")]
    Known,
    /// The account has as many passkeys as it may have.
    #[error("the account has as many passkeys as it may have")]
    TooMany,
    /// It is the last one, and everybody needs one here.
    #[error("it is the last passkey")]
    Last,
    /// The account was not reached.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<diesel::result::Error> for PasskeyError {
    fn from(error: diesel::result::Error) -> Self {
        match Constraint::violated_by(&error) {
            Some(Constraint::PasskeyUnique) => Self::Known,
            _ => Self::Account(error.into()),
        }
    }
}

impl Account<'_> {
    /// The passkeys and how many recovery codes are left.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn passkeys(&self) -> Result<Passkeys, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                Ok(Passkeys {
                    passkeys: passkeys::records(connection, user).await?,
                    recovery_codes_left: recovery_codes::count(connection, user).await?,
                })
            })
            .await
    }

    /// The account and the public halves of its passkeys, when it may have another one.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn before_another_passkey(
        &self,
    ) -> Result<(User, Vec<StoredCredential>), PasskeyError> {
        let (owner, _) = self.user().await?;
        let mut connection = self.store.connection().await.map_err(AccountError::from)?;
        let known = passkeys::credentials(&mut connection, owner.id).await;
        let known = known.map_err(AccountError::from)?;
        if known.len() < MAX_PASSKEYS { Ok((owner, known)) } else { Err(PasskeyError::TooMany) }
    }

    /// Stores a transaction that waits for another passkey.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn begin_passkey(&self, transaction: &Transaction) -> Result<(), AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                self.enter(connection).await?;
                factor_transactions::insert(connection, transaction).await?;
                Ok(())
            })
            .await
    }

    /// Ends the transaction and stores the passkey. The first one brings recovery codes: `codes`
    /// are stored when the account had none, and then it is `true`.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn add_passkey(
        &self,
        transaction: &Transaction,
        passkey: &NewPasskey,
        codes: &[CodeHash],
    ) -> Result<bool, PasskeyError> {
        let mut connection = self.store.connection().await.map_err(AccountError::from)?;
        connection
            .transaction(async |connection| {
                let (user, now) = (self.enter(connection).await?.user, passkey.created_at);
                if transaction.user != Some(user)
                    || !factor_transactions::end(connection, &transaction.id, now).await?
                {
                    return Err(PasskeyError::Over);
                }
                let held = passkeys::count(connection, user).await?;
                if usize::try_from(held).is_ok_and(|held| held >= MAX_PASSKEYS) {
                    return Err(PasskeyError::TooMany);
                }
                passkeys::insert(connection, user, passkey).await?;
                self.store.tell(connection, user, AccountEvent::PasskeyAdded, now).await?;
                let first = recovery_codes::count(connection, user).await? == 0;
                if first {
                    recovery_codes::replace(connection, user, codes, now).await?;
                }
                Ok(first)
            })
            .await
    }

    /// Deletes a passkey of this account; with the last one, the recovery codes too. `false` when it
    /// has no such passkey.
    ///
    /// # Errors
    /// [`PasskeyError::Last`] when `keep_one` and it is the last one.
    pub async fn remove_passkey(
        &self,
        id: Uuid,
        keep_one: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, PasskeyError> {
        let mut connection = self.store.connection().await.map_err(AccountError::from)?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                if !passkeys::delete(connection, user, id).await? {
                    return Ok(false);
                }
                if !passkeys::any(connection, user).await? {
                    if keep_one {
                        return Err(PasskeyError::Last);
                    }
                    recovery_codes::delete_all(connection, user).await?;
                }
                self.store.tell(connection, user, AccountEvent::PasskeyRemoved, now).await?;
                // A challenge that names the passkey waits for nothing any more.
                factor_transactions::end_all(connection, user).await?;
                Ok(true)
            })
            .await
    }

    /// Puts codes in the place of every recovery code of an account that has a passkey. `false`
    /// when it has none.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn replace_recovery_codes(
        &self,
        codes: &[CodeHash],
        now: DateTime<Utc>,
    ) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                if !passkeys::any(connection, user).await? {
                    return Ok(false);
                }
                recovery_codes::replace(connection, user, codes, now).await?;
                self.store.tell(connection, user, AccountEvent::RecoveryCodesMade, now).await?;
                Ok(true)
            })
            .await
    }
}
