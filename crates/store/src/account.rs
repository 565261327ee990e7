//! What an account holder reaches, behind one door.
//!
//! An access token is good for minutes after its session has ended, so the token alone opens nothing
//! here. [`Account`] and [`Enrolling`] carry what the caller showed, and every method of theirs begins
//! by checking it in its own transaction. There is no other way from a caller to these queries, so an
//! endpoint cannot leave the check out.
//!
//! Whatever ends a session or a person's consent takes the same lock of the account, so that it is
//! either before the check or after the whole change.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::refresh_tokens;
use crate::tables::consents;
use crate::tables::enrolment_tokens;

/// The session that a verified access token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSession {
    /// `sub` of the token.
    pub user: UserId,
    /// `sid` of the token.
    pub id: Uuid,
}

/// What somebody shows who adds a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentRight {
    /// A session.
    Session(TokenSession),
    /// A verified enrolment token of this account.
    Token {
        /// `sub` of the token.
        user: UserId,
        /// `jti` of the token.
        id: Uuid,
    },
}

/// Why an account was not reached.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The session was ended or revoked, the enrolment token was used or replaced, consent was
    /// withdrawn, or the account was erased. Callers learn no more.
    #[error("the session is over")]
    SessionOver,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for AccountError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// An account, as the holder of a session reaches it.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    pub(crate) store: &'a Store,
    pub(crate) session: TokenSession,
}

/// An account, as somebody reaches it who adds a face to it.
#[derive(Debug, Clone, Copy)]
pub struct Enrolling<'a> {
    pub(crate) store: &'a Store,
    pub(crate) right: EnrolmentRight,
}

impl Store {
    /// The account of a session, which is checked with everything that is asked of it.
    #[must_use]
    pub fn account(&self, session: TokenSession) -> Account<'_> {
        Account { store: self, session }
    }

    /// The account of a session or of an enrolment token, checked alike.
    #[must_use]
    pub fn enrolling(&self, right: EnrolmentRight) -> Enrolling<'_> {
        Enrolling { store: self, right }
    }
}

/// An account whose session or enrolment token was found good, in the transaction that goes on.
/// Only this module makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entered {
    pub user: UserId,
    _checked: (),
}

impl Account<'_> {
    /// Locks the account and checks the session: before a change.
    pub(crate) async fn enter(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> Result<Entered, AccountError> {
        if !consents::lock(connection, self.session.user).await? {
            return Err(AccountError::SessionOver);
        }
        self.look(connection).await
    }

    /// Checks the session: before something is read.
    pub(crate) async fn look(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> Result<Entered, AccountError> {
        let TokenSession { user, .. } = self.session;
        if lives(connection, self.session).await? && consents::stands(connection, user).await? {
            Ok(Entered { user, _checked: () })
        } else {
            Err(AccountError::SessionOver)
        }
    }
}

impl Enrolling<'_> {
    /// Whose account it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        match self.right {
            EnrolmentRight::Session(session) => session.user,
            EnrolmentRight::Token { user, .. } => user,
        }
    }

    /// Locks the account and checks the session or the token: before a change. Whether consent
    /// stands is checked for a session only: with an enrolment token it can be granted anew.
    pub(crate) async fn enter(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> Result<Entered, AccountError> {
        match self.right {
            EnrolmentRight::Session(session) => {
                Account { store: self.store, session }.enter(connection).await
            }
            EnrolmentRight::Token { user, .. } => {
                if !consents::lock(connection, user).await? {
                    return Err(AccountError::SessionOver);
                }
                self.look(connection).await
            }
        }
    }

    /// Checks the session or the token: before something is read.
    pub(crate) async fn look(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> Result<Entered, AccountError> {
        match self.right {
            EnrolmentRight::Session(session) => {
                Account { store: self.store, session }.look(connection).await
            }
            EnrolmentRight::Token { user, id } => {
                if enrolment_tokens::is_good(connection, user, id).await? {
                    Ok(Entered { user, _checked: () })
                } else {
                    Err(AccountError::SessionOver)
                }
            }
        }
    }
}

/// Whether a session of this account was begun and not revoked.
async fn lives(connection: &mut AsyncPgConnection, session: TokenSession) -> QueryResult<bool> {
    let begun = refresh_tokens::table
        .filter(refresh_tokens::session.eq(session.id))
        .filter(refresh_tokens::user_id.eq(session.user.0));
    // One revoked token ends the session.
    let revoked = begun.filter(refresh_tokens::revoked_at.is_not_null());
    diesel::select(exists(begun).and(not(exists(revoked)))).get_result(connection).await
}
