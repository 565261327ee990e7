//! `multipart/form-data` (RFC 7578).

use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::BytesMut;
use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::clip::MAX_CLIP_BYTES;
use faceauth_domain::liveness::capture::MAX_FRAMES;
use futures_util::{StreamExt, stream};
use multer::{Field, Multipart};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::ahead::Ahead;
use super::bytes::{self, Limited};
use super::files::FileKind;
use super::image::Part;
use super::{files, liveness};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::places::MAX_BODY_BYTES;

/// Most fields of a form: a liveness capture has two a frame and a few beside.
const MAX_FIELDS: usize = 2 * MAX_FRAMES + 12;
/// Most bytes of a text field.
const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Most bytes of a text field that holds JSON: eight certificates of an attestation in base64.
const MAX_JSON_BYTES: usize = 32 * 1024;
/// Most characters of a field's name that an answer repeats.
const MAX_NAME_CHARS: usize = 64;
/// Fields whose text is a boolean. A test of the OpenAPI document holds them against its forms.
pub(crate) const BOOLEAN_FIELDS: [&str; 2] = ["consent.granted", "second_factor"];

/// A form that has been read: text fields as JSON, files as parts that the JSON refers to.
pub(super) struct Form {
    pub(super) fields: Value,
    pub(super) files: Vec<Part>,
    /// The first unknown field that does not hold a short text.
    pub(super) stranger: Option<String>,
    /// What looked at the frames while they arrived.
    pub(super) ahead: Option<Box<dyn LookAhead>>,
}

/// Reads a form, whose frames are looked at `ahead` of its end.
pub(super) async fn read(
    request: &HttpRequest,
    mut payload: Limited,
    ahead: Ahead<'_>,
) -> ApiResult<Form> {
    let boundary = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| multer::parse_boundary(value.to_str().ok()?).ok())
        .ok_or_else(|| malformed(&multer::Error::NoBoundary))?;
    // The parser wants a body that may move between threads, which actix's may not.
    let (chunks, received) = mpsc::channel(1);
    let pump = async move {
        while let Some(chunk) = payload.next().await {
            // After the form is refused, nobody listens.
            if chunks.send(chunk).await.is_err() {
                return;
            }
        }
    };
    let body = stream::unfold(received, |mut received| async move {
        received.recv().await.map(|chunk: Result<_, PayloadError>| (chunk, received))
    });
    let mut form = std::pin::pin!(read_fields(Multipart::new(body, boundary), ahead));
    tokio::select! {
        biased;
        form = &mut form => form,
        () = pump => form.await,
    }
}

async fn read_fields(mut form: Multipart<'_>, mut ahead: Ahead<'_>) -> ApiResult<Form> {
    let mut fields = Map::new();
    let mut parts = Vec::new();
    let mut stranger = None;
    let mut count = 0;
    let mut bytes_left = MAX_BODY_BYTES;
    while let Some(mut field) = form.next_field().await.map_err(|error| malformed(&error))? {
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
                let declared = field.headers().get(header::CONTENT_TYPE.as_str());
                let declared =
                    declared.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
                let cap = if kind == FileKind::Clip { MAX_CLIP_BYTES } else { MAX_BODY_BYTES };
                let cap = cap.min(bytes_left);
                let bytes = content(&mut field, cap).await?.ok_or_else(bytes::too_large)?;
                bytes_left -= bytes.len();
                let bytes = bytes.into();
                let reference = serde_json::json!({ "part": parts.len() });
                parts.push(match kind {
                    FileKind::Frames => ahead.frame(bytes, declared),
                    _ => Part::File { bytes, declared },
                });
                insert_at(&mut fields, &name, reference, kind.is_list())?;
            }
            None => {
                let is_json = files::JSON_FIELDS.contains(&name.as_str());
                let cap = if is_json { MAX_JSON_BYTES } else { MAX_TEXT_BYTES };
                let text = content(&mut field, cap).await?;
                let text = text.and_then(|bytes| String::from_utf8(bytes.into()).ok());
                match text {
                    Some(text) => insert_text(&mut fields, &name, text, &mut ahead)?,
                    None => stranger = stranger.or(Some(name)),
                }
            }
        }
    }
    files::pair_frames(&mut fields)?;
    Ok(Form { fields: Value::Object(fields), files: parts, stranger, ahead: ahead.end() })
}

/// The content of a field. A field of more than `cap` bytes is read and dropped.
async fn content(field: &mut Field<'_>, cap: usize) -> ApiResult<Option<BytesMut>> {
    let mut content = Some(BytesMut::new());
    while let Some(chunk) = field.chunk().await.map_err(|error| malformed(&error))? {
        content = content.filter(|content| content.len() + chunk.len() <= cap);
        if let Some(content) = &mut content {
            content.extend_from_slice(&chunk);
        }
    }
    Ok(content)
}

/// The refusal of a form with a file in an unknown field. It names that field, and the required
/// field that is missing.
pub(super) fn name_stranger<T>(stranger: Option<String>, outcome: ApiResult<T>) -> ApiResult<T> {
    let Some(name) = stranger else { return outcome };
    let name: String = name.chars().take(MAX_NAME_CHARS).collect();
    let at = pointer(&name.replace('~', "~0").replace('/', "~1"));
    let strange = ApiError::at(ErrorCode::InvalidField, at);
    Err(match outcome {
        Err(missing) if missing.code() == ErrorCode::MissingField => missing.and(strange).detail(
            "A field holds a file or a long text and is not known here, another is missing.",
        ),
        _ => strange.detail("The field is not known here, or its text is too long or no text."),
    })
}

/// Puts a text field where its dotted name points to.
fn insert_text(
    fields: &mut Map<String, Value>,
    name: &str,
    text: String,
    ahead: &mut Ahead<'_>,
) -> ApiResult<()> {
    let invalid = || ApiError::at(ErrorCode::InvalidField, pointer(name));
    let last = name.rsplit('.').next().unwrap_or(name);
    let value = if BOOLEAN_FIELDS.contains(&name) {
        // Python writes them with a capital.
        Value::Bool(text.to_ascii_lowercase().parse().map_err(|_| invalid())?)
    } else if files::JSON_FIELDS.contains(&name) {
        // An object: a text would pass for one that was sent as JSON.
        serde_json::from_str::<Map<String, Value>>(&text).map_err(|_| invalid())?.into()
    } else if last == files::TIMES_FIELD {
        let t_ms = text.parse().ok().and_then(liveness::milliseconds).ok_or_else(invalid)?;
        ahead.time(t_ms);
        Value::from(t_ms)
    } else {
        Value::String(text)
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

fn malformed(error: &multer::Error) -> ApiError {
    if let multer::Error::StreamReadFailed(cause) = error
        && let Some(cause) = cause.downcast_ref()
    {
        return bytes::problem(cause);
    }
    ApiError::new(ErrorCode::InvalidField).detail("The form is malformed or cut off.")
}
