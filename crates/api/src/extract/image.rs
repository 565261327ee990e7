//! Images of a request, in either body form.

use std::borrow::Cow;

use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::capture::{EncodedImage, ImageRejection};
use faceauth_usecases::{Picture, Place};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::data_url::decode;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// A file of a form.
pub(crate) enum Part {
    /// As it came, with its Content-Type.
    File { bytes: Vec<u8>, declared: Option<String> },
    /// A frame that was parsed when it arrived, because it was looked at ahead.
    Frame(Result<EncodedImage, ImageRejection>),
}

impl Part {
    /// How many bytes it holds.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::File { bytes, .. } => bytes.len(),
            Self::Frame(parsed) => parsed.as_ref().map_or(0, |image| image.bytes().len()),
        }
    }

    fn image(self) -> Result<EncodedImage, ImageRejection> {
        match self {
            Self::File { bytes, declared } => EncodedImage::parse(bytes, declared.as_deref()),
            Self::Frame(parsed) => parsed,
        }
    }
}

/// What a request is put together from: the files of a form, none in JSON. Adds up what decoding
/// its pictures will cost.
#[derive(Default)]
pub(crate) struct Parts {
    /// `None` once it was taken.
    files: Vec<Option<Part>>,
    work: u64,
    ahead: Option<Box<dyn LookAhead>>,
}

impl Parts {
    pub(super) fn new(files: Vec<Part>, ahead: Option<Box<dyn LookAhead>>) -> Self {
        Self { files: files.into_iter().map(Some).collect(), work: 0, ahead }
    }

    /// What looked at the frames while they arrived.
    pub(super) fn take_ahead(&mut self) -> Option<Box<dyn LookAhead>> {
        self.ahead.take()
    }

    /// What decoding the pictures that were taken will cost, in pixels of a plain JPEG.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// A file of the form; each is taken once.
    pub(super) fn take(&mut self, part: usize, pointer: &str) -> ApiResult<Part> {
        let file = self.files.get_mut(part).and_then(Option::take);
        file.ok_or_else(|| ApiError::at(ErrorCode::InvalidField, pointer))
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
        let part = match self {
            Self::Text(text) => {
                let (bytes, declared) =
                    decode(&text).ok_or_else(|| ApiError::at(ErrorCode::InvalidBase64, pointer))?;
                Part::File { bytes, declared }
            }
            Self::Part { part } => parts.take(part, pointer)?,
        };
        let image = part.image().map_err(|rejection| ApiError::image(rejection, pointer))?;
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
