//! What can go wrong, recognised by constraint names and never by message texts, which hold data.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use bb8::RunError;
use diesel::result::{ConnectionError, DatabaseErrorInformation, DatabaseErrorKind, Error};

use crate::seal::SealError;

/// The store failed. Nothing in here is meant for a client; all of it may be logged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is too busy, full or read-only, or went away. Trying again
    /// may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(Cause),
    /// Something sealed does not open, or cannot be sealed: changed, moved, or of an unknown key.
    #[error("what is sealed cannot be sealed or opened: {0}")]
    Sealing(#[from] SealError),
    /// Anything else.
    #[error("the database failed: {0}")]
    Database(Cause),
}

/// A description for the log: what failed and which constraint, never which values.
#[derive(Clone, PartialEq, Eq)]
pub struct Cause(String);

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The primary message and the constraint. The detail and the hint are left out:
    /// Postgres puts the offending row there.
    fn of_database(information: &dyn DatabaseErrorInformation) -> Self {
        match information.constraint_name() {
            Some(constraint) => Self(format!("constraint {constraint} is violated")),
            None => Self(information.message().to_owned()),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// The constraints whose violation means something. The names are those of the
/// migrations; a test checks that each exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Constraint {
    /// Another account has the name.
    UsernameUnique,
    /// Another request used the key.
    IdempotencyKeyUnique,
    /// The account of an attempt does not exist.
    AttemptUser,
    /// The account of a refresh token does not exist.
    RefreshTokenUser,
    /// An account has the passkey.
    PasskeyUnique,
}

impl Constraint {
    const ALL: [Self; 5] = [
        Self::UsernameUnique,
        Self::IdempotencyKeyUnique,
        Self::AttemptUser,
        Self::RefreshTokenUser,
        Self::PasskeyUnique,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::UsernameUnique => "users_username_key_unique",
            Self::IdempotencyKeyUnique => "idempotency_keys_pkey",
            Self::AttemptUser => "attempts_user_fkey",
            Self::RefreshTokenUser => "refresh_tokens_user_fkey",
            Self::PasskeyUnique => "passkeys_credential_unique",
        }
    }

    /// The constraint that `error` reports, if it is one of ours.
    pub(crate) fn violated_by(error: &Error) -> Option<Self> {
        let Error::DatabaseError(_, information) = error else { return None };
        let name = information.constraint_name()?;
        Self::ALL.into_iter().find(|constraint| constraint.name() == name)
    }
}

/// The messages of a server that gave up while it analysed a statement, because of a timeout of
/// `connect/limits.rs`. Such an error has a position. For a server with translated messages only
/// the position counts.
const GAVE_UP: [&str; 2] =
    ["canceling statement due to statement timeout", "canceling statement due to lock timeout"];

/// Whether the database was not able to carry out a statement that is all right: it is full or
/// read-only, shuts down, has no memory, gave up a lock, met a deadlock.
///
/// These are whole classes of SQLSTATE: 08, 25, 40, 53, 55, 57 and 58. Diesel does not hand the
/// SQLSTATE over, and messages are translated and numberless. But it recognises every violation of
/// a constraint, and an error in a statement itself has a position in it. Other errors are not
/// caused by our statements. The exception is values that Postgres cannot store (class 22), and the
/// domain makes no such value.
pub(crate) fn is_inability(
    kind: &DatabaseErrorKind,
    information: &(dyn DatabaseErrorInformation + Send + Sync),
) -> bool {
    match kind {
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction
        | DatabaseErrorKind::SerializationFailure => true,
        DatabaseErrorKind::Unknown => {
            let of_the_statement = information.statement_position().is_some()
                || information.constraint_name().is_some();
            !of_the_statement || GAVE_UP.contains(&information.message())
        }
        _ => false,
    }
}

/// How often the database was not able to carry out a statement of this process that had reached
/// it. Every error of a statement becomes a [`StoreError`] in one place, whichever way it came: with
/// the answer, or later, with the rows. No connection is known there, and a process has one
/// database.
static INABILITIES: AtomicU64 = AtomicU64::new(0);

/// How often the database was not able to carry out a statement so far.
pub(crate) fn inabilities() -> u64 {
    INABILITIES.load(Ordering::Relaxed)
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::DatabaseError(kind, information) => {
                let cause = Cause::of_database(&*information);
                if is_inability(&kind, &*information) {
                    if !matches!(kind, DatabaseErrorKind::UnableToSendCommand) {
                        INABILITIES.fetch_add(1, Ordering::Relaxed);
                    }
                    Self::Unavailable(cause)
                } else {
                    Self::Database(cause)
                }
            }
            Error::BrokenTransactionManager => {
                Self::Unavailable(Cause::new("the connection broke in a transaction"))
            }
            // Of our own making and without data: a missing row, a value of the wrong shape.
            other => Self::Database(Cause::new(other.to_string())),
        }
    }
}

impl From<RunError<Cause>> for StoreError {
    fn from(error: RunError<Cause>) -> Self {
        Self::Unavailable(match error {
            RunError::TimedOut => Cause::new("no connection became free in time"),
            RunError::User(cause) => cause,
        })
    }
}

impl From<&Error> for Cause {
    fn from(error: &Error) -> Self {
        match error {
            Error::DatabaseError(_, information) => Self::of_database(&**information),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<&ConnectionError> for Cause {
    fn from(error: &ConnectionError) -> Self {
        match error {
            ConnectionError::CouldntSetupConfiguration(Error::DatabaseError(_, information)) => {
                Self::of_database(&**information)
            }
            // The other variants may quote the URL.
            _ => Self::new("the connection could not be set up"),
        }
    }
}
