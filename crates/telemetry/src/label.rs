//! The words that labels may carry.
//!
//! No label carries a person, a name or an address: a label is a value of a closed type, and
//! its word is part of the program.

use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::challenge::Action;
use faceauth_domain::liveness::reason::LivenessReason;

/// One of a closed list of words. An implementation returns words of the program, never a text
/// that came with a request.
pub trait Label: Copy {
    /// Its word.
    fn word(self) -> &'static str;
}

/// A label whose words are known to this crate.
pub trait Listed: Label {
    /// Every value.
    fn all() -> Vec<Self>;
}

/// Writes labels and their words from one list.
macro_rules! labels {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $value:literal])+ $variant:ident $word:literal;)* })*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {
                $($(#[doc = $value])+ $variant,)*
            }

            impl Label for $name {
                fn word(self) -> &'static str {
                    match self { $(Self::$variant => $word,)* }
                }
            }

            impl Listed for $name {
                fn all() -> Vec<Self> {
                    vec![$(Self::$variant,)*]
                }
            }
        )*
    };
}

labels! {
    /// A part of the work of a request.
    Stage {
        /// Pixels out of an encoded picture.
        Decode "decode";
        /// Frames out of a clip, in the program that decodes clips.
        DecodeClip "decode_clip";
        /// Faces in a picture.
        Detect "detect";
        /// Points on a face.
        Landmarks "landmarks";
        /// The crop of the matcher.
        Align "align";
        /// Whether a picture looks bona fide.
        Pad "pad";
        /// The embedding of a face.
        Embed "embed";
        /// One call of the database, with all its statements.
        Database "database";
    }

    /// What a worker of the analyzer is asked for.
    Task {
        /// The faces of a picture.
        Faces "faces";
        /// Pictures that may become templates.
        References "references";
        /// One picture of somebody who signs in.
        Recognise "recognise";
        /// A liveness capture.
        Observe "observe";
    }

    /// The end of a liveness capture.
    Verdict {
        /// A living person performed the steps.
        Live "live";
        /// At least one rule refused the capture.
        Refused "refused";
    }

    /// Whether a step of a challenge was seen in order and in time.
    StepResult {
        /// It was.
        Met "met";
        /// It was not.
        Missed "missed";
    }

    /// How the decoding of a clip ended.
    ClipResult {
        /// With frames.
        Decoded "decoded";
        /// The clip is not usable.
        Refused "refused";
        /// The decoder failed or took too long.
        Failed "failed";
    }

    /// What came of a try to deliver an event.
    Delivery {
        /// The receiver has taken it.
        Delivered "delivered";
        /// It answered 4xx.
        Refused "refused";
        /// It answered 410: it wants no more events.
        Gone "gone";
        /// It sent the event elsewhere, and nobody followed.
        Redirected "redirected";
        /// It answered anything else that is no success.
        Failed "failed";
        /// It did not answer in time.
        TimedOut "timed_out";
        /// It could not be reached, or its certificate is not good.
        Unreachable "unreachable";
    }

    /// Where an event stands that nobody has taken.
    Undelivered {
        /// It is still tried.
        Pending "pending";
        /// It was given up.
        Dead "dead";
    }

    /// What the connections of the pool do.
    Connections {
        /// They serve a call.
        InUse "in_use";
        /// They wait for one.
        Idle "idle";
    }

    /// A key file.
    KeyFile {
        /// Signs tokens.
        Signing "token_signing";
        /// Will sign after the rotation that is under way.
        NextSigning "token_signing_next";
        /// Signed before the last rotation.
        PreviousSigning "token_signing_previous";
        /// Seals templates.
        Seal "template_seal";
        /// Hashes addresses of clients.
        ClientHash "client_hash";
    }

    /// What weights are for.
    Weights {
        /// Finds faces.
        Detection "detection";
        /// Places points.
        Landmarks "landmarks";
        /// Reads eyelids.
        Eyes "eyes";
        /// Makes embeddings.
        Embedding "embedding";
        /// Makes embeddings of the model before.
        PreviousEmbedding "previous_embedding";
        /// Scores presentation attacks.
        Pad "pad";
    }
}

impl Label for AttemptKind {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Listed for AttemptKind {
    fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Label for AttemptOutcome {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Listed for AttemptOutcome {
    fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Label for LivenessReason {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Listed for LivenessReason {
    fn all() -> Vec<Self> {
        Self::all().collect()
    }
}

impl Label for Action {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Listed for Action {
    fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

/// A status of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(u16);

/// The statuses that have a series of their own: what this service and its framework answer.
const STATUSES: [(u16, &str); 27] = [
    (200, "200"),
    (201, "201"),
    (202, "202"),
    (204, "204"),
    (206, "206"),
    (301, "301"),
    (302, "302"),
    (304, "304"),
    (307, "307"),
    (308, "308"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (406, "406"),
    (408, "408"),
    (409, "409"),
    (410, "410"),
    (412, "412"),
    (413, "413"),
    (415, "415"),
    (416, "416"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
];

/// The word of every other status.
const OTHER_STATUS: &str = "other";

impl Status {
    /// The label of a status code.
    #[must_use]
    pub fn new(code: u16) -> Self {
        Self(code)
    }
}

impl Label for Status {
    fn word(self) -> &'static str {
        STATUSES.iter().find(|(code, _)| *code == self.0).map_or(OTHER_STATUS, |(_, word)| word)
    }
}

impl Listed for Status {
    fn all() -> Vec<Self> {
        STATUSES.iter().map(|(code, _)| Self(*code)).chain([Self(0)]).collect()
    }
}

/// The version of this program.
#[derive(Debug, Clone, Copy)]
pub struct Version;

impl Label for Version {
    fn word(self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

impl Listed for Version {
    fn all() -> Vec<Self> {
        vec![Self]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_word_or_that_of_all_others() {
        for (code, word) in STATUSES {
            assert_eq!(code.to_string(), word);
        }
        assert_eq!(Status::new(299).word(), "other");
        assert_eq!(Status::new(u16::MAX).word(), "other");
    }
}
