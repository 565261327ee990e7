//! Request bodies: JSON or a form, read within caps, parsed into commands.
//!
//! Both forms become one request type. A form's text fields are put together as JSON
//! (`consent.granted` is the field `granted` of the object `consent`), and its files
//! stand in for the base64 strings.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev, web};
use faceauth_usecases::Context;
use serde::de::DeserializeOwned;

use crate::auth::API_KEY_HEADER;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::limit::ClientAddress;
use crate::places::{Arrival, LARGEST_BODY_BYTES, Lane, MAX_BODY_BYTES, Work};
use crate::services::Capacity;

mod ahead;
mod attestation;
mod bytes;
mod data_url;
pub(crate) mod files;
pub(crate) mod form;
pub(crate) mod form_schema;
pub(crate) mod image;
mod json;
pub(crate) mod lines;
pub(crate) mod liveness;
mod oauth;
mod progress;

pub(crate) use oauth::OauthForm;

use ahead::Ahead;
use form::Form;
use image::{Part, Parts};

/// Bodies above this are parsed on the blocking pool: a megabyte of base64 takes about
/// a millisecond.
const PARSE_INLINE_BELOW: usize = 64 * 1024;

/// A request type that both body forms are parsed into.
pub(crate) trait RequestBody: DeserializeOwned + Send + 'static {
    /// Whose places the work on it takes.
    const LANE: Lane = Lane::SignIn;

    /// Whether frames in it are looked at while the rest of it arrives.
    const LOOKS_AHEAD: bool = false;

    /// Whether a service with an API key may send it.
    const TAKES_KEY: bool = false;

    /// What the handler works with; cannot be malformed.
    type Command: Send + 'static;

    /// Checks the fields and takes the files out of `parts`.
    fn into_command(self, parts: &mut Parts) -> ApiResult<Self::Command>;
}

/// The command of a request body of type `T`. Holds a place of work and the memory of the body
/// until the handler is done with it.
pub(crate) struct Body<T: RequestBody> {
    pub command: T::Command,
    _work: Work,
    _arrival: Arrival,
}

impl<T: RequestBody> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let capacity = capacity(&request)?;
            let client = client(&request)?;
            let payload = limited::<T>(&request, payload);
            payload.check_announced()?;
            let arrival = capacity.places.arrive(client)?;
            let context = context(&request)?;
            // What could not be worked on when it begins need not be received.
            capacity.places.room(T::LANE, client)?;
            if payload.may_hold_pictures() {
                context.room()?;
            }
            let ahead = Ahead::new(T::LOOKS_AHEAD.then_some(context));
            let received = receive(&request, payload.counted(arrival.clone()), ahead).await?;
            // Only now is there something to do.
            let work = capacity.places.work(T::LANE, client)?;
            let (command, decoding) = received.parse::<T>().await?;
            // A key that is not good ends the request before anything is decoded.
            let service = T::TAKES_KEY && request.headers().contains_key(API_KEY_HEADER);
            capacity.budgets.spend(context, client, service, decoding).await?;
            Ok(Self { command, _work: work, _arrival: arrival })
        })
    }
}

/// The client that a request counts for.
pub(crate) fn client(request: &HttpRequest) -> ApiResult<IpAddr> {
    request
        .app_data::<web::Data<ClientAddress>>()
        .map(|clients| clients.network_of_request(request))
        .ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}

fn context(request: &HttpRequest) -> ApiResult<&web::Data<Context>> {
    request.app_data::<web::Data<Context>>().ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}

fn capacity(request: &HttpRequest) -> ApiResult<&web::Data<Capacity>> {
    request.app_data::<web::Data<Capacity>>().ok_or_else(|| ApiError::new(ErrorCode::InternalError))
}

fn limited<T: RequestBody>(request: &HttpRequest, payload: dev::Payload) -> bytes::Limited {
    bytes::Limited::new(payload, request, body_cap(request))
}

/// The command of a body, as [`Body`] reads it.
#[cfg(test)]
pub(crate) async fn parse<T: RequestBody>(
    request: &HttpRequest,
    payload: dev::Payload,
) -> ApiResult<T::Command> {
    let payload = limited::<T>(request, payload);
    payload.check_announced()?;
    receive(request, payload, Ahead::new(None))
        .await?
        .parse::<T>()
        .await
        .map(|(command, _)| command)
}

/// A body that has arrived, in either form.
enum Received {
    Json(web::Bytes),
    Form(Form),
}

async fn receive(
    request: &HttpRequest,
    mut payload: bytes::Limited,
    ahead: Ahead<'_>,
) -> ApiResult<Received> {
    check_coding(request)?;
    match media_type(request).as_deref() {
        Some("application/json") => Ok(Received::Json(payload.all().await?)),
        Some("multipart/form-data") => {
            Ok(Received::Form(form::read(request, payload, ahead).await?))
        }
        _ => Err(ApiError::new(ErrorCode::UnsupportedMediaType)
            .detail("Send application/json or multipart/form-data.")),
    }
}

impl Received {
    /// The command, and what decoding its pictures will cost, in pixels of a plain JPEG.
    async fn parse<T: RequestBody>(self) -> ApiResult<(T::Command, u64)> {
        match self {
            Self::Json(body) => {
                let inline = body.len() < PARSE_INLINE_BELOW;
                off_thread(inline, move || command(json::parse::<T>(&body)?, Parts::default()))
                    .await
            }
            Self::Form(Form { fields, files, stranger, ahead }) => {
                let bytes: usize = files.iter().map(Part::len).sum();
                off_thread(bytes < PARSE_INLINE_BELOW, move || {
                    let request = json::from_value::<T>(fields);
                    let outcome =
                        request.and_then(|request| command(request, Parts::new(files, ahead)));
                    form::name_stranger(stranger, outcome)
                })
                .await
            }
        }
    }
}

fn command<T: RequestBody>(request: T, mut parts: Parts) -> ApiResult<(T::Command, u64)> {
    let command = request.into_command(&mut parts)?;
    Ok((command, parts.work()))
}

/// Refuses bodies that are compressed: pictures do not shrink, and a small body could become a
/// large one.
pub(crate) fn check_coding(request: &HttpRequest) -> ApiResult<()> {
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if request.headers().get_all(header::CONTENT_ENCODING).all(plain) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::UnsupportedMediaType)
        .detail("Send the body as it is, without a Content-Encoding."))
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

fn body_cap(request: &HttpRequest) -> usize {
    let form = media_type(request).is_some_and(|media_type| media_type == "multipart/form-data");
    if form { LARGEST_BODY_BYTES } else { MAX_BODY_BYTES }
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
            check_coding(&request)?;
            payload.check_announced()?;
            json::parse(&payload.all().await?).map(Self)
        })
    }
}
