//! A sign-in that goes on after the face, or does without: by a passkey or a recovery code.
//!
//! A transaction is answered in two steps. [`Store::try_transaction`] takes one of its tries, so
//! however many answers arrive at however many replicas, few are looked at. [`Store::complete`]
//! deletes it in the transaction that signs in, so one of them wins.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::user::{User, UserId};

use crate::error::{Constraint, StoreError};
use crate::failures::{self, Begun};
use crate::link::Link;
use crate::pool::Store;
use crate::tables::recovery_codes::CodeHash;
use crate::tables::refresh_tokens::{self, NewRefreshToken};
use crate::tables::{
    attempts, consents, factor_transactions, outbox, passkeys, recovery_codes, templates, users,
};
use crate::upgrade::{self, Upgrade};

pub use crate::tables::factor_transactions::{FaceShown, Transaction};
pub use crate::tables::passkeys::{NewPasskey, StoredCredential};

/// What is written when a face was recognised and a second factor is asked for.
#[derive(Debug, Clone, Copy)]
pub struct AskSecondFactor<'a> {
    /// The account.
    pub user: UserId,
    /// The line of the audit trail.
    pub attempt: &'a Attempt,
    /// What waits for the second factor.
    pub transaction: &'a Transaction,
    /// A template of another model that the face was worth.
    pub upgrade: Option<Upgrade<'a>>,
}

/// What was shown after a transaction had begun.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// A passkey of the account that has signed.
    Passkey {
        /// Which one.
        credential_id: &'a [u8],
        /// Its count.
        counter: u32,
    },
    /// A recovery code.
    RecoveryCode(&'a CodeHash),
    /// The first passkey, with the recovery codes that are made beside it.
    FirstPasskey(&'a NewPasskey, &'a [CodeHash]),
}

/// The end of a transaction that signs in.
#[derive(Debug, Clone, Copy)]
pub struct Completion<'a> {
    /// The transaction, after one of its tries was taken.
    pub transaction: &'a Transaction,
    /// What was shown.
    pub proof: Proof<'a>,
    /// The line of the audit trail.
    pub attempt: &'a Attempt,
    /// The first refresh token; names the account.
    pub refresh: &'a NewRefreshToken,
}

/// Why a transaction did not sign in. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CompletionError {
    /// Another answer was faster, or its time is over.
    #[error("the transaction is over")]
    Over,
    /// The passkey is gone or its counter went back, or there is no such code.
    #[error("the proof does not hold any more")]
    Refused,
    /// The account, the face or the consent is gone.
    #[error("the account is not what it was")]
    GroundGone,
    /// The passkey belongs to an account already, or the account has a first one.
    #[error("the passkey is known")]
    PasskeyKnown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for CompletionError {
    fn from(error: diesel::result::Error) -> Self {
        match Constraint::violated_by(&error) {
            Some(Constraint::PasskeyUnique) => Self::PasskeyKnown,
            Some(Constraint::AttemptUser | Constraint::RefreshTokenUser) => Self::GroundGone,
            _ => Self::Store(error.into()),
        }
    }
}

impl Store {
    /// The public halves of an account's passkeys, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credentials(&self, user: UserId) -> Result<Vec<StoredCredential>, StoreError> {
        let mut connection = self.connection().await?;
        passkeys::credentials(&mut connection, user).await
    }

    /// The public half of a passkey of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credential(
        &self,
        user: UserId,
        credential_id: &[u8],
    ) -> Result<Option<StoredCredential>, StoreError> {
        let mut connection = self.connection().await?;
        passkeys::find(&mut connection, user, credential_id).await
    }

    /// Remembers that a face was recognised and a second factor is asked for. `false`, and nothing
    /// is written, when the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_second_factor(&self, ask: &AskSecondFactor<'_>) -> Result<bool, StoreError> {
        let AskSecondFactor { user, attempt, transaction, upgrade } = *ask;
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                if !users::lock(connection, user).await? {
                    return Ok(false);
                }
                attempts::insert(connection, attempt).await?;
                factor_transactions::insert(connection, transaction).await?;
                if let Some(worth) = upgrade {
                    upgrade::write(connection, self, user, worth).await?;
                }
                Ok(true)
            })
            .await
    }

    /// Stores a transaction that waits for a passkey of anybody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_transaction(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        factor_transactions::insert(&mut connection, transaction).await?;
        Ok(())
    }

    /// Takes one of the tries of a transaction. `None` when there is no such one, its time is over,
    /// or no try is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn try_transaction(
        &self,
        id: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<Transaction>, StoreError> {
        let mut connection = self.connection().await?;
        factor_transactions::take_try(&mut connection, id, now).await
    }

    /// Signs in: ends the transaction, uses the proof up, and stores the session. All or nothing.
    ///
    /// # Errors
    /// [`CompletionError`].
    pub async fn complete(&self, completion: &Completion<'_>) -> Result<User, CompletionError> {
        let Completion { transaction, proof, attempt, refresh } = *completion;
        let (user, now) = (refresh.user, attempt.at);
        let new_device = transaction.face.is_some_and(|face| face.known_device.is_none());
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                // The account is locked first, as by everything that writes for it.
                if new_device && self.has_outbox() && users::lock(connection, user).await? {
                    outbox::insert_new_device(connection, user, now).await?;
                }
                if users::touch(connection, user, now).await? == 0 {
                    return Err(CompletionError::GroundGone);
                }
                if !factor_transactions::end(connection, &transaction.id, now).await? {
                    return Err(CompletionError::Over);
                }
                let owner = ground(connection, user, transaction.face).await?;
                use_up(connection, user, proof, now).await?;
                if let Some(event) = told(proof) {
                    self.tell(connection, user, event, now).await?;
                }
                attempts::insert(connection, attempt).await?;
                refresh_tokens::insert(connection, refresh).await?;
                if let Some(face) = transaction.face {
                    let begun = Begun::resumed(owner.username.key(), face.known_device);
                    failures::clear(connection, &begun, now).await?;
                }
                Ok(owner)
            })
            .await
    }
}

/// What the owner should hear of.
fn told(proof: Proof<'_>) -> Option<AccountEvent> {
    match proof {
        Proof::Passkey { .. } => None,
        Proof::RecoveryCode(_) => Some(AccountEvent::RecoveryCodeUsed),
        Proof::FirstPasskey(..) => Some(AccountEvent::PasskeyAdded),
    }
}

/// The account, whose consent stands and whose face is there that was recognised.
async fn ground(
    connection: &mut Link,
    user: UserId,
    face: Option<FaceShown>,
) -> Result<User, CompletionError> {
    let gone = CompletionError::GroundGone;
    if !consents::stands(connection, user).await? {
        return Err(gone);
    }
    if let Some(face) = face
        && !templates::is_there(connection, user, face.template).await?
    {
        return Err(gone);
    }
    let (owner, _) = users::by_id(connection, user).await?.ok_or(gone)?;
    Ok(owner)
}

async fn use_up(
    connection: &mut Link,
    user: UserId,
    proof: Proof<'_>,
    now: DateTime<Utc>,
) -> Result<(), CompletionError> {
    let good = match proof {
        Proof::Passkey { credential_id, counter } => {
            passkeys::used(connection, user, credential_id, counter, now).await?
        }
        Proof::RecoveryCode(hash) => recovery_codes::redeem(connection, user, hash).await?,
        Proof::FirstPasskey(passkey, codes) => {
            if passkeys::any(connection, user).await? {
                return Err(CompletionError::PasskeyKnown);
            }
            passkeys::insert(connection, user, passkey).await?;
            recovery_codes::replace(connection, user, codes, now).await?;
            true
        }
    };
    if good { Ok(()) } else { Err(CompletionError::Refused) }
}
