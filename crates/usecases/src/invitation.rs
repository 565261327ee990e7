//! Invitations: what somebody enrols with where registration is not open to everybody.
//!
//! A service or the operator makes one for a name. Its link goes to the person, who may enrol once
//! under that name until the end. The transaction that makes the account uses it up.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::user::Username;
use faceauth_store::invite::{Invitation, NewInvitation};
use faceauth_tokens::TokenError;
use faceauth_tokens::invitation::{self, FreshInvitation};

use crate::context::{Context, Registration};
use crate::error::{Error, InvitationProblem, Result};

/// How long an invitation is good when nobody says otherwise: a week, for a message that is read
/// after the holidays of a few days.
pub const DEFAULT_TTL: TimeDelta = TimeDelta::days(7);

/// The shortest: a person needs a minute to enrol.
pub const MIN_TTL: TimeDelta = TimeDelta::minutes(1);

/// The longest: a link that lies in a mailbox for longer is read by somebody else one day.
pub const MAX_TTL: TimeDelta = TimeDelta::days(30);

/// Whether an invitation may be good for so long.
#[must_use]
pub fn is_ttl(ttl: TimeDelta) -> bool {
    (MIN_TTL..=MAX_TTL).contains(&ttl)
}

/// An invitation for `username` that is yet to be stored, and its secret. `made_by` is the prefix
/// of the API key of the service that makes it, or `None` for the command line. `ttl` is one that
/// [`is_ttl`].
///
/// # Errors
/// [`TokenError::Randomness`] when the operating system gives none.
pub fn begin(
    username: Username,
    made_by: Option<String>,
    ttl: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(FreshInvitation, NewInvitation), TokenError> {
    let fresh = FreshInvitation::random()?;
    let invitation = Invitation { username, made_by, created_at: now, expires_at: now + ttl };
    let stored = NewInvitation { secret_hash: fresh.hash, invitation };
    Ok((fresh, stored))
}

/// The link that opens the page at `page` with an invitation. The secret stands in the fragment,
/// which browsers send to nobody, so that no log of a server or a proxy has it.
#[must_use]
pub fn link(page: &str, secret: &str) -> String {
    format!("{}/#invite={secret}", page.trim_end_matches('/'))
}

/// Whether invitations count here.
///
/// # Errors
/// [`Error::RegistrationClosed`] when they do not.
pub fn permit(context: &Context) -> Result<()> {
    match context.registration {
        Registration::Open | Registration::Invite => Ok(()),
        Registration::Service | Registration::Closed => Err(Error::RegistrationClosed),
    }
}

/// The invitation with this secret, when somebody may enrol with it now.
///
/// # Errors
/// [`Error::RegistrationClosed`] where invitations do not count, [`Error::Invitation`] when it is
/// not good, or a failure of the store.
pub async fn read(context: &Context, secret: &str) -> Result<Invitation> {
    permit(context)?;
    let found = context.store.invitation(&invitation::hash(secret)).await?;
    Ok(good(found, context.now())?)
}

/// Checks the invitation that somebody presents to enrol as `username`. Returns what the
/// transaction of the enrolment looks for: only that decides.
pub(crate) async fn check(
    context: &Context,
    secret: &str,
    username: &Username,
) -> Result<[u8; 32]> {
    let hash = invitation::hash(secret);
    let found = context.store.invitation(&hash).await?;
    good(found, context.now()).and_then(|invitation| is_for(&invitation, username))?;
    Ok(hash)
}

fn good(found: Option<Invitation>, now: DateTime<Utc>) -> Result<Invitation, InvitationProblem> {
    let invitation = found.ok_or(InvitationProblem::Unknown)?;
    if invitation.expires_at <= now {
        return Err(InvitationProblem::Expired);
    }
    Ok(invitation)
}

fn is_for(invitation: &Invitation, username: &Username) -> Result<(), InvitationProblem> {
    if invitation.username.key() == username.key() {
        Ok(())
    } else {
        Err(InvitationProblem::OtherName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada(expires_at: DateTime<Utc>) -> Invitation {
        Invitation {
            username: "Ada".parse().unwrap(),
            made_by: None,
            created_at: DateTime::UNIX_EPOCH,
            expires_at,
        }
    }

    #[test]
    fn an_invitation_is_good_until_its_end_and_for_its_name() {
        let end = DateTime::UNIX_EPOCH + DEFAULT_TTL;
        let second = TimeDelta::seconds(1);
        assert_eq!(good(None, end), Err(InvitationProblem::Unknown));
        assert_eq!(good(Some(ada(end)), end - second), Ok(ada(end)));
        assert_eq!(good(Some(ada(end)), end), Err(InvitationProblem::Expired));
        assert_eq!(is_for(&ada(end), &"ADA".parse().unwrap()), Ok(()));
        let other = InvitationProblem::OtherName;
        assert_eq!(is_for(&ada(end), &"ada2".parse().unwrap()), Err(other));
    }

    #[test]
    fn a_link_has_the_secret_in_its_fragment() {
        for page in ["https://auth.example.org", "https://auth.example.org/"] {
            assert_eq!(link(page, "fi_x"), "https://auth.example.org/#invite=fi_x");
        }
    }

    #[test]
    fn invitations_last_minutes_to_weeks() {
        assert!(is_ttl(DEFAULT_TTL) && is_ttl(MIN_TTL) && is_ttl(MAX_TTL));
        assert!(!is_ttl(MIN_TTL - TimeDelta::seconds(1)));
        assert!(!is_ttl(MAX_TTL + TimeDelta::seconds(1)));
    }
}
