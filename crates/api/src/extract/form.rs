//! `multipart/form-data` (RFC 7578).

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::web::BytesMut;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::bytes::{self, Limited};
use super::image::{IMAGE_FIELDS, IMAGE_LIST_FIELD, Part};
use crate::error::{ApiError, ApiResult, ErrorCode};

/// Most fields of a form; the largest request has nine.
const MAX_FIELDS: usize = 32;
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
        if IMAGE_FIELDS.contains(&name.as_str()) {
            let declared = field.content_type().map(|mime| mime.essence_str().to_owned());
            let bytes = content(&mut field, usize::MAX).await?;
            let reference = serde_json::json!({ "part": parts.len() });
            parts.push(Part { bytes: bytes.into(), declared });
            insert_image(&mut fields, &name, reference)?;
        } else {
            let bytes = content(&mut field, MAX_TEXT_BYTES).await?;
            insert_text(&mut fields, &name, &bytes)?;
        }
    }
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

fn insert_image(fields: &mut Map<String, Value>, name: &str, image: Value) -> ApiResult<()> {
    if name != IMAGE_LIST_FIELD {
        return insert(fields, name, image);
    }
    let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.push(image);
    }
    Ok(())
}

/// Puts a text field where its dotted name points to.
fn insert_text(fields: &mut Map<String, Value>, name: &str, bytes: &[u8]) -> ApiResult<()> {
    let pointer = format!("/{}", name.replace('.', "/"));
    let invalid = || ApiError::at(ErrorCode::InvalidField, pointer.clone());
    let text = std::str::from_utf8(bytes).map_err(|_| invalid())?;
    let value = if BOOLEAN_FIELDS.contains(&name) {
        Value::Bool(text.parse().map_err(|_| invalid())?)
    } else {
        Value::String(text.to_owned())
    };
    match name.split_once('.') {
        None => insert(fields, name, value),
        Some((object, field)) => {
            let object = fields.entry(object).or_insert_with(|| Value::Object(Map::new()));
            match object {
                Value::Object(object) => insert(object, field, value),
                _ => Err(invalid()),
            }
        }
    }
}

fn insert(fields: &mut Map<String, Value>, name: &str, value: Value) -> ApiResult<()> {
    match fields.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(ApiError::at(ErrorCode::InvalidField, format!("/{name}"))
            .detail("A field stands in the form twice.")),
    }
}

fn malformed(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => bytes::too_large(),
        _ => ApiError::new(ErrorCode::InvalidField).detail("The form is malformed or cut off."),
    }
}
