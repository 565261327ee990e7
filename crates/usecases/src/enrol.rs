//! Enrolment: a new account with its faces, or another face for an account.
//!
//! Both take the same road from what was shown to what may become a template ([`proven`]).

mod add_face;
mod idempotency;
mod proven;
mod register;

pub use add_face::add_face;
pub use register::register;

use faceauth_domain::user::{User, Username};
use faceauth_store::faces::FaceRecord;

use crate::context::{Context, Registration};
use crate::error::{Error, Result};
use crate::events::{Actor, Origin};
use crate::presented::{Pictures, Presented};
use crate::session::{IssuedTokens, PendingSession};

/// Who wants to enrol, with what.
pub struct RegisterCommand {
    /// The name of the new account.
    pub username: Username,
    /// The version of the text the person agreed to.
    pub policy_version: String,
    /// What they show.
    pub presented: Presented<Pictures>,
}

/// Who enrols whom.
#[derive(Debug, Clone)]
pub struct Enroller {
    /// A service vouches for the pictures: they need show no liveness, and passive PAD, which
    /// takes the scan of an identity card for a print, is written down only.
    pub vouched: bool,
    /// Whether the person is signed in by it.
    pub sign_in: bool,
    /// Who calls, from where.
    pub origin: Origin,
}

impl Enroller {
    /// A person who enrols is who is signed in by it; a service stays the service.
    fn signed_in(&self, session: Option<&PendingSession>) -> Origin {
        match session {
            Some(session) => self.origin.by(Actor::Session(session.row.session)),
            None => self.origin.clone(),
        }
    }
}

/// A new account.
pub struct Registered {
    /// Whose it is.
    pub user: User,
    /// Its faces, in the order of the pictures.
    pub faces: Vec<FaceRecord>,
    /// The tokens of who was signed in.
    pub tokens: Option<IssuedTokens>,
}

/// Whether anybody, or this enroller, may make accounts.
///
/// # Errors
/// [`Error::RegistrationClosed`] when they may not.
pub fn permit(context: &Context, vouched: bool) -> Result<()> {
    match context.registration {
        Registration::Open => Ok(()),
        Registration::Service if vouched => Ok(()),
        Registration::Service | Registration::Closed => Err(Error::RegistrationClosed),
    }
}
