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
    /// A video clip.
    Clip,
}

/// Frames of a liveness capture, and the times they were taken at, in the same order.
const FRAMES_FIELD: &str = "frames";
pub(super) const TIMES_FIELD: &str = "t_ms";

/// The kind of file that stands in the field `name`; `None` when it holds text.
pub(super) fn kind(name: &str) -> Option<FileKind> {
    match name {
        "face_image" | "image" => Some(FileKind::Picture),
        "face_images" | "frames" | "liveness.frames" => Some(FileKind::List),
        "video_clip" | "liveness.video_clip" => Some(FileKind::Clip),
        _ => None,
    }
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
