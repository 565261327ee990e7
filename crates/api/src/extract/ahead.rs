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

use super::image::Part;
use crate::budget::PIXELS_A_REQUEST;

/// Most bytes of a frame that is looked at ahead. A JPEG of 640x480 has 30 to 80 KiB. It is parsed on
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
    /// The form keeps the same frame, so it is parsed once.
    pub(super) fn frame(&mut self, bytes: Vec<u8>, declared: Option<String>) -> Part {
        let Some(t_ms) = self.due().filter(|_| bytes.len() <= MOST_BYTES) else {
            self.context = None;
            return Part::File { bytes, declared };
        };
        let parsed = EncodedImage::parse(bytes, declared.as_deref());
        let image = parsed.as_ref().ok().filter(|image| self.affords(image)).cloned();
        match (&self.look, image) {
            (Some(look), Some(image)) => {
                look.see(TimedImage { image, t_ms });
                self.frames += 1;
            }
            _ => self.context = None,
        }
        Part::Frame(parsed)
    }

    /// When the frame that has arrived was taken, where it is looked at ahead. After a frame that was
    /// left out, none is.
    fn due(&mut self) -> Option<u32> {
        self.context?;
        let times = self.times.get(..=self.frames).filter(|t| check_beginning(t).is_ok())?;
        let t_ms = *times.last()?;
        if self.frames == 0 {
            self.look = self.begin();
        }
        self.look.as_ref().map(|_| t_ms)
    }

    /// Whether a frame is small enough, also with those before it.
    fn affords(&mut self, image: &EncodedImage) -> bool {
        self.work = self.work.saturating_add(image.decoding_work());
        let size = image.size();
        size.width.max(size.height) <= MAX_FRAME_SIDE && self.work <= PIXELS_A_REQUEST
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
