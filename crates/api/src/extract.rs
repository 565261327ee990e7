//! Request bodies: JSON or a form, read within caps, parsed into commands.
//!
//! Both forms become one request type. A form's text fields are put together as JSON
//! (`consent.granted` is the field `granted` of the object `consent`), and its files
//! stand in for the base64 strings.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev, web};
use faceauth_domain::clip::MAX_CLIP_BYTES;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

mod bytes;
mod files;
mod form;
pub(crate) mod image;
mod json;
pub(crate) mod lines;
pub(crate) mod liveness;

use image::Part;

/// Most bytes of a request body: images of a request together. An in-flight request
/// holds a small multiple of it.
pub(crate) const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// What a form may take beyond that for boundaries, headers and text fields.
pub(crate) const FORM_OVERHEAD_BYTES: usize = 64 * 1024;

/// A form without a clip.
const SMALL_FORM_BYTES: usize = MAX_BODY_BYTES + FORM_OVERHEAD_BYTES;

/// Longest a body may take to arrive. A 10 MiB picture needs 5.6 Mbit/s for it; a slower
/// client should send a smaller picture.
const READ_TIMEOUT: Duration = Duration::from_secs(15);

/// Bodies above this are parsed on the blocking pool: a megabyte of base64 takes about
/// a millisecond.
const PARSE_INLINE_BELOW: usize = 64 * 1024;

/// Places that a request takes while it may carry a clip: twice as large as pictures.
const CLIP_PLACES: u32 = 2;

/// A request type that both body forms are parsed into.
pub(crate) trait RequestBody: DeserializeOwned + Send + 'static {
    /// Whether a form may carry a clip beside what it carries otherwise.
    const TAKES_CLIP: bool = false;

    /// What the handler works with; cannot be malformed.
    type Command: Send + 'static;

    /// Checks the fields and takes the images out of `parts`.
    fn into_command(self, parts: &mut Vec<Part>) -> ApiResult<Self::Command>;
}

/// The command of a request body of type `T`. Holds one of the places for requests with
/// pictures until the handler is done with it.
pub(crate) struct Body<T: RequestBody> {
    pub command: T::Command,
    _place: OwnedSemaphorePermit,
}

impl<T: RequestBody> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let state = request
                .app_data::<web::Data<AppState>>()
                .ok_or_else(|| ApiError::new(ErrorCode::InternalError))?;
            let cap = body_cap(&request, T::TAKES_CLIP);
            let payload = bytes::Limited::new(payload, &request, cap);
            let places = if payload.may_exceed(SMALL_FORM_BYTES) { CLIP_PLACES } else { 1 };
            // A service that takes one request at a time takes clips too.
            let places = places.min(state.max_in_flight.max(1));
            let place = place(state, places)?;
            let command = tokio::time::timeout(READ_TIMEOUT, parse_limited::<T>(&request, payload))
                .await
                .map_err(|_| ApiError::new(ErrorCode::RequestTimeout))??;
            Ok(Self { command, _place: place })
        })
    }
}

/// Takes places for a request with pictures, or says that there are none.
pub(crate) fn place(state: &AppState, places: u32) -> ApiResult<OwnedSemaphorePermit> {
    Arc::clone(&state.in_flight)
        .try_acquire_many_owned(places)
        .map_err(|_| ApiError::new(ErrorCode::Overloaded))
}

/// The command of a body, as [`Body`] reads it.
#[cfg(test)]
pub(crate) async fn parse<T: RequestBody>(
    request: &HttpRequest,
    payload: dev::Payload,
) -> ApiResult<T::Command> {
    let cap = body_cap(request, T::TAKES_CLIP);
    parse_limited::<T>(request, bytes::Limited::new(payload, request, cap)).await
}

async fn parse_limited<T: RequestBody>(
    request: &HttpRequest,
    mut payload: bytes::Limited,
) -> ApiResult<T::Command> {
    payload.check_announced()?;
    match media_type(request).as_deref() {
        Some("application/json") => {
            let body = payload.all().await?;
            let inline = body.len() < PARSE_INLINE_BELOW;
            off_thread(inline, move || json::parse::<T>(&body)?.into_command(&mut Vec::new())).await
        }
        Some("multipart/form-data") => {
            let (fields, mut parts) = form::read(request, payload).await?;
            json::from_value::<T>(fields)?.into_command(&mut parts)
        }
        _ => Err(ApiError::new(ErrorCode::UnsupportedMediaType)
            .detail("Send application/json or multipart/form-data.")),
    }
}

/// Runs `work` here when it is small, else on the blocking pool.
pub(crate) async fn off_thread<R: Send + 'static>(
    inline: bool,
    work: impl FnOnce() -> ApiResult<R> + Send + 'static,
) -> ApiResult<R> {
    if inline {
        return work();
    }
    web::block(work).await.unwrap_or_else(|_| Err(ApiError::new(ErrorCode::Overloaded)))
}

fn body_cap(request: &HttpRequest, takes_clip: bool) -> usize {
    let form = media_type(request).is_some_and(|media_type| media_type == "multipart/form-data");
    match (form, takes_clip) {
        (false, _) => MAX_BODY_BYTES,
        (true, false) => SMALL_FORM_BYTES,
        // Clips are the larger: `form` sees to it that pictures stay below their own cap.
        (true, true) => MAX_CLIP_BYTES + FORM_OVERHEAD_BYTES,
    }
}

/// The body's media type without parameters, in lower case.
pub(crate) fn media_type(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Reads a request type from JSON.
pub(crate) fn json_of<T: DeserializeOwned>(text: &[u8]) -> ApiResult<T> {
    json::parse(text)
}

/// A small JSON body that carries no image.
pub(crate) struct SmallJson<T>(pub T);

/// Most bytes of a [`SmallJson`].
const SMALL_JSON_BYTES: usize = 16 * 1024;

impl<T: DeserializeOwned + 'static> FromRequest for SmallJson<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = bytes::Limited::new(payload.take(), &request, SMALL_JSON_BYTES);
        Box::pin(async move {
            if media_type(&request).as_deref() != Some("application/json") {
                return Err(
                    ApiError::new(ErrorCode::UnsupportedMediaType).detail("Send application/json.")
                );
            }
            payload.check_announced()?;
            let body = tokio::time::timeout(READ_TIMEOUT, payload.all())
                .await
                .map_err(|_| ApiError::new(ErrorCode::RequestTimeout))??;
            json::parse(&body).map(Self)
        })
    }
}
