//! Liveness captures of a request, in either body form.

use faceauth_domain::capture::EncodedImage;
use faceauth_domain::clip::{ClipRejection, EncodedClip};
use faceauth_domain::liveness::capture::{
    Frames, LivenessCapture, MAX_FRAME_SIDE, TimedImage, TimingProblem,
};
use faceauth_usecases::{LivenessSubmission, Place};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::attestation::AttestationInput;
use super::image::{ImageInput, Part, Parts};
use crate::error::{ApiError, ApiResult, ErrorCode};

/// A capture that answers the steps of a session.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LivenessInput {
    /// The session.
    session_id: Uuid,
    /// The newest nonce of the session.
    #[schema(example = "k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE")]
    nonce: String,
    /// 8 to 30 frames, in order, at most 1.5 seconds apart. In a form: one `t_ms` and one `frames`
    /// field each, or a `video_clip` instead. Frames are looked at while the others arrive when the
    /// time of each comes before it: all times first, or each directly before its frame. The second
    /// way is for who sends the form while the frames are taken, without a `Content-Length`.
    #[schema(min_items = 8, max_items = 30)]
    frames: Option<Vec<FrameInput>>,
    attestation: Option<AttestationInput>,
    #[schema(ignore)]
    video_clip: Option<ClipInput>,
}

/// One frame of a capture.
#[derive(Deserialize, ToSchema)]
pub(crate) struct FrameInput {
    /// The frame as the camera took it, not mirrored; at most 1920 pixels a side.
    image: ImageInput,
    /// When it was taken, in milliseconds since the client received the steps. Fractions are
    /// rounded.
    #[serde(deserialize_with = "whole_milliseconds")]
    #[schema(value_type = f64, minimum = 0, example = 400)]
    t_ms: u32,
    /// The step that was shown to the person. A hint for people who read captures: the server
    /// judges what it sees.
    #[expect(dead_code, reason = "accepted, so that clients may keep it; never believed")]
    step_id: Option<String>,
}

/// A time from a browser's clock, rounded to whole milliseconds; `None` when it is not a valid
/// time.
pub(super) fn milliseconds(time: f64) -> Option<u32> {
    let whole = time.round();
    // The comparison refuses what is not a number.
    (0.0..=f64::from(u32::MAX)).contains(&whole).then_some(whole as u32)
}

fn whole_milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let time = f64::deserialize(deserializer)?;
    milliseconds(time).ok_or_else(|| D::Error::custom("no time in milliseconds"))
}

/// A file of a form that holds a clip. There is no such thing in JSON.
#[derive(Deserialize)]
pub(crate) struct ClipInput {
    /// Into the parts.
    part: usize,
}

impl LivenessInput {
    /// The capture, checked: frames or clip, their formats, and their times.
    pub(crate) fn resolve(self, parts: &mut Parts, place: Place) -> ApiResult<LivenessSubmission> {
        let pointer = place.as_str();
        let capture = match (self.frames, self.video_clip) {
            (Some(frames), None) => frames_of(frames, parts, pointer)?,
            (None, Some(clip)) => clip_of(&clip, parts, pointer)?,
            (None, None) => {
                return Err(ApiError::at(ErrorCode::MissingField, format!("{pointer}/frames")));
            }
            (Some(_), Some(_)) => {
                return Err(ApiError::at(ErrorCode::InvalidField, format!("{pointer}/video_clip"))
                    .detail("Send frames or a clip, not both."));
            }
        };
        let at = format!("{pointer}/attestation");
        Ok(LivenessSubmission {
            session: self.session_id,
            nonce: self.nonce,
            capture,
            ahead: parts.take_ahead(),
            attestation: self.attestation.map(|input| input.resolve(&at)).transpose()?,
            attestation_place: Place::new(at),
            place,
        })
    }
}

fn frames_of(
    frames: Vec<FrameInput>,
    parts: &mut Parts,
    pointer: &str,
) -> ApiResult<LivenessCapture> {
    // Counted before anything is decoded.
    let timing = |problem: TimingProblem| {
        let at = match problem {
            TimingProblem::Order(index) | TimingProblem::Gap(index) => {
                format!("{pointer}/frames/{index}/t_ms")
            }
            TimingProblem::Count(_) | TimingProblem::TooShort | TimingProblem::TooLong => {
                format!("{pointer}/frames")
            }
        };
        ApiError::at(ErrorCode::InvalidField, at).detail(format!("Mend it: {problem}."))
    };
    let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
    faceauth_domain::liveness::capture::check_timing(&times).map_err(timing)?;
    let frames = frames
        .into_iter()
        .enumerate()
        .map(|(index, frame)| {
            let at = format!("{pointer}/frames/{index}/image");
            let image = frame.image.resolve(parts, &at)?;
            small_enough(&image, &at)?;
            Ok(TimedImage { image, t_ms: frame.t_ms })
        })
        .collect::<ApiResult<Vec<_>>>()?;
    Ok(LivenessCapture::Frames(Frames::new(frames).map_err(timing)?))
}

/// Thirty frames are more work than one picture, so each may have fewer pixels.
fn small_enough(image: &EncodedImage, pointer: &str) -> ApiResult<()> {
    if image.size().width.max(image.size().height) <= MAX_FRAME_SIDE {
        return Ok(());
    }
    Err(ApiError::at(ErrorCode::ImageDimensionsTooLarge, pointer)
        .detail(format!("Shrink frames to at most {MAX_FRAME_SIDE} pixels a side.")))
}

fn clip_of(clip: &ClipInput, parts: &mut Parts, pointer: &str) -> ApiResult<LivenessCapture> {
    let at = format!("{pointer}/video_clip");
    let Part::File { bytes, declared } = parts.take(clip.part, &at)? else {
        return Err(ApiError::at(ErrorCode::InvalidField, at));
    };
    let clip = EncodedClip::parse(bytes, declared.as_deref()).map_err(|rejection| {
        let code = match rejection {
            ClipRejection::TooManyBytes => ErrorCode::PayloadTooLarge,
            ClipRejection::UnsupportedFormat => ErrorCode::UnsupportedMediaType,
            ClipRejection::FormatMismatch => ErrorCode::ImageFormatMismatch,
        };
        ApiError::at(code, at.clone()).detail(format!("Mend it: {rejection}."))
    })?;
    Ok(LivenessCapture::Clip(clip))
}
