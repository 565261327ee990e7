//! The first stage of the matcher on a thread of its own, while the next frames are looked at.
//!
//! It is the longest stage of a capture, and no other stage waits for what it says. Where a core is
//! free, a person waits half as long.

use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;
use tracing::Span;

use crate::embed::{Embedder, FirstPart};
use crate::error::VisionError;
use crate::wiped::Wiped;

/// A crop at which the first stage has looked.
pub(super) struct Matched {
    /// Index of its frame.
    pub(super) frame: usize,
    /// The crop.
    pub(super) aligned: Wiped,
    /// What the first stage made of it; `None` of a matcher without stages.
    pub(super) first: Option<FirstPart>,
}

/// Crops on their way to the first stage. As many wait as a capture has frames, at most.
pub(super) struct Crops(Sender<(usize, Wiped)>);

impl Crops {
    /// Hands over the crop of a frame.
    pub(super) fn send(&self, frame: usize, aligned: Wiped) {
        // The first stage has gone only when it has failed, and then it says so.
        let _ = self.0.send((frame, aligned));
    }
}

/// Lets the first stage look at the crops that `watch` hands over, while it hands over more.
pub(super) fn beside<T, E: From<VisionError>>(
    embedder: &mut Embedder,
    watch: impl FnOnce(&Crops) -> Result<T, E>,
) -> Result<(T, Vec<Matched>), E> {
    let (sender, mut waiting) = mpsc::channel();
    // A thread begins without the span of the one that starts it.
    let span = Span::current();
    let mut look = || span.in_scope(|| look(embedder, &mut waiting));
    let (watched, joined) = thread::scope(|scope| {
        let builder = thread::Builder::new().name("matcher".to_owned());
        let matcher = builder.spawn_scoped(scope, &mut look).ok();
        let crops = Crops(sender);
        let watched = watch(&crops);
        // The matcher ends with the last crop.
        drop(crops);
        (
            watched,
            matcher.map(|matcher| matcher.join().unwrap_or_else(|panic| resume_unwind(panic))),
        )
    });
    let watched = watched?;
    // The system may give no thread: then one after the other.
    let matched = joined.unwrap_or_else(look)?;
    Ok((watched, matched))
}

fn look(
    embedder: &mut Embedder,
    waiting: &mut Receiver<(usize, Wiped)>,
) -> Result<Vec<Matched>, VisionError> {
    let matched = waiting.iter().map(|(frame, aligned)| {
        let first = measured(Stage::Embed, || embedder.first_stage(&aligned))?;
        Ok(Matched { frame, aligned, first })
    });
    matched.collect()
}
