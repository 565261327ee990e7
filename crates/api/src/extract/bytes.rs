//! Reading a body within a cap, at a pace, and within the memory there is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest, dev, error::PayloadError};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until};

use super::progress::Progress;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::places::{Arrival, Full};
use crate::telemetry::Arrived;

/// Most memory set aside on the word of a Content-Length alone.
const MAX_INITIAL_CAPACITY: usize = 256 * 1024;

/// Most bytes of a body that is taken to have no picture: tokens, names and consent.
const MOST_WITHOUT_PICTURES: usize = 16 * 1024;

/// A payload that fails when it exceeds a cap, is too slow, or finds no memory.
pub(super) struct Limited {
    payload: dev::Payload,
    announced: Option<usize>,
    cap: usize,
    seen: usize,
    pace: Option<Pace>,
    arrival: Option<Arrival>,
    arrived: Arrived,
}

/// The pace of the body, and the timer that ends it. It runs from the first poll.
struct Pace {
    progress: Progress,
    timer: Pin<Box<Sleep>>,
}

/// Why reading ended, in the only form that a stream of a payload can carry.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("the body arrives too slowly")]
    Slow,
    #[error("there is no memory for the body")]
    Full(Full),
}

impl Limited {
    pub(super) fn new(payload: dev::Payload, request: &HttpRequest, cap: usize) -> Self {
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let arrived = request.extensions().get::<Arrived>().cloned().unwrap_or_default();
        Self { payload, announced, cap, seen: 0, pace: None, arrival: None, arrived }
    }

    /// Counts what arrives against the memory for bodies.
    pub(super) fn counted(self, arrival: Arrival) -> Self {
        Self { arrival: Some(arrival), ..self }
    }

    /// Refuses by the Content-Length, before a byte is read.
    pub(super) fn check_announced(&self) -> ApiResult<()> {
        match self.announced {
            Some(length) if length > self.cap => Err(too_large()),
            _ => Ok(()),
        }
    }

    /// Whether there may be pictures in it: then an analyzer is needed.
    pub(super) fn may_hold_pictures(&self) -> bool {
        self.announced.is_none_or(|length| length > MOST_WITHOUT_PICTURES)
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

    fn count(&mut self, bytes: usize) -> Result<(), PayloadError> {
        self.seen += bytes;
        if self.seen > self.cap {
            return Err(PayloadError::Overflow);
        }
        if let Some(arrival) = &self.arrival {
            arrival.hold(self.seen).map_err(|full| stop(Stop::Full(full)))?;
        }
        Ok(())
    }
}

impl Pace {
    fn begin() -> Self {
        let progress = Progress::begin(Instant::now());
        let timer = Box::pin(sleep_until(progress.deadline()));
        Self { progress, timer }
    }

    fn received(&mut self, bytes: usize) {
        self.progress.received(bytes, Instant::now());
        self.timer.as_mut().reset(self.progress.deadline());
    }
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let pace = this.pace.get_or_insert_with(Pace::begin);
        let polled = Pin::new(&mut this.payload).poll_next(cx);
        if polled.is_ready() {
            this.arrived.note();
        }
        match polled {
            Poll::Ready(Some(Ok(bytes))) => {
                pace.received(bytes.len());
                Poll::Ready(Some(this.count(bytes.len()).map(|()| bytes)))
            }
            Poll::Pending => pace.timer.as_mut().poll(cx).map(|()| Some(Err(stop(Stop::Slow)))),
            ended => ended,
        }
    }
}

fn stop(reason: Stop) -> PayloadError {
    PayloadError::Io(io::Error::other(reason))
}

pub(super) fn too_large() -> ApiError {
    ApiError::new(ErrorCode::PayloadTooLarge)
}

pub(super) fn problem(error: &PayloadError) -> ApiError {
    let cut_off = || ApiError::new(ErrorCode::InvalidField).detail("The body ended too early.");
    match error {
        PayloadError::Overflow => too_large(),
        PayloadError::Io(error) => match error.get_ref().and_then(|e| e.downcast_ref()) {
            Some(Stop::Slow) => ApiError::new(ErrorCode::RequestTimeout),
            Some(Stop::Full(full)) => (*full).into(),
            None => cut_off(),
        },
        _ => cut_off(),
    }
}
