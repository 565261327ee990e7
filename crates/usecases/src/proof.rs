//! How a person proves who they are: with a picture, with a liveness capture, or with the
//! token of one.

use faceauth_domain::analyzer::Evidence;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::user::Username;

use super::liveness::{self, Judged};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::liveness::LivenessSubmission;
use crate::state::AppState;

/// Liveness, in either of its forms.
pub(crate) enum LiveProof {
    /// Match and liveness on the same frames, now.
    Capture(LivenessSubmission),
    /// The token of a capture that was judged a moment ago.
    Token(String),
}

/// What the subject of a live proof turned out to be.
pub(crate) enum Live {
    /// A living person.
    Person {
        person: LivePerson,
        /// Whether the passive PAD score counted as bona fide.
        pad_bona_fide: bool,
    },
    /// The capture was refused.
    Refused(Box<Judged>),
}

/// Judges or redeems `proof` for `username`.
pub(crate) async fn live(
    state: &AppState,
    proof: LiveProof,
    username: &Username,
    purpose: Purpose,
) -> ApiResult<Live> {
    match proof {
        LiveProof::Capture(submission) => {
            let judged = liveness::judge(state, submission, Some((username, purpose))).await?;
            let pad_bona_fide = judged.pad_bona_fide;
            match &judged.live {
                Ok(person) => Ok(Live::Person { person: person.clone(), pad_bona_fide }),
                Err(_) => Ok(Live::Refused(Box::new(judged))),
            }
        }
        LiveProof::Token(token) => {
            let person = liveness::redeem(state, &token, username, purpose).await?;
            // Without it there would have been no token, unless the policy only records it.
            Ok(Live::Person { person, pad_bona_fide: true })
        }
    }
}

/// Refuses a picture, sent beside a liveness proof at `pointer`, that shows somebody else.
/// It says nothing of any account, so it may be told.
pub(crate) fn same_person(
    state: &AppState,
    picture: &Evidence,
    seen: &Embedding,
    pointer: String,
) -> ApiResult<()> {
    let least = state.policy.matching.threshold;
    let same = seen.compare(&picture.embedding).is_ok_and(|score| score.value() >= least);
    if same { Ok(()) } else { Err(ApiError::at(ErrorCode::FramesInconsistent, pointer)) }
}

/// A picture of a sign-in or an added face, or a liveness proof with or without one.
pub(crate) struct Presented {
    pub image: Option<EncodedImage>,
    pub live: Option<LiveProof>,
}

impl Presented {
    /// Puts the fields of a request together: a picture, a capture, or a token with or without
    /// a picture.
    pub(crate) fn new(
        image: Option<EncodedImage>,
        capture: Option<LivenessSubmission>,
        token: Option<String>,
    ) -> ApiResult<Self> {
        let live = live_proof(capture, token)?;
        match (&image, &live) {
            (None, None) => Err(ApiError::at(ErrorCode::MissingField, "/face_image")),
            (Some(_), Some(LiveProof::Capture(_))) => {
                Err(ApiError::at(ErrorCode::InvalidField, "/face_image")
                    .detail("A capture shows the face already: leave the picture out."))
            }
            _ => Ok(Self { image, live }),
        }
    }
}

/// At most one of both.
pub(crate) fn live_proof(
    capture: Option<LivenessSubmission>,
    token: Option<String>,
) -> ApiResult<Option<LiveProof>> {
    match (capture, token) {
        (None, None) => Ok(None),
        (Some(capture), None) => Ok(Some(LiveProof::Capture(capture))),
        (None, Some(token)) => Ok(Some(LiveProof::Token(token))),
        (Some(_), Some(_)) => Err(ApiError::at(ErrorCode::InvalidField, "/liveness_token")
            .detail("Send a capture or a token, not both.")),
    }
}
