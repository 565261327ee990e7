//! Which fields of a form are files, and how frames find their times.

use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// What a file of a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// One picture.
    Picture,
    /// One of several pictures: the field may stand several times.
    List,
    /// A frame of a liveness capture: a list, beside which a list of times stands, or a clip
    /// instead of both.
    Frames,
    /// A video clip.
    Clip,
}

impl FileKind {
    /// Whether the field may stand several times.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Frames)
    }
}

/// Text fields that hold JSON: the object of their twin.
pub(crate) const JSON_FIELDS: [&str; 2] = ["attestation", "liveness.attestation"];

/// Such a field in the document.
pub(super) const JSON_DESCRIPTION: &str = "The object of the same name in the JSON form, as text.";

/// Frames of a liveness capture, and the times they were taken at, in the same order.
const FRAMES_FIELD: &str = "frames";
pub(crate) const TIMES_FIELD: &str = "t_ms";
/// A clip instead of frames. JSON has no such field.
pub(super) const CLIP_FIELD: &str = "video_clip";
/// The clip in the document.
pub(super) const CLIP_DESCRIPTION: &str = "Instead of frames: a WebM (VP8, VP9) or MP4 (H.264) of \
    at most 4 MiB and 1280 pixels on the longer side; at 30 pictures a second at most 8 seconds of \
    1280x720 or 20 seconds of 640x480.";

/// Every field of a form that is a file; the others hold text. The document describes forms by
/// this table.
pub(super) const FILES: [(&str, FileKind); 7] = [
    ("image", FileKind::Picture),
    ("face_image", FileKind::Picture),
    ("face_images", FileKind::List),
    ("frames", FileKind::Frames),
    ("video_clip", FileKind::Clip),
    ("liveness.frames", FileKind::Frames),
    ("liveness.video_clip", FileKind::Clip),
];

/// The kind of file that stands in the field `name`; `None` when it holds text.
pub(super) fn kind(name: &str) -> Option<FileKind> {
    FILES.iter().find(|(field, _)| *field == name).map(|(_, kind)| *kind)
}

/// Gives every frame its time, so that a form reads like its JSON twin, in which a frame is
/// an object of both.
pub(super) fn pair_frames(fields: &mut Map<String, Value>) -> ApiResult<()> {
    pair(fields, "")?;
    match fields.get_mut("liveness") {
        Some(Value::Object(liveness)) => pair(liveness, "/liveness"),
        _ => Ok(()),
    }
}

fn pair(fields: &mut Map<String, Value>, path: &str) -> ApiResult<()> {
    let times = fields.remove(TIMES_FIELD);
    let Some(Value::Array(frames)) = fields.get_mut(FRAMES_FIELD) else { return Ok(()) };
    let Some(Value::Array(times)) = times else {
        return Err(ApiError::at(ErrorCode::MissingField, format!("{path}/{TIMES_FIELD}"))
            .detail("Send one t_ms field for each frame, in the same order."));
    };
    if times.len() != frames.len() {
        return Err(ApiError::at(ErrorCode::InvalidField, format!("{path}/{TIMES_FIELD}"))
            .detail("Send one t_ms field for each frame, in the same order."));
    }
    for (frame, time) in frames.iter_mut().zip(times) {
        *frame = serde_json::json!({ "image": frame.take(), TIMES_FIELD: time });
    }
    Ok(())
}
