//! What a client submits as an answer to a challenge: frames with times, or a clip.

use crate::capture::EncodedImage;
use crate::clip::{EncodedClip, MAX_CLIP_MS};

/// Least frames of a capture. Three steps with the way there and back need more than two
/// frames each.
pub const MIN_FRAMES: usize = 8;

/// Most frames that are judged: 1.5 frames a second over the longest capture, about a
/// second of CPU.
pub const MAX_FRAMES: usize = 30;

/// Longest side of a frame in pixels: thirty frames of the largest pictures would keep a
/// worker for ten seconds.
pub const MAX_FRAME_SIDE: u32 = 1920;

/// Longest capture in milliseconds, as for clips.
pub const MAX_DURATION_MS: u32 = MAX_CLIP_MS;

/// Shortest capture in milliseconds: nobody performs three steps in less.
pub const MIN_DURATION_MS: u32 = 1_500;

/// Longest pause between two frames in milliseconds. In a longer one a picture could be
/// exchanged or a head replaced unseen.
pub const MAX_GAP_MS: u32 = 1_500;

/// Shortest pause between two frames in milliseconds: cameras give at most 60 a second.
pub const MIN_GAP_MS: u32 = 16;

/// One frame and when it was taken.
#[derive(Debug, Clone)]
pub struct TimedImage {
    /// The picture.
    pub image: EncodedImage,
    /// Milliseconds since the client received the steps.
    pub t_ms: u32,
}

/// Why times cannot be those of one continuous capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimingProblem {
    /// Fewer frames than [`MIN_FRAMES`] or more than [`MAX_FRAMES`].
    #[error("send {MIN_FRAMES} to {MAX_FRAMES} frames, not {0}")]
    Count(usize),
    /// This frame is not later than the one before it by [`MIN_GAP_MS`].
    #[error("each frame is at least {MIN_GAP_MS} ms later than the one before it")]
    Order(usize),
    /// This frame comes more than [`MAX_GAP_MS`] after the one before it.
    #[error("no more than {MAX_GAP_MS} ms lie between two frames")]
    Gap(usize),
    /// Shorter than [`MIN_DURATION_MS`].
    #[error("the frames span at least {MIN_DURATION_MS} ms")]
    TooShort,
    /// Longer than [`MAX_DURATION_MS`].
    #[error("the frames span at most {MAX_DURATION_MS} ms")]
    TooLong,
}

/// Checks count, order, spacing and duration of frames taken at `times`, in milliseconds.
///
/// # Errors
/// The first [`TimingProblem`].
pub fn check_timing(times: &[u32]) -> Result<(), TimingProblem> {
    if times.len() < MIN_FRAMES {
        return Err(TimingProblem::Count(times.len()));
    }
    check_beginning(times)?;
    if span(times) < MIN_DURATION_MS { Err(TimingProblem::TooShort) } else { Ok(()) }
}

/// Checks what [`check_timing`] checks, as far as it shows in the first times of a capture whose
/// other frames are still to be taken.
///
/// # Errors
/// The first [`TimingProblem`].
pub fn check_beginning(times: &[u32]) -> Result<(), TimingProblem> {
    if times.len() > MAX_FRAMES {
        return Err(TimingProblem::Count(times.len()));
    }
    for (index, pair) in times.windows(2).enumerate() {
        match pair[1].checked_sub(pair[0]) {
            None => return Err(TimingProblem::Order(index + 1)),
            Some(gap) if gap < MIN_GAP_MS => return Err(TimingProblem::Order(index + 1)),
            Some(gap) if gap > MAX_GAP_MS => return Err(TimingProblem::Gap(index + 1)),
            Some(_) => {}
        }
    }
    if span(times) > MAX_DURATION_MS { Err(TimingProblem::TooLong) } else { Ok(()) }
}

/// Milliseconds from the first to the last of `times`, which are in order.
fn span(times: &[u32]) -> u32 {
    let ends = times.first().zip(times.last());
    ends.map_or(0, |(first, last)| last.saturating_sub(*first))
}

/// Frames whose times have been checked.
#[derive(Debug, Clone)]
pub struct Frames(Vec<TimedImage>);

impl Frames {
    /// Bundles `frames`.
    ///
    /// # Errors
    /// [`TimingProblem`].
    pub fn new(frames: Vec<TimedImage>) -> Result<Self, TimingProblem> {
        let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
        check_timing(&times).map(|()| Self(frames))
    }

    /// The frames, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[TimedImage] {
        &self.0
    }
}

/// A capture in either form.
#[derive(Debug, Clone)]
pub enum LivenessCapture {
    /// Frames the client took.
    Frames(Frames),
    /// A clip, from which the analyzer takes at most [`MAX_FRAMES`].
    Clip(EncodedClip),
}

impl LivenessCapture {
    /// The byte strings it consists of: each frame, or the clip.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let (frames, clip) = match self {
            Self::Frames(frames) => (frames.as_slice(), None),
            Self::Clip(clip) => (&[][..], Some(clip.bytes())),
        };
        frames.iter().map(|frame| frame.image.bytes()).chain(clip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(gap: u32, count: u32) -> Vec<u32> {
        (0..count).map(|i| 100 + i * gap).collect()
    }

    #[test]
    fn continuous_captures_pass() {
        assert_eq!(check_timing(&every(500, 12)), Ok(()));
        assert_eq!(check_timing(&every(1_500, 14)), Ok(()));
        assert_eq!(check_timing(&every(220, 8)), Ok(()));
    }

    #[test]
    fn each_broken_timing_is_named() {
        assert_eq!(check_timing(&every(500, 7)), Err(TimingProblem::Count(7)));
        assert_eq!(check_timing(&every(500, 31)), Err(TimingProblem::Count(31)));
        assert_eq!(check_timing(&[]), Err(TimingProblem::Count(0)));
        let mut swapped = every(500, 12);
        swapped.swap(4, 5);
        assert_eq!(check_timing(&swapped), Err(TimingProblem::Order(5)));
        let mut twice = every(500, 12);
        twice[3] = twice[2];
        assert_eq!(check_timing(&twice), Err(TimingProblem::Order(3)));
        let mut pause = every(500, 12);
        pause.iter_mut().skip(6).for_each(|t| *t += 1_100);
        assert_eq!(check_timing(&pause), Err(TimingProblem::Gap(6)));
        assert_eq!(check_timing(&every(200, 8)), Err(TimingProblem::TooShort));
        assert_eq!(check_timing(&every(1_400, 16)), Err(TimingProblem::TooLong));
        assert_eq!(check_timing(&[u32::MAX, 0, 1, 2, 3, 4, 5, 6]), Err(TimingProblem::Order(1)));
    }

    #[test]
    fn a_beginning_may_be_short_and_nothing_else() {
        let whole = every(500, 12);
        for seen in 0..=12 {
            assert_eq!(check_beginning(&whole[..seen]), Ok(()), "{seen}");
        }
        assert_eq!(check_beginning(&every(500, 31)), Err(TimingProblem::Count(31)));
        assert_eq!(check_beginning(&[100, 100]), Err(TimingProblem::Order(1)));
        assert_eq!(check_beginning(&[0, 500, 2_001]), Err(TimingProblem::Gap(2)));
        assert_eq!(check_beginning(&every(1_400, 15)), Ok(()));
        assert_eq!(check_beginning(&every(1_400, 16)), Err(TimingProblem::TooLong));
    }
}
