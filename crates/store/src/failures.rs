//! Failed sign-ins, counted for all replicas.
//!
//! An attempt is pending from its beginning to its end. Meanwhile it counts as a failure for every
//! other attempt, so parallel attempts cannot pass the policy. It is decided before the answer is
//! sent. An attempt may stay undecided, because its replica died or its client hung up. Its client
//! then learnt nothing, and the attempt stops counting after a while. Names without an account
//! count in the same way. Callers with a device token of the account count apart. So a stranger who
//! makes a name wait does not keep out people on devices where they have signed in before.

mod first;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncConnection;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::failures::{Caller, FailurePolicy, Tally};
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::lookup::{self, Reference};
use crate::pool::Store;
use crate::tables::{failures, outbox, users};

use first::First;

pub use crate::tables::failures::FAILURE_RETENTION;

/// A device that says it has signed in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// The account it signed in to.
    pub user: UserId,
    /// The device.
    pub id: Uuid,
}

/// An attempt that has begun, and counts as a failure until it is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    username_key: String,
    device: Uuid,
    /// The attempt's place among those without success, from 1.
    number: u32,
}

impl Begun {
    /// The attempt's place in a row without success, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The device, when it is one that has signed in to this account before.
    #[must_use]
    pub fn known_device(&self) -> Option<Uuid> {
        (!self.device.is_nil()).then_some(self.device)
    }

    /// The claimed name, as it is compared.
    pub(crate) fn username_key(&self) -> &str {
        &self.username_key
    }

    /// An attempt that began in an earlier request and was taken back there.
    pub(crate) fn resumed(username_key: String, known_device: Option<Uuid>) -> Self {
        Self { username_key, device: known_device.unwrap_or_default(), number: 1 }
    }

    fn caller(&self) -> Caller {
        caller(self.device)
    }
}

/// Whether an attempt may begin.
#[derive(Debug)]
pub enum Admission {
    /// It has begun, whether or not it was found out what to compare with: as
    /// [`Store::reference`] says it.
    Begun(Begun, Result<Option<Reference>, StoreError>),
    /// Not before this moment.
    Blocked(DateTime<Utc>),
}

impl Store {
    /// Counts an attempt against `username_key`, unless the name has to wait, and looks up what to
    /// compare with: the references of `models`. A `device` of another account counts as none.
    ///
    /// # Errors
    /// [`StoreError`]. The attempt has not begun then, as far as is known.
    pub async fn begin_attempt(
        &self,
        username_key: &str,
        device: Option<Device>,
        models: &[&ModelId],
        policy: &FailurePolicy,
        now: DateTime<Utc>,
    ) -> Result<Admission, StoreError> {
        let words: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
        let first = First {
            username_key,
            owner: device.map(|device| device.user.0),
            device: device.map(|device| device.id).unwrap_or_default(),
            models: &words,
            now,
        };
        let begun =
            |device, number| Begun { username_key: username_key.to_owned(), device, number };
        let admission = {
            // Nearly every name has no failures: one statement then, and no lock to hold.
            let (mut connection, counted) = self.connection_with(&first).await?;
            if let Some((device, found)) = counted {
                let reference = lookup::opened(self.sealer(), found);
                return Ok(Admission::Begun(begun(device, 1), reference));
            }
            let device = match device {
                Some(Device { user, id })
                    if users::of_name(&connection, username_key).await? == Some(user) =>
                {
                    id
                }
                _ => Uuid::nil(),
            };
            connection
                .transaction(async |connection| {
                    let tally =
                        failures::locked_or_new(connection, username_key, device, now).await?;
                    match policy.begin(&tally, caller(device), now) {
                        Ok(next) => {
                            failures::write(connection, username_key, device, &next).await?;
                            Ok::<_, StoreError>(Ok(begun(device, tally.living(now).number())))
                        }
                        Err(until) => Ok(Err(until)),
                    }
                })
                .await?
        };
        Ok(match admission {
            Ok(begun) => Admission::Begun(begun, self.reference(username_key, models).await),
            Err(until) => Admission::Blocked(until),
        })
    }

    /// Ends an attempt that has failed. Nothing may be answered before this. When it locks the name,
    /// the account holder hears of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fail_attempt(
        &self,
        begun: &Begun,
        policy: &FailurePolicy,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let failed = |tally: &Tally| policy.failed(tally, begun.caller(), now);
        let locks = |before: &Tally, after: &Tally| {
            self.has_outbox() && policy.begins_lock(before, after, begun.caller(), now)
        };
        self.end_attempt(begun, now, failed, locks).await
    }

    /// Ends an attempt that was no failure and no success either.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forgive_attempt(
        &self,
        begun: &Begun,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.end_attempt(begun, now, Tally::forgiven, |_, _| false).await
    }

    /// Puts `end` in the place of the count. `locks` says, of the count before and after, whether
    /// the account holder hears of it.
    async fn end_attempt(
        &self,
        begun: &Begun,
        now: DateTime<Utc>,
        end: impl Fn(&Tally) -> Tally + Send + Sync,
        locks: impl Fn(&Tally, &Tally) -> bool + Send + Sync,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let (name, device) = (&begun.username_key, begun.device);
        connection
            .transaction(async |connection| {
                // Gone when the name was unlocked or erased meanwhile.
                let Some(tally) = failures::locked(connection, name, device).await? else {
                    return Ok(());
                };
                let next = end(&tally);
                if next.is_clear(now) {
                    failures::delete(connection, name, device).await?;
                } else {
                    failures::write(connection, name, device, &next).await?;
                }
                if locks(&tally, &next) {
                    outbox::insert_of_name(connection, name, AccountEvent::Locked, now).await?;
                }
                Ok(())
            })
            .await
    }

    /// Forgets the failures of a name, for every device, and refills its budgets. An operator does
    /// this for a person who is locked out. `false` when there were none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlock(&self, username_key: &str) -> Result<bool, StoreError> {
        let connection = self.connection().await?;
        Ok(failures::delete_of_name(&connection, username_key).await? > 0)
    }
}

fn caller(device: Uuid) -> Caller {
    if device.is_nil() { Caller::UnknownDevice } else { Caller::KnownDevice }
}

/// Ends the failures in a row after a success: those of the caller's device, and when the device
/// was known, those of all devices, because the person is then the account holder. The budgets are
/// not refilled.
pub(crate) async fn clear(
    connection: &Link,
    begun: &Begun,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    // Nearly always there are no failures, and then one statement is enough.
    let (name, device) = (&begun.username_key, begun.device);
    let cleared = failures::delete_alone(connection, name, device, now).await?;
    if cleared == 0
        && let Some(tally) = failures::locked(connection, name, device).await?
    {
        failures::write(connection, name, device, &tally.succeeded()).await?;
    }
    if begun.known_device().is_some() {
        failures::clear_others(connection, name, device).await?;
    }
    Ok(cleared)
}
