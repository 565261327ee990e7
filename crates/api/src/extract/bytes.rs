//! Reading a body within a cap.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, dev, error::PayloadError};
use futures_util::{Stream, StreamExt};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Most bytes thrown away after a refusal, so that the client sees the answer.
const MAX_DRAIN_BYTES: usize = 32 * 1024 * 1024;
/// Longest a refused body is thrown away for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Most memory set aside on the word of a Content-Length alone.
const MAX_INITIAL_CAPACITY: usize = 256 * 1024;

/// A payload that stops at a cap. Clones read on where the other stopped: the form
/// parser wants a stream of its own, and a refusal has to throw away what it left.
#[derive(Clone)]
pub(super) struct Limited(Rc<RefCell<Inner>>);

struct Inner {
    payload: dev::Payload,
    announced: Option<usize>,
    cap: usize,
    seen: usize,
    ended: bool,
}

impl Limited {
    pub(super) fn new(payload: dev::Payload, request: &HttpRequest, cap: usize) -> Self {
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let inner = Inner { payload, announced, cap, seen: 0, ended: false };
        Self(Rc::new(RefCell::new(inner)))
    }

    /// Refuses by the Content-Length, before a byte is read.
    pub(super) fn check_announced(&self) -> ApiResult<()> {
        let inner = self.0.borrow();
        match inner.announced {
            Some(length) if length > inner.cap => Err(too_large()),
            _ => Ok(()),
        }
    }

    /// Everything.
    pub(super) async fn all(&mut self) -> ApiResult<Bytes> {
        let announced = self.0.borrow().announced.unwrap_or(0);
        let mut body = BytesMut::with_capacity(announced.min(MAX_INITIAL_CAPACITY));
        while let Some(chunk) = self.next().await {
            body.extend_from_slice(&chunk.map_err(|error| problem(&error))?);
        }
        Ok(body.freeze())
    }

    /// Throws the rest away, up to a cap.
    pub(super) async fn drain(&mut self) {
        {
            let mut inner = self.0.borrow_mut();
            inner.cap = inner.seen.saturating_add(MAX_DRAIN_BYTES);
        }
        let throw = async { while let Some(Ok(_)) = self.next().await {} };
        // A client that goes on sending past this sees a reset.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, throw).await;
    }
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.borrow_mut();
        if inner.ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut inner.payload).poll_next(cx);
        match polled {
            Poll::Ready(Some(Ok(bytes))) => {
                inner.seen += bytes.len();
                if inner.seen > inner.cap {
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => {
                inner.ended = true;
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                inner.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
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
