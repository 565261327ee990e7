//! Why an answer proves nothing.

use webauthn_rs::prelude::WebauthnError;

/// Why an answer proves nothing. For the log of the operator: outside all are one refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Flaw {
    /// It cannot be read, or lacks what the ceremony needs.
    #[error("the answer cannot be read")]
    Malformed,
    /// It answers another challenge.
    #[error("the answer belongs to another challenge")]
    Challenge,
    /// It was made on another page, or for another service.
    #[error("the answer was made for another origin")]
    Origin,
    /// The device did not verify its user.
    #[error("the device did not verify its user")]
    UserVerification,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// The counter did not rise: the key may have been copied.
    #[error("the counter went back")]
    Counter,
    /// The key is not one of those that were asked for, or is known already.
    #[error("the key is another one")]
    Credential,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: [Self; 7] = [
        Self::Malformed,
        Self::Challenge,
        Self::Origin,
        Self::UserVerification,
        Self::Signature,
        Self::Counter,
        Self::Credential,
    ];

    /// The word of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "passkey_malformed",
            Self::Challenge => "passkey_challenge",
            Self::Origin => "passkey_origin",
            Self::UserVerification => "passkey_user_verification",
            Self::Signature => "passkey_signature",
            Self::Counter => "passkey_counter",
            Self::Credential => "passkey_unknown",
        }
    }
}

impl From<WebauthnError> for Flaw {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::MismatchedChallenge | WebauthnError::ChallengeNotFound => {
                Self::Challenge
            }
            WebauthnError::InvalidRPOrigin
            | WebauthnError::InvalidRPIDHash
            | WebauthnError::CredentialCrossOrigin => Self::Origin,
            WebauthnError::UserNotPresent | WebauthnError::UserNotVerified => {
                Self::UserVerification
            }
            WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => {
                Self::Signature
            }
            WebauthnError::CredentialPossibleCompromise => Self::Counter,
            WebauthnError::CredentialNotFound
            | WebauthnError::CredentialAlreadyExists
            | WebauthnError::CredentialExcludedFromRequest
            | WebauthnError::InvalidUserUniqueId => Self::Credential,
            _ => Self::Malformed,
        }
    }
}
