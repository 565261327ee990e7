//! Images of a request, in either body form.

use std::borrow::Cow;

use actix_web::web::Bytes;
use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::capture::EncodedImage;
use faceauth_usecases::{Picture, Place};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::data_url::decode;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// A file of a form.
pub(crate) struct Part {
    pub(super) bytes: Bytes,
    /// Its Content-Type.
    pub(super) declared: Option<String>,
}

/// What a request is put together from: the files of a form, none in JSON. Adds up what decoding
/// its pictures will cost.
#[derive(Default)]
pub(crate) struct Parts {
    files: Vec<Part>,
    work: u64,
    ahead: Option<Box<dyn LookAhead>>,
}

impl Parts {
    pub(super) fn new(files: Vec<Part>, ahead: Option<Box<dyn LookAhead>>) -> Self {
        Self { files, work: 0, ahead }
    }

    /// What looked at the frames while they arrived.
    pub(super) fn take_ahead(&mut self) -> Option<Box<dyn LookAhead>> {
        self.ahead.take()
    }

    /// What decoding the pictures that were taken will cost, in pixels of a plain JPEG.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// The bytes of a file and what it is declared as; each file is taken once.
    pub(super) fn take(
        &mut self,
        part: usize,
        pointer: &str,
    ) -> ApiResult<(Vec<u8>, Option<String>)> {
        let file = self.files.get_mut(part);
        let file = file.ok_or_else(|| ApiError::at(ErrorCode::InvalidField, pointer))?;
        Ok((std::mem::take(&mut file.bytes).into(), file.declared.take()))
    }
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
                "A JPEG, PNG or WebP image of at most 10 MiB and 4096 pixels a side: base64 of \
                 either alphabet, bare or as a `data:image/...;base64,` URL. The bytes decide the \
                 format. EXIF orientation is applied.",
            ))
            .examples(["data:image/jpeg;base64,/9j/4AAQSkZJRg..."])
            .into()
    }
}

impl utoipa::ToSchema for ImageInput {}

impl ImageInput {
    /// The bytes, checked: size, format, declared format, dimensions, structure.
    pub(crate) fn resolve(self, parts: &mut Parts, pointer: &str) -> ApiResult<EncodedImage> {
        let (bytes, declared) = match self {
            Self::Text(text) => {
                decode(&text).ok_or_else(|| ApiError::at(ErrorCode::InvalidBase64, pointer))?
            }
            Self::Part { part } => parts.take(part, pointer)?,
        };
        let image = EncodedImage::parse(bytes, declared.as_deref())
            .map_err(|rejection| ApiError::image(rejection, pointer))?;
        parts.work = parts.work.saturating_add(image.decoding_work());
        Ok(image)
    }

    /// The same as a picture that knows its place.
    pub(crate) fn picture(
        self,
        parts: &mut Parts,
        pointer: impl Into<Cow<'static, str>>,
    ) -> ApiResult<Picture> {
        let place = Place::new(pointer);
        Ok(Picture { image: self.resolve(parts, place.as_str())?, place })
    }
}
