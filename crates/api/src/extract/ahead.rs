//! Frames of a form that are looked at while the rest of the form arrives.
//!
//! A frame is looked at when its time has come before it: all times before the first frame, or each
//! directly before its own, as whoever sends frames while they are taken must do. How many frames
//! there will be is then not known yet.

use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::liveness::capture::{
    MAX_FRAME_SIDE, MIN_FRAMES, TimedImage, check_beginning, check_timing,
};
use faceauth_usecases::{Context, liveness};

use crate::budget::PIXELS_A_REQUEST;

/// Most bytes of a frame that is looked at ahead. A JPEG of 640x480 has 30 to 80 KiB. It is copied on
/// an async thread, which a larger one would keep.
const MOST_BYTES: usize = 256 * 1024;

/// The frames of a form while it is read.
pub(super) struct Ahead<'a> {
    /// `None` where nothing is looked at ahead.
    context: Option<&'a Context>,
    /// When the frames were taken, as far as that has arrived, in milliseconds.
    times: Vec<u32>,
    /// How many frames were handed over.
    frames: usize,
    /// What decoding them costs, in pixels of a plain JPEG.
    work: u64,
    look: Option<Box<dyn LookAhead>>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(context: Option<&'a Context>) -> Self {
        Self { context, times: Vec::new(), frames: 0, work: 0, look: None }
    }

    /// The time of a frame has arrived.
    pub(super) fn time(&mut self, t_ms: u32) {
        self.times.push(t_ms);
    }

    /// A frame has arrived. One that cannot be looked at ahead ends it: the frames after it need it.
    pub(super) fn frame(&mut self, bytes: &[u8], declared: Option<&str>) {
        let Some(times) = self.times.get(..=self.frames).filter(|t| check_beginning(t).is_ok())
        else {
            return self.context = None;
        };
        let t_ms = times[self.frames];
        if self.frames == 0 {
            self.look = self.begin();
        }
        let Some(look) = &self.look else { return self.context = None };
        // After a frame that was left out, `context` is gone.
        let Some((image, _)) =
            self.context.and_then(|_| small(bytes, declared)).filter(|(_, work)| {
                self.work += work;
                self.work <= PIXELS_A_REQUEST
            })
        else {
            return self.context = None;
        };
        look.see(TimedImage { image, t_ms });
        self.frames += 1;
    }

    /// Begins to look at a capture whose first frame has arrived, with the times before it. Times of
    /// a whole capture say how many frames there are.
    fn begin(&self) -> Option<Box<dyn LookAhead>> {
        let count = match self.times.len() {
            ..MIN_FRAMES => None,
            count => check_timing(&self.times).ok().map(|()| Some(count))?,
        };
        liveness::look_ahead(self.context?, count)
    }

    /// What has looked, when the form has ended.
    pub(super) fn end(self) -> Option<Box<dyn LookAhead>> {
        self.look
    }
}

/// A frame that may be looked at ahead, and what decoding it costs.
fn small(bytes: &[u8], declared: Option<&str>) -> Option<(EncodedImage, u64)> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let image = EncodedImage::parse(bytes.to_vec(), declared).ok()?;
    let size = image.size();
    let work = image.decoding_work();
    (size.width.max(size.height) <= MAX_FRAME_SIDE).then_some((image, work))
}
