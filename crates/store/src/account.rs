//! The operations of an account holder, all behind one check.
//!
//! An access token stays valid for minutes after its session has ended, so the token alone is not
//! enough here. [`Account`] and [`Enrolling`] carry what the caller presented. Each of their
//! methods begins by checking it in its own transaction. A caller reaches these queries in no other
//! way, so an endpoint cannot leave the check out.
//!
//! Every operation that ends a session or consent takes the same lock of the account. So the end
//! comes either before the check or after the whole change.

use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::tables::{consents, enrolment_tokens, refresh_tokens, users};

/// The session that a verified access token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSession {
    /// `sub` of the token.
    pub user: UserId,
    /// `sid` of the token.
    pub id: Uuid,
}

/// What a caller presents to add a face.
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

/// An account, reached by a caller who adds a face to it.
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

    /// The account of a session or of an enrolment token. Both are checked in the same way.
    #[must_use]
    pub fn enrolling(&self, right: EnrolmentRight) -> Enrolling<'_> {
        Enrolling { store: self, right }
    }
}

/// An account whose session or enrolment token was found valid in the current transaction. Only
/// this module makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entered {
    pub user: UserId,
    _checked: (),
}

impl EnrolmentRight {
    fn user(self) -> UserId {
        match self {
            Self::Session(session) => session.user,
            Self::Token { user, .. } => user,
        }
    }

    /// Locks the account and checks the session or the token.
    async fn enter(self, connection: &mut Link) -> Result<Entered, AccountError> {
        if !users::lock(connection, self.user()).await? {
            return Err(AccountError::SessionOver);
        }
        self.look(connection).await
    }

    /// Checks the session or the token.
    async fn look(self, connection: &mut Link) -> Result<Entered, AccountError> {
        let user = self.user();
        let good = match self {
            Self::Session(session) => {
                refresh_tokens::lives(connection, user, session.id, None).await?
                    && consents::stands(connection, user).await?
            }
            Self::Token { id, .. } => enrolment_tokens::is_good(connection, user, id).await?,
        };
        if good { Ok(Entered { user, _checked: () }) } else { Err(AccountError::SessionOver) }
    }
}

impl Account<'_> {
    /// Whose account it is, as the token says.
    #[must_use]
    pub fn owner(&self) -> UserId {
        self.session.user
    }

    /// Locks the account and checks the session: before a change.
    pub(crate) async fn enter(&self, connection: &mut Link) -> Result<Entered, AccountError> {
        EnrolmentRight::Session(self.session).enter(connection).await
    }

    /// Checks the session: before something is read.
    pub(crate) async fn look(&self, connection: &mut Link) -> Result<Entered, AccountError> {
        EnrolmentRight::Session(self.session).look(connection).await
    }
}

impl Enrolling<'_> {
    /// Whose account it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.right.user()
    }

    /// Before a change, locks the account and checks the session or the token. Consent is checked
    /// only for a session, because with an enrolment token it can be granted again.
    pub(crate) async fn enter(&self, connection: &mut Link) -> Result<Entered, AccountError> {
        self.right.enter(connection).await
    }

    /// Checks the session or the token: before something is read.
    pub(crate) async fn look(&self, connection: &mut Link) -> Result<Entered, AccountError> {
        self.right.look(connection).await
    }
}
