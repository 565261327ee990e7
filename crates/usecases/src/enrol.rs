//! Enrolment: a new account with its faces, or another face for an account.
//!
//! Both turn what was presented into possible templates in the same way ([`proven`]).

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
use crate::second_factor::Asked;
use crate::session::{IssuedTokens, PendingSession};

/// The person to enrol, and their pictures or capture.
pub struct RegisterCommand {
    /// The name of the new account.
    pub username: Username,
    /// The secret of the invitation, when the person presents one.
    pub invitation: Option<String>,
    /// The version of the text the person agreed to.
    pub policy_version: String,
    /// What the person presents.
    pub presented: Presented<Pictures>,
}

/// The caller who enrols, and the person who is enrolled.
#[derive(Debug, Clone)]
pub struct Enroller {
    /// A service vouches for the pictures: they need show no liveness, and passive PAD, which
    /// takes the scan of an identity card for a print, is written down only.
    pub vouched: bool,
    /// Whether the person is signed in by it.
    pub sign_in: bool,
    /// The caller, and where the request came from.
    pub origin: Origin,
}

impl Enroller {
    /// Somebody who has proved nothing but a good invitation is its holder.
    fn invited(&self, invited: bool) -> Self {
        let origin = match self.origin.actor() {
            Actor::Anonymous if invited => self.origin.by(Actor::Invitation),
            _ => self.origin.clone(),
        };
        Self { origin, ..self.clone() }
    }

    /// A person who enrols is signed in and becomes the actor; a service stays the actor.
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
    /// What the person is given, unless a service enrolled them for later.
    pub entry: Option<Entry>,
}

/// What a person is given who has enrolled.
pub enum Entry {
    /// The tokens of a session.
    SignedIn(IssuedTokens),
    /// What they register a passkey with, without which nobody is signed in here.
    Asked(Asked),
}

/// Whether anybody, or this enroller, may make accounts. Where an invitation is needed, whether
/// one was presented: whether it is good is seen later.
///
/// # Errors
/// [`Error::RegistrationClosed`] or [`Error::InvitationRequired`] when they may not.
pub fn permit(context: &Context, vouched: bool, invited: bool) -> Result<()> {
    match context.registration {
        Registration::Open => Ok(()),
        Registration::Invite if vouched || invited => Ok(()),
        Registration::Invite => Err(Error::InvitationRequired),
        Registration::Service if vouched => Ok(()),
        Registration::Service | Registration::Closed => Err(Error::RegistrationClosed),
    }
}
