//! What a person has shown to be signed in.

use crate::assurance::Assurance;

/// What is known of the device that holds a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasskeyKind {
    /// The key may be copied to other devices of its owner by a service that the owner trusts
    /// (backup eligible: WebAuthn Level 3, 6.1.3).
    Synced,
    /// The key says that it never leaves its device.
    DeviceBound,
}

impl PasskeyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Synced, Self::DeviceBound];

    /// The word that stands for it in answers and in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::DeviceBound => "device_bound",
        }
    }
}

/// Begins every `acr`.
const ACR_PREFIX: &str = "urn:faceauth:acr:";

/// What a person has shown to be signed in; becomes `acr` and `amr` of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// A face alone.
    Face(Assurance),
    /// A face, then a passkey whose device verified its user.
    FaceAndPasskey(Assurance, PasskeyKind),
    /// A face, then a recovery code in place of the passkey.
    FaceAndRecoveryCode(Assurance),
    /// A passkey alone, whose device verified its user.
    Passkey(PasskeyKind),
}

/// Writes words and their parts once.
macro_rules! words {
    ($($word:literal $value:expr;)*) => {
        impl Authentication {
            /// Everything that can be shown. The order says nothing about strength.
            pub const ALL: &[Self] = &[$($value,)*];

            /// The word that stands for it in `acr` and in rows. Words are permanent: refresh
            /// tokens keep them.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                const WORDS: &[(Authentication, &str)] = &[$(($value, $word),)*];
                // Every value has a line: a test goes through all.
                WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
            }
        }
    };
}

use Assurance::{Face, FaceLiveness, FaceLivenessReduced};
use PasskeyKind::{DeviceBound, Synced};

words! {
    "face" Authentication::Face(Face);
    "face-liveness-reduced" Authentication::Face(FaceLivenessReduced);
    "face-liveness" Authentication::Face(FaceLiveness);
    "face-passkey-synced" Authentication::FaceAndPasskey(Face, Synced);
    "face-passkey-device-bound" Authentication::FaceAndPasskey(Face, DeviceBound);
    "face-liveness-reduced-passkey-synced" Authentication::FaceAndPasskey(FaceLivenessReduced, Synced);
    "face-liveness-reduced-passkey-device-bound"
        Authentication::FaceAndPasskey(FaceLivenessReduced, DeviceBound);
    "face-liveness-passkey-synced" Authentication::FaceAndPasskey(FaceLiveness, Synced);
    "face-liveness-passkey-device-bound" Authentication::FaceAndPasskey(FaceLiveness, DeviceBound);
    "face-recovery-code" Authentication::FaceAndRecoveryCode(Face);
    "face-liveness-reduced-recovery-code" Authentication::FaceAndRecoveryCode(FaceLivenessReduced);
    "face-liveness-recovery-code" Authentication::FaceAndRecoveryCode(FaceLiveness);
    "passkey-synced" Authentication::Passkey(Synced);
    "passkey-device-bound" Authentication::Passkey(DeviceBound);
}

impl Authentication {
    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|shown| shown.as_str() == word)
    }

    /// Authentication context class (`acr`) in tokens and requests.
    #[must_use]
    pub fn acr(self) -> String {
        format!("{ACR_PREFIX}{}", self.as_str())
    }

    /// The inverse of [`Self::acr`].
    #[must_use]
    pub fn parse_acr(acr: &str) -> Option<Self> {
        Self::parse(acr.strip_prefix(ACR_PREFIX)?)
    }

    /// What was shown of the face.
    #[must_use]
    pub fn face(self) -> Option<Assurance> {
        match self {
            Self::Face(face) | Self::FaceAndPasskey(face, _) | Self::FaceAndRecoveryCode(face) => {
                Some(face)
            }
            Self::Passkey(_) => None,
        }
    }

    /// The passkey that was shown.
    #[must_use]
    pub fn passkey(self) -> Option<PasskeyKind> {
        match self {
            Self::FaceAndPasskey(_, kind) | Self::Passkey(kind) => Some(kind),
            Self::Face(_) | Self::FaceAndRecoveryCode(_) => None,
        }
    }
}

impl From<Assurance> for Authentication {
    fn from(face: Assurance) -> Self {
        Self::Face(face)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Everything that the parts allow.
    fn combinations() -> Vec<Authentication> {
        let faces = Assurance::ALL.into_iter().flat_map(|face| {
            PasskeyKind::ALL
                .map(|kind| Authentication::FaceAndPasskey(face, kind))
                .into_iter()
                .chain([Authentication::Face(face), Authentication::FaceAndRecoveryCode(face)])
        });
        faces.chain(PasskeyKind::ALL.map(Authentication::Passkey)).collect()
    }

    #[test]
    fn everything_has_a_word_of_its_own() {
        let all: HashSet<_> = combinations().into_iter().collect();
        assert_eq!(all, Authentication::ALL.iter().copied().collect());
        let words: HashSet<_> = all.iter().map(|shown| shown.as_str()).collect();
        assert_eq!(words.len(), all.len());
        for shown in all {
            assert!(!shown.as_str().is_empty());
            assert_eq!(Authentication::parse(shown.as_str()), Some(shown));
        }
        assert_eq!(Authentication::parse("face-liveness-passkey"), None);
        assert_eq!(Authentication::parse(""), None);
    }

    #[test]
    fn a_face_alone_keeps_the_word_of_its_assurance() {
        for face in Assurance::ALL {
            assert_eq!(Authentication::Face(face).as_str(), face.as_str());
        }
    }
}
