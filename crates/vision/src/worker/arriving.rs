//! What workers make of a capture while it arrives.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faceauth_domain::analyzer::Keep;
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::liveness::capture::TimedImage;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_telemetry::metrics;

use crate::error::VisionError;
use crate::pipeline::{CaptureInHand, Scrutiny};

/// Most frames that wait for a worker. When more arrive, no worker has time, and all others are left
/// to the judgement.
const MOST_WAITING: usize = 4;

/// A capture on its way.
pub(super) struct Arriving {
    /// How many frames there are to be, where that was announced.
    count: Option<usize>,
    scrutiny: Scrutiny,
    inbox: Mutex<Inbox>,
    /// Held while a worker looks.
    looked: Mutex<Looked>,
}

/// The frames that wait for a worker.
struct Inbox {
    frames: VecDeque<TimedImage>,
    /// Whether a worker looks at them.
    tended: bool,
    /// Whether nobody is to look any more.
    over: bool,
}

/// What came of the frames so far.
struct Looked {
    /// `None` when one could not be looked at. Its error is found again, and told, at the judgement.
    in_hand: Option<CaptureInHand>,
    /// Those that were looked at. Their bytes are those that the form holds.
    frames: Vec<TimedImage>,
}

impl Arriving {
    /// Nothing yet, of `count` frames that are judged by `policy`. `None` as long as nobody knows how
    /// many there will be.
    pub(super) fn new(count: Option<usize>, policy: LivenessPolicy) -> Self {
        let settlement = CaptureSettlement::Nothing;
        let in_hand = Some(CaptureInHand::new(Keep::Nothing, count));
        Self {
            count,
            scrutiny: Scrutiny::Verdict { policy, lids: false, settlement },
            inbox: Mutex::new(Inbox { frames: VecDeque::new(), tended: false, over: false }),
            looked: Mutex::new(Looked { in_hand, frames: Vec::new() }),
        }
    }

    /// No worker has time for what has arrived.
    pub(super) fn untended(&self) {
        lock(&self.inbox).tended = false;
    }

    /// Puts a frame in. Whether somebody has to be asked to look at it.
    pub(super) fn arrived(&self, frame: TimedImage) -> bool {
        let mut inbox = lock(&self.inbox);
        if inbox.over {
            return false;
        }
        if inbox.frames.len() == MOST_WAITING {
            inbox.end();
            return false;
        }
        inbox.frames.push_back(frame);
        !std::mem::replace(&mut inbox.tended, true)
    }

    /// Nobody is to look at it any more.
    pub(super) fn end(&self) {
        lock(&self.inbox).end();
    }

    /// Whether nobody is to look at it any more.
    pub(super) fn is_over(&self) -> bool {
        lock(&self.inbox).over
    }

    /// Lets `look` see the frames that wait, one by one, until there is none, or until the worker is
    /// `needed` elsewhere. `look` says whether the frame could be seen; after one that could not, it is over.
    pub(super) fn tend(
        &self,
        needed: impl Fn() -> bool,
        mut look: impl FnMut(&mut CaptureInHand, &TimedImage, &Scrutiny) -> Result<bool, VisionError>,
    ) {
        let mut looked = lock(&self.looked);
        while let Some(frame) = self.next(&needed) {
            // Taken out, so that a panic leaves nothing that is half done.
            let Some(mut in_hand) = looked.in_hand.take() else { return self.end() };
            match look(&mut in_hand, &frame, &self.scrutiny) {
                Ok(true) => {}
                Ok(false) => return self.end(),
                Err(error) => {
                    tracing::warn!(%error, "could not look ahead");
                    return self.end();
                }
            }
            metrics::frames_ahead();
            looked.frames.push(frame);
            looked.in_hand = Some(in_hand);
        }
    }

    fn next(&self, needed: impl Fn() -> bool) -> Option<TimedImage> {
        let mut inbox = lock(&self.inbox);
        let frame = if needed() { None } else { inbox.frames.pop_front() };
        inbox.tended = frame.is_some();
        frame
    }

    /// What has been seen, when it is the beginning of `capture`. Waits for the frame that a worker
    /// has in hand; nobody looks any more.
    pub(super) fn take(&self, capture: &[TimedImage]) -> Option<CaptureInHand> {
        self.end();
        let mut looked = lock(&self.looked);
        let same = self.begins(&looked, capture);
        looked.in_hand.take().filter(|_| same).map(|in_hand| in_hand.of(capture.len()))
    }

    /// Whether the frames that were looked at are the first of `capture`. With another number of frames
    /// than was announced, models may have looked at more than they would have.
    fn begins(&self, looked: &Looked, capture: &[TimedImage]) -> bool {
        let seen = &looked.frames;
        let same = |(seen, frame): (&TimedImage, &TimedImage)| {
            seen.t_ms == frame.t_ms && seen.image.bytes() == frame.image.bytes()
        };
        self.count.is_none_or(|count| count == capture.len())
            && seen.len() <= capture.len()
            && seen.iter().zip(capture).all(same)
    }
}

impl Inbox {
    fn end(&mut self) {
        self.over = true;
        self.frames.clear();
    }
}

/// A panic while looking leaves no capture behind, so a poisoned lock is still usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use faceauth_domain::capture::EncodedImage;
    use faceauth_test_support::photos;

    use super::*;

    const COUNT: usize = 8;

    fn frame(index: u32) -> TimedImage {
        let shade = image::Rgb([u8::try_from(index).unwrap(); 3]);
        let picture = image::RgbImage::from_pixel(8, 8, shade);
        let bytes = photos::png(&image::DynamicImage::ImageRgb8(picture));
        let image = EncodedImage::parse(bytes, None).unwrap();
        TimedImage { image, t_ms: 250 * index }
    }

    fn frames() -> Vec<TimedImage> {
        (0..COUNT as u32).map(frame).collect()
    }

    fn arriving() -> Arriving {
        Arriving::new(Some(COUNT), LivenessPolicy::DEFAULT)
    }

    const IDLE: fn() -> bool = || false;

    /// Lets a worker see what waits; when each frame that it saw was taken.
    fn seen(arriving: &Arriving) -> Vec<u32> {
        let mut seen = Vec::new();
        arriving.tend(IDLE, |_, timed, _| {
            seen.push(timed.t_ms);
            Ok(true)
        });
        seen
    }

    #[test]
    fn what_arrives_is_seen_once_and_in_order() {
        let ahead = arriving();
        ahead.arrived(frame(0));
        ahead.arrived(frame(1));
        assert_eq!(seen(&ahead), [0, 250]);
        assert!(seen(&ahead).is_empty());
        ahead.arrived(frame(2));
        assert_eq!(seen(&ahead), [500]);
    }

    #[test]
    fn who_is_needed_elsewhere_stops_after_the_frame_in_hand() {
        let ahead = arriving();
        assert!(ahead.arrived(frame(0)), "somebody has to be asked");
        assert!(!ahead.arrived(frame(1)), "once is enough");
        let needed = std::cell::Cell::new(false);
        let mut count = 0;
        ahead.tend(
            || needed.get(),
            |_, _, _| {
                count += 1;
                needed.set(true);
                Ok(true)
            },
        );
        assert_eq!(count, 1);
        assert!(ahead.arrived(frame(2)), "somebody has to be asked again");
        assert_eq!(seen(&ahead), [250, 500]);
    }

    #[test]
    fn nothing_piles_up_before_workers_that_have_no_time() {
        let ahead = arriving();
        frames().into_iter().take(MOST_WAITING).for_each(|frame| {
            ahead.arrived(frame);
        });
        assert!(!ahead.is_over());
        ahead.arrived(frame(7));
        assert!(ahead.is_over());
        assert!(seen(&ahead).is_empty());
    }

    #[test]
    fn a_frame_that_cannot_be_seen_ends_it_and_leaves_nothing() {
        for failed in [Ok(false), Err(VisionError::Worker("test".to_owned()))] {
            let ahead = arriving();
            let mut failed = Some(failed);
            ahead.arrived(frame(0));
            ahead.tend(IDLE, |_, _, _| failed.take().expect("one look"));
            assert!(ahead.is_over());
            assert!(lock(&ahead.looked).in_hand.is_none());
        }
    }

    /// What was seen of `ahead`, when the judgement has `capture`.
    fn taken(ahead: &Arriving, capture: &[TimedImage]) -> bool {
        ahead.begins(&lock(&ahead.looked), capture)
    }

    #[test]
    fn only_the_beginning_of_the_same_capture_counts() {
        let ahead = arriving();
        frames().into_iter().take(3).for_each(|frame| {
            ahead.arrived(frame);
        });
        assert_eq!(seen(&ahead).len(), 3);
        assert!(taken(&ahead, &frames()));
        let mut other = frames();
        other[2].image = frame(9).image;
        assert!(!taken(&ahead, &other), "another picture");
        let mut other = frames();
        other[0].t_ms += 1;
        assert!(!taken(&ahead, &other), "another time");
        assert!(!taken(&ahead, &frames()[..7]), "fewer frames than were announced");
        assert!(!taken(&ahead, &[frames(), vec![frame(8)]].concat()), "more of them");
        let mut later = frames();
        later[5].image = frame(9).image;
        assert!(taken(&ahead, &later), "what was not seen may be anything");
    }

    #[test]
    fn where_no_number_was_announced_any_counts() {
        let ahead = Arriving::new(None, LivenessPolicy::DEFAULT);
        frames().into_iter().take(3).for_each(|frame| {
            ahead.arrived(frame);
        });
        assert_eq!(seen(&ahead).len(), 3);
        assert!(taken(&ahead, &frames()));
        assert!(taken(&ahead, &[frames(), vec![frame(8)]].concat()));
        assert!(!taken(&ahead, &frames()[..2]), "fewer than were seen");
        assert!(!taken(&ahead, &frames()[1..]), "others than were seen");
    }
}
