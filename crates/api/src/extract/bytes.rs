//! Reading a body within a cap.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, dev, error::PayloadError};
use futures_util::{Stream, StreamExt};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Most memory set aside on the word of a Content-Length alone.
const MAX_INITIAL_CAPACITY: usize = 256 * 1024;

/// A payload that fails past a cap.
pub(super) struct Limited {
    payload: dev::Payload,
    announced: Option<usize>,
    cap: usize,
    seen: usize,
}

impl Limited {
    pub(super) fn new(payload: dev::Payload, request: &HttpRequest, cap: usize) -> Self {
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        Self { payload, announced, cap, seen: 0 }
    }

    /// Refuses by the Content-Length, before a byte is read.
    pub(super) fn check_announced(&self) -> ApiResult<()> {
        match self.announced {
            Some(length) if length > self.cap => Err(too_large()),
            _ => Ok(()),
        }
    }

    /// Whether the body is, or could turn out to be, larger than `bytes`.
    pub(super) fn may_exceed(&self, bytes: usize) -> bool {
        self.announced.unwrap_or(self.cap).min(self.cap) > bytes
    }

    /// Everything.
    pub(super) async fn all(&mut self) -> ApiResult<Bytes> {
        let announced = self.announced.unwrap_or(0);
        let mut body = BytesMut::with_capacity(announced.min(MAX_INITIAL_CAPACITY));
        while let Some(chunk) = self.next().await {
            body.extend_from_slice(&chunk.map_err(|error| problem(&error))?);
        }
        Ok(body.freeze())
    }
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.seen += bytes.len();
            if self.seen > self.cap {
                return Poll::Ready(Some(Err(PayloadError::Overflow)));
            }
        }
        polled
    }
}

pub(super) fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge)
}

pub(super) fn problem(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => too_large(),
        _ => ApiError::new(ErrorCode::InvalidField).detail("The body ended too early."),
    }
}
