//! `multipart/form-data` (RFC 7578).

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::web::BytesMut;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::bytes::{self, Limited};
use super::files::FileKind;
use super::image::Part;
use super::{MAX_BODY_BYTES, files};
use crate::error::{ApiError, ApiResult, ErrorCode};
use faceauth_domain::clip::MAX_CLIP_BYTES;
use faceauth_domain::liveness::capture::MAX_FRAMES;

/// Most fields of a form: a liveness capture has two a frame and a few beside.
const MAX_FIELDS: usize = 2 * MAX_FRAMES + 12;
/// Most bytes of a text field.
const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Fields whose text is a boolean.
const BOOLEAN_FIELDS: [&str; 1] = ["consent.granted"];

/// Reads a form: text fields as JSON, files as parts that the JSON refers to.
pub(super) async fn read(request: &HttpRequest, payload: Limited) -> ApiResult<(Value, Vec<Part>)> {
    let mut form = Multipart::new(request.headers(), payload);
    let mut fields = Map::new();
    let mut parts = Vec::new();
    let mut count = 0;
    let mut pictures_left = MAX_BODY_BYTES;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|error| malformed(&error))?;
        count += 1;
        if count > MAX_FIELDS {
            return Err(
                ApiError::new(ErrorCode::InvalidField).detail("The form has too many fields.")
            );
        }
        let Some(name) = field.name().map(str::to_owned) else {
            return Err(ApiError::new(ErrorCode::InvalidField).detail("A field has no name."));
        };
        match files::kind(&name) {
            Some(kind) => {
                let declared = field.content_type().map(|mime| mime.essence_str().to_owned());
                let cap = if kind == FileKind::Clip { MAX_CLIP_BYTES } else { pictures_left };
                let bytes = content(&mut field, cap).await?;
                if kind != FileKind::Clip {
                    pictures_left -= bytes.len();
                }
                let reference = serde_json::json!({ "part": parts.len() });
                parts.push(Part { bytes: bytes.into(), declared });
                insert_at(&mut fields, &name, reference, kind == FileKind::List)?;
            }
            None => {
                let bytes = content(&mut field, MAX_TEXT_BYTES).await?;
                insert_text(&mut fields, &name, &bytes)?;
            }
        }
    }
    files::pair_frames(&mut fields)?;
    Ok((Value::Object(fields), parts))
}

async fn content(field: &mut Field, cap: usize) -> ApiResult<BytesMut> {
    let mut content = BytesMut::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| malformed(&error))?;
        if content.len() + chunk.len() > cap {
            return Err(bytes::too_large());
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content)
}

/// Puts a text field where its dotted name points to.
fn insert_text(fields: &mut Map<String, Value>, name: &str, bytes: &[u8]) -> ApiResult<()> {
    let invalid = || ApiError::at(ErrorCode::InvalidField, pointer(name));
    let text = std::str::from_utf8(bytes).map_err(|_| invalid())?;
    let last = name.rsplit('.').next().unwrap_or(name);
    let value = if BOOLEAN_FIELDS.contains(&name) {
        Value::Bool(text.parse().map_err(|_| invalid())?)
    } else if last == files::TIMES_FIELD {
        Value::from(text.parse::<u32>().map_err(|_| invalid())?)
    } else {
        Value::String(text.to_owned())
    };
    insert_at(fields, name, value, last == files::TIMES_FIELD)
}

/// Puts `value` where a dotted name points to; at the end of a list when the field may stand
/// several times.
fn insert_at(
    fields: &mut Map<String, Value>,
    name: &str,
    value: Value,
    list: bool,
) -> ApiResult<()> {
    let (object, last) = match name.split_once('.') {
        None => (fields, name),
        Some((object, last)) => {
            let inner = fields.entry(object).or_insert_with(|| Value::Object(Map::new()));
            match inner {
                Value::Object(inner) => (inner, last),
                _ => return Err(ApiError::at(ErrorCode::InvalidField, pointer(name))),
            }
        }
    };
    if list {
        let values = object.entry(last).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value);
        }
        return Ok(());
    }
    match object.insert(last.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(ApiError::at(ErrorCode::InvalidField, pointer(name))
            .detail("A field stands in the form twice.")),
    }
}

/// A dotted name as the pointer to its JSON twin.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('.', "/"))
}

fn malformed(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(error) => bytes::problem(error),
        _ => ApiError::new(ErrorCode::InvalidField).detail("The form is malformed or cut off."),
    }
}
