//! What a person presents to enrol or to sign in: pictures, a liveness capture, or the token of
//! one.

use std::borrow::Cow;

use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::capture::{Capture, CaptureLength, EncodedImage};
use faceauth_domain::liveness::capture::LivenessCapture;
use uuid::Uuid;

/// Where a presented thing stands in what the caller sent. The words are the caller's: a refusal
/// hands them back, and nothing here reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Cow<'static, str>);

impl Place {
    /// A place with a name that the caller will know again.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A picture, and where it came from.
#[derive(Debug)]
pub struct Picture {
    /// The picture.
    pub image: EncodedImage,
    /// Where it stands.
    pub place: Place,
}

/// One to five pictures, and where each came from.
#[derive(Debug)]
pub struct Pictures {
    pub(crate) capture: Capture,
    /// As many as the capture has images, in the same order.
    pub(crate) places: Vec<Place>,
}

impl Pictures {
    /// Bundles `pictures`.
    ///
    /// # Errors
    /// [`CaptureLength`] when there are none or too many.
    pub fn new(pictures: Vec<Picture>) -> Result<Self, CaptureLength> {
        let (images, places): (Vec<_>, Vec<_>) =
            pictures.into_iter().map(|picture| (picture.image, picture.place)).unzip();
        Ok(Self { capture: Capture::new(images)?, places })
    }

    /// The pictures themselves, in order.
    pub(crate) fn images(&self) -> &[EncodedImage] {
        self.capture.images()
    }
}

impl From<Picture> for Pictures {
    fn from(picture: Picture) -> Self {
        Self { capture: picture.image.into(), places: vec![picture.place] }
    }
}

/// A capture that answers the steps of a session.
pub struct LivenessSubmission {
    /// The session.
    pub session: Uuid,
    /// The nonce that came with the steps.
    pub nonce: String,
    /// Frames or a clip.
    pub capture: LivenessCapture,
    /// What looked at its frames while they arrived.
    pub ahead: Option<Box<dyn LookAhead>>,
    /// What the device says of it.
    pub attestation: Option<Attestation>,
    /// Where that stands, or should.
    pub attestation_place: Place,
    /// Where it stands.
    pub place: Place,
}

/// What a device says of a capture, in the form of its platform.
#[derive(Debug)]
pub enum Attestation {
    /// Android key attestation.
    Android {
        /// In DER, the one of the key first.
        certificates: Vec<Vec<u8>>,
        /// Over the statement about the capture.
        signature: Vec<u8>,
    },
    /// Apple App Attest.
    Apple {
        /// SHA-256 of the public key.
        key_id: [u8; 32],
        /// What the key proves.
        proof: KeyProof,
    },
}

/// What a key of App Attest proves.
#[derive(Debug)]
pub enum KeyProof {
    /// That it lies in a genuine device, with its first capture: an attestation object.
    Attestation(Vec<u8>),
    /// That it has signed another capture: an assertion.
    Assertion(Vec<u8>),
}

/// The token of a capture that was judged a moment ago.
pub struct LivenessToken {
    /// The token.
    pub token: String,
    /// Where it stands.
    pub place: Place,
}

/// Liveness, in either of its forms.
pub enum LiveProof {
    /// Match and liveness on the same frames, now.
    Capture(LivenessSubmission),
    /// The token of a capture that was judged a moment ago.
    Token(LivenessToken),
}

impl LiveProof {
    /// Where it stands.
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::Capture(submission) => &submission.place,
            Self::Token(token) => &token.place,
        }
    }
}

/// What a person presents. `P` is one [`Picture`] where one is wanted, or [`Pictures`].
pub enum Presented<P> {
    /// Pictures alone: they show a face, and prove no liveness.
    Pictures(P),
    /// A liveness proof: its frames are what counts.
    Live {
        /// The proof.
        proof: LiveProof,
        /// Pictures beside it, which have to show the same person.
        beside: Option<P>,
    },
}

impl<P> Presented<P> {
    /// Whether liveness is proved by it.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// The same, with pictures of another kind.
    pub(crate) fn map<Q>(self, change: impl Fn(P) -> Q) -> Presented<Q> {
        match self {
            Self::Pictures(pictures) => Presented::Pictures(change(pictures)),
            Self::Live { proof, beside } => Presented::Live { proof, beside: beside.map(change) },
        }
    }
}
