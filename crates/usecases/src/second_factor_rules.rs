//! What the deployment asks for.

use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_passkeys::RelyingParty;
use faceauth_store::sign_in::FaceAlone;

use crate::error::{Error, Result};

/// What the deployment asks for. The default asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct SecondFactorRules {
    /// When a face is not enough.
    pub mode: SecondFactorMode,
    /// Whether a passkey alone signs in.
    pub passkey_alone: bool,
    /// The service that passkeys are made for; `None` with [`SecondFactorMode::Off`].
    pub relying_party: Option<RelyingParty>,
}

impl SecondFactorRules {
    /// The service that passkeys are made for.
    ///
    /// # Errors
    /// [`Error::NoPasskeys`] when there are none here.
    pub(crate) fn relying_party(&self) -> Result<&RelyingParty> {
        self.relying_party
            .as_ref()
            .filter(|_| self.mode != SecondFactorMode::Off)
            .ok_or(Error::NoPasskeys)
    }

    /// Whether a face alone signs in.
    pub(crate) fn face_alone(&self) -> FaceAlone {
        match self.mode {
            SecondFactorMode::Off => FaceAlone::Enough,
            SecondFactorMode::Offered | SecondFactorMode::Required => FaceAlone::UnlessPasskey,
        }
    }
}
