//! A body of lines, read one at a time. The sender waits until the next line is wanted.

use std::time::Duration;

use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt;
use tokio::time::Instant;

use super::progress::LONGEST;
use crate::error::{ApiError, ErrorCode};
use crate::places::{Arrival, MAX_BODY_BYTES};

/// Longest line: what one request may hold in pictures, in base64, and its other fields.
const MAX_LINE_BYTES: usize = MAX_BODY_BYTES / 3 * 4 + 64 * 1024;

/// How long the sender may pause, also within a line: what it makes lines of takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was read.
pub(crate) enum Line {
    /// The number of a line from 1, and its text.
    Text(u64, Vec<u8>),
    /// A line that could not be read.
    Refused(u64, ApiError),
}

/// The lines of a body. Blank lines are numbered and skipped. The lines in memory count for the
/// sender, including the line that was returned last.
pub(crate) struct Lines {
    payload: Payload,
    arrival: Arrival,
    buffer: BytesMut,
    /// Bytes of the buffer that hold no line feed.
    searched: usize,
    number: u64,
    ended: bool,
}

impl Lines {
    pub(crate) fn new(payload: Payload, arrival: Arrival) -> Self {
        Self { payload, arrival, buffer: BytesMut::new(), searched: 0, number: 0, ended: false }
    }

    /// The next line, or nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        let mut too_long = false;
        let end_of_line = Instant::now() + LONGEST;
        loop {
            let end = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let line = self.buffer.split_to(self.searched + end + 1);
                self.searched = 0;
                self.number += 1;
                if too_long {
                    return Some(self.refused(ErrorCode::PayloadTooLarge));
                }
                match line.trim_ascii() {
                    [] => continue,
                    text => return Some(Line::Text(self.number, text.to_vec())),
                }
            }
            self.searched = self.buffer.len();
            if self.buffer.len() > MAX_LINE_BYTES {
                // The rest of it is read and dropped, so that the following lines keep their
                // numbers.
                too_long = true;
                self.buffer.clear();
                self.searched = 0;
            }
            if self.ended {
                let rest = self.buffer.split().trim_ascii().to_vec();
                self.searched = 0;
                if rest.is_empty() && !too_long {
                    return None;
                }
                self.number += 1;
                return Some(if too_long {
                    self.refused(ErrorCode::PayloadTooLarge)
                } else {
                    Line::Text(self.number, rest)
                });
            }
            // The line before is finished. So a waiting sender holds only the memory of what it has
            // sent.
            if let Err(full) = self.arrival.hold(self.buffer.len()) {
                return Some(self.broken(full.into()));
            }
            let until = (Instant::now() + PATIENCE).min(end_of_line);
            match tokio::time::timeout_at(until, self.payload.next()).await {
                Ok(Some(Ok(bytes))) => self.buffer.extend_from_slice(&bytes),
                Ok(None) => self.ended = true,
                Ok(Some(Err(_))) => {
                    return Some(self.broken(ApiError::new(ErrorCode::InvalidField)));
                }
                Err(_) => return Some(self.broken(ApiError::new(ErrorCode::RequestTimeout))),
            }
        }
    }

    fn refused(&self, code: ErrorCode) -> Line {
        Line::Refused(self.number, ApiError::new(code))
    }

    /// The end of a body that stopped in the middle.
    fn broken(&mut self, error: ApiError) -> Line {
        self.ended = true;
        self.buffer.clear();
        self.searched = 0;
        self.number += 1;
        Line::Refused(self.number, error)
    }
}
