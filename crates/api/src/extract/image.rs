//! Images of a request, in either body form.

use actix_web::web::Bytes;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurposeConfig};
use faceauth_domain::capture::EncodedImage;
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// What a part declares when it declares nothing about its format.
pub(super) const OCTET_STREAM: &str = "application/octet-stream";

/// Standard base64, with or without padding: encoders differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file of a form.
pub(crate) struct Part {
    pub(super) bytes: Bytes,
    /// Its Content-Type, without parameters.
    pub(super) declared: Option<String>,
}

/// An image as the client sent it: base64 text, or a file of the form.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ImageInput {
    /// Base64, bare or as a data URL.
    Text(String),
    /// Index of a form's file.
    Part {
        /// Into the parts.
        part: usize,
    },
}

impl utoipa::PartialSchema for ImageInput {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(
                "A JPEG, PNG or WebP image of at most 10 MiB and 4096 pixels a side: standard \
                 base64, bare or as a `data:image/...;base64,` URL. EXIF orientation is applied.",
            ))
            .examples(["data:image/jpeg;base64,/9j/4AAQSkZJRg..."])
            .into()
    }
}

impl utoipa::ToSchema for ImageInput {}

impl ImageInput {
    /// The bytes, checked: size, format, declared format, dimensions.
    pub(crate) fn resolve(self, parts: &mut [Part], pointer: &str) -> ApiResult<EncodedImage> {
        let (bytes, declared) = match self {
            Self::Text(text) => decode(&text, pointer)?,
            Self::Part { part } => {
                let part = parts
                    .get_mut(part)
                    .ok_or_else(|| ApiError::at(ErrorCode::InvalidField, pointer))?;
                let declared = part.declared.take().filter(|declared| declared != OCTET_STREAM);
                (std::mem::take(&mut part.bytes).into(), declared)
            }
        };
        EncodedImage::parse(bytes, declared.as_deref())
            .map_err(|rejection| ApiError::image(rejection, pointer))
    }
}

/// Decodes base64, bare or in a data URL (RFC 2397), with the media type it declares.
fn decode(text: &str, pointer: &str) -> ApiResult<(Vec<u8>, Option<String>)> {
    let invalid = || ApiError::at(ErrorCode::InvalidBase64, pointer);
    let (data, declared) = match text.strip_prefix("data:") {
        None => (text, None),
        Some(url) => {
            let (head, data) = url.split_once(',').ok_or_else(invalid)?;
            let media_type = head.strip_suffix(";base64").ok_or_else(invalid)?;
            (data, Some(media_type.to_ascii_lowercase()))
        }
    };
    // Encoders that wrap lines are common (`base64` without -w0), spaces inside are not.
    let decoded = if data.contains(['\n', '\r']) {
        BASE64.decode(data.replace(['\n', '\r'], ""))
    } else {
        BASE64.decode(data)
    };
    Ok((decoded.map_err(|_| invalid())?, declared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_every_common_dress() {
        let good = [
            ("aGk=", None),
            ("aGk", None),
            ("aG\r\nk=", None),
            ("data:image/PNG;base64,aGk=", Some("image/png")),
        ];
        for (text, declared) in good {
            let (bytes, found) = decode(text, "/image").unwrap();
            assert_eq!((bytes.as_slice(), found.as_deref()), (&b"hi"[..], declared), "{text}");
        }
        for bad in ["a", "a b=", "data:image/png,aGk=", "data:", "http://host/face.jpg", "aGk=="] {
            let error = decode(bad, "/image").unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidBase64, "{bad}");
        }
    }
}
