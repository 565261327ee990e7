//! Whether a sign-in is enough for a request, or the person has to show more.

use chrono::{DateTime, TimeDelta, Utc};

use super::request::AuthorizationRequest;
use crate::assurance::Assurance;
use crate::authentication::{Authentication, PasskeyKind};

/// A sign-in that has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInShown {
    /// When the person was authenticated.
    pub auth_time: DateTime<Utc>,
    /// How.
    pub authentication: Authentication,
}

/// Why a sign-in is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmet {
    /// It is too long ago, or the request wants a new one.
    TooOld,
    /// It shows less than `acr_values` ask for.
    TooWeak,
}

impl AuthorizationRequest {
    /// Whether a sign-in is enough for this request, which was made at `requested_at`.
    ///
    /// A sign-in after the request is new enough for any `max_age`, also for 0 seconds.
    ///
    /// # Errors
    /// [`Unmet`] says what is missing.
    pub fn met_by(
        &self,
        shown: SignInShown,
        requested_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), Unmet> {
        let age = now - shown.auth_time;
        let wants_new = self.prompt.login || self.prompt.create;
        let too_old = wants_new || self.max_age.is_some_and(|most| age > most);
        if shown.auth_time < requested_at && too_old {
            return Err(Unmet::TooOld);
        }
        let meets = |wanted: &Authentication| is_as_strong(shown.authentication, *wanted);
        if !self.acr_values.is_empty() && !self.acr_values.iter().any(meets) {
            return Err(Unmet::TooWeak);
        }
        Ok(())
    }

    /// Whether a face alone meets none of the `acr_values`.
    #[must_use]
    pub fn wants_second_factor(&self) -> bool {
        let face = Authentication::Face(Assurance::FaceLiveness);
        !self.acr_values.is_empty()
            && !self.acr_values.iter().any(|wanted| is_as_strong(face, *wanted))
    }

    /// Whether the person has to sign in anew, however they have signed in before.
    #[must_use]
    pub fn wants_new_sign_in(&self) -> bool {
        self.prompt.login || self.prompt.create || self.max_age == Some(TimeDelta::zero())
    }
}

/// Whether `shown` has every part of `wanted`, each as strong or stronger.
#[must_use]
pub fn is_as_strong(shown: Authentication, wanted: Authentication) -> bool {
    let face = match (shown.face(), wanted.face()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(shown), Some(wanted)) => strength(shown) >= strength(wanted),
    };
    let key = match (shown.passkey(), wanted.passkey()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(shown), Some(wanted)) => shown == wanted || shown == PasskeyKind::DeviceBound,
    };
    // A recovery code stands in for a passkey, so a passkey is more.
    let code = match wanted {
        Authentication::FaceAndRecoveryCode(_) => {
            matches!(shown, Authentication::FaceAndRecoveryCode(_)) || shown.passkey().is_some()
        }
        _ => true,
    };
    face && key && code
}

/// The place among [`Assurance::ALL`], which begins with the weakest.
fn strength(assurance: Assurance) -> Option<usize> {
    Assurance::ALL.iter().position(|one| *one == assurance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_an_order() {
        for one in Authentication::ALL {
            assert!(is_as_strong(*one, *one), "{one:?}");
            for other in Authentication::ALL {
                let both = is_as_strong(*one, *other) && is_as_strong(*other, *one);
                assert_eq!(both, one == other, "{one:?} {other:?}");
                for third in Authentication::ALL {
                    if is_as_strong(*one, *other) && is_as_strong(*other, *third) {
                        assert!(is_as_strong(*one, *third), "{one:?} {other:?} {third:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_are_compared_each() {
        let strong = |shown: &str, wanted: &str| {
            let parse = |word| Authentication::parse(word).expect("a word");
            is_as_strong(parse(shown), parse(wanted))
        };
        assert!(strong("face-liveness-passkey-device-bound", "face-passkey-synced"));
        assert!(strong("face-liveness", "face"));
        assert!(!strong("face", "face-liveness"));
        assert!(!strong("face-liveness", "face-passkey-synced"));
        assert!(!strong("face-passkey-synced", "face-passkey-device-bound"));
        assert!(!strong("passkey-device-bound", "face"));
        assert!(!strong("face-recovery-code", "face-passkey-synced"));
        assert!(strong("face-passkey-synced", "face-recovery-code"));
    }
}
