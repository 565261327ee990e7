//! Attestation of a capture by the device it was made on: what a deployment asks for, and what
//! was found.
//!
//! An attested key lies in the hardware of a device, and a genuine app on that device signs the
//! capture with it. So the capture was not put in the place of the camera's by another program.
//! It says nothing about what stood before the camera.

/// What a deployment does with attestations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AttestationMode {
    /// They are not looked at.
    #[default]
    Off,
    /// They are checked and written into the audit trail; nobody is refused.
    Record,
    /// A capture without a good one is refused, and so is a picture alone.
    Require,
}

/// What a good attestation shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attested {
    /// An Android app whose key lies in the trusted execution environment of the processor.
    AndroidTee,
    /// An Android app whose key lies in a security chip of its own (StrongBox).
    AndroidStrongBox,
    /// An app whose key Apple's App Attest vouches for.
    AppleAppAttest,
}

impl Attested {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::AndroidTee, Self::AndroidStrongBox, Self::AppleAppAttest];

    /// The word that stands for it in tokens and in rows. Tokens keep it, so it is permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AndroidTee => "android-tee",
            Self::AndroidStrongBox => "android-strongbox",
            Self::AppleAppAttest => "apple-app-attest",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attested| attested.as_str() == word)
    }
}

/// What was found beside a capture. Only captures are attested: a picture has no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestationFinding {
    /// There is no attestation.
    Missing,
    /// There is one, and it proves nothing.
    Flawed(AttestationFlaw),
    /// It is good.
    Good(Attested),
}

impl AttestationFinding {
    /// The word that stands for it in the audit trail.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Flawed(flaw) => flaw.as_str(),
            Self::Good(attested) => attested.as_str(),
        }
    }

    /// What it shows, when it is good.
    #[must_use]
    pub fn good(self) -> Option<Attested> {
        match self {
            Self::Good(attested) => Some(attested),
            Self::Missing | Self::Flawed(_) => None,
        }
    }
}

/// Writes the enum and its words from one list.
macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident $word:literal;)*) => {
        /// Why an attestation proves nothing. For the audit trail and the log; the caller is not
        /// told which.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AttestationFlaw {
            $($(#[$doc])* $flaw,)*
        }

        impl AttestationFlaw {
            /// Every flaw.
            pub const ALL: &'static [Self] = &[$(Self::$flaw),*];

            /// The word that stands for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$flaw => $word,)* }
            }
        }
    };
}

flaws! {
    /// The deployment names no app of this platform.
    PlatformNotConfigured "platform_not_configured";
    /// It cannot be read: not the format that the platform documents.
    Malformed "malformed";
    /// The certificates form no chain: names, signatures or the right to issue do not fit.
    BrokenChain "broken_chain";
    /// The chain ends at no root that the operator pinned.
    UnknownRoot "unknown_root";
    /// A certificate is not valid yet.
    NotYetValid "not_yet_valid";
    /// A certificate is not valid any more.
    Expired "expired";
    /// A certificate is in the list of revoked ones.
    Revoked "revoked";
    /// The key was attested for another capture.
    WrongChallenge "wrong_challenge";
    /// The key does not lie in hardware.
    SoftwareKey "software_key";
    /// The device runs a system that its maker did not sign, or its bootloader is unlocked.
    BootNotVerified "boot_not_verified";
    /// The key may do more than sign, or came from outside, or belongs to no single app.
    WrongKeyUse "wrong_key_use";
    /// Another app made the key.
    WrongApp "wrong_app";
    /// The app has the right name, and somebody else signed it.
    WrongAppSigner "wrong_app_signer";
    /// The key was made in the other environment: development or production.
    WrongEnvironment "wrong_environment";
    /// The identifier is not that of the key.
    WrongKey "wrong_key";
    /// No key of this identifier was attested here, or it was forgotten.
    UnknownKey "unknown_key";
    /// The counter of the key did not rise.
    CounterRepeated "counter_repeated";
    /// The signature is not of this capture: another nonce, other frames, or other times.
    WrongSignature "wrong_signature";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_finding_has_a_word_of_its_own() {
        let findings: Vec<AttestationFinding> = Attested::ALL
            .into_iter()
            .map(AttestationFinding::Good)
            .chain(AttestationFlaw::ALL.iter().copied().map(AttestationFinding::Flawed))
            .chain([AttestationFinding::Missing])
            .collect();
        let words: BTreeSet<_> = findings.iter().map(|finding| finding.as_str()).collect();
        assert_eq!(words.len(), findings.len());
        for attested in Attested::ALL {
            assert_eq!(Attested::parse(attested.as_str()), Some(attested));
        }
        assert_eq!(Attested::parse("missing"), None);
    }
}
