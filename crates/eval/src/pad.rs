//! Recordings to classifications, as the service would classify them.

pub mod report;
pub mod tradeoff;

use std::fs;

use anyhow::{Context, ensure};
use faceauth_domain::analyzer::{Keep, PictureProblem};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::clip::EncodedClip;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::liveness::passive;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::subject::SubjectError;
use faceauth_vision::VisionError;
use faceauth_vision::clip::{ClipDecoder, ClipFrame};
use faceauth_vision::pipeline::{Pipeline, Scrutiny};

use crate::recordings::{Medium, Recording};

/// Frames of one presentation that is cut from a clip: what the page sends as a capture.
const FRAMES: usize = 12;

/// Least frames of the only presentation of a short clip, as for a capture.
const LEAST_FRAMES: usize = 8;

/// Least milliseconds between two of its frames: with [`FRAMES`] a capture of three seconds.
const FRAME_MS: u32 = 250;

/// Most frames that are taken from a clip; the longest clip that is accepted has no more at
/// the finest pace of the decoder.
const CLIP_FRAMES: usize = 200;

/// Reasons that point to an imitation. The other reasons are about a poor capture, and say nothing
/// about an imitation.
const ATTACK_REASONS: [LivenessReason; 5] = [
    LivenessReason::PresentationAttack,
    LivenessReason::MovesWithBackground,
    LivenessReason::FrozenFrames,
    LivenessReason::LoopedFrames,
    LivenessReason::SceneCut,
];

/// What the service makes of a presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classification {
    /// Taken for a person.
    BonaFide,
    /// Taken for an attack.
    Attack,
    /// Refused before that question: no face, several, or a poor picture.
    NoResponse,
}

/// One presentation: a picture, or the part of a clip that makes a capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Presentation {
    /// What was made of it.
    pub classification: Classification,
    /// Why it was not taken for a person: the reason codes of the API.
    pub reasons: Vec<&'static str>,
    /// Probability of a bona fide presentation, 0 to 1: of the picture, or the mean of a capture's
    /// frames. `None` when no face was scored.
    pub score: Option<f32>,
}

/// The limits that are evaluated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Least PAD score of a single picture.
    pub picture: f32,
    /// The rules for captures.
    pub liveness: LivenessPolicy,
}

/// Classifies recordings.
pub struct Classifier {
    /// What measures them; its quality policy decides what gets no response.
    pub pipeline: Pipeline,
    /// What decodes clips.
    pub clips: ClipDecoder,
    /// What decides.
    pub limits: Limits,
}

impl Classifier {
    /// Every presentation of `recording`: one of a picture, one for each three seconds of a
    /// clip.
    ///
    /// # Errors
    /// When the file cannot be read, is not a picture or clip that the service accepts, is too
    /// short a clip, or when native code fails.
    pub fn classify(&mut self, recording: &Recording) -> anyhow::Result<Vec<Presentation>> {
        let file = || recording.path.display().to_string();
        let bytes = fs::read(&recording.path).with_context(file)?;
        match recording.medium {
            Medium::Picture => self.picture(bytes).map(|picture| vec![picture]),
            Medium::Clip => self.clip(bytes),
        }
        .with_context(file)
    }

    fn picture(&mut self, bytes: Vec<u8>) -> anyhow::Result<Presentation> {
        let image = EncodedImage::parse(bytes, None)?;
        Ok(match self.pipeline.probe(&image)? {
            Ok(evidence) => {
                let score = evidence.pad.value();
                let (classification, reasons) = if score >= self.limits.picture {
                    (Classification::BonaFide, Vec::new())
                } else {
                    (Classification::Attack, vec![LivenessReason::PresentationAttack.as_str()])
                };
                Presentation { classification, reasons, score: Some(score) }
            }
            Err(PictureProblem::Undecoded(problem)) => return Err(problem.into()),
            Err(PictureProblem::Unusable(problem)) => Presentation {
                classification: Classification::NoResponse,
                reasons: words(&problem),
                score: None,
            },
        })
    }

    fn clip(&mut self, bytes: Vec<u8>) -> anyhow::Result<Vec<Presentation>> {
        let clip = EncodedClip::parse(bytes, None)?;
        let frames = self.clips.decode(&clip, CLIP_FRAMES)??;
        let captures = captures(frames);
        ensure!(!captures.is_empty(), "the clip is shorter than a capture");
        captures.into_iter().map(|frames| self.capture(frames)).collect()
    }

    fn capture(&mut self, frames: Vec<ClipFrame>) -> anyhow::Result<Presentation> {
        let frames = frames.into_iter().map(|f| Ok::<_, VisionError>((f.t_ms, f.frame)));
        let observation = self.pipeline.observe(frames, Keep::Nothing, &Scrutiny::Everything)?;
        let reasons = passive::reasons(&observation, &self.limits.liveness);
        Ok(Presentation {
            classification: if reasons.is_empty() {
                Classification::BonaFide
            } else if reasons.iter().any(|reason| ATTACK_REASONS.contains(reason)) {
                Classification::Attack
            } else {
                Classification::NoResponse
            },
            reasons: distinct(reasons.iter().map(|reason| reason.as_str()).collect()),
            score: passive::pad_score(&observation),
        })
    }
}

/// Cuts the frames of a clip into captures, one after the other. What is left over at the
/// end is dropped, unless it is all there is.
fn captures(frames: Vec<ClipFrame>) -> Vec<Vec<ClipFrame>> {
    let mut captures: Vec<Vec<ClipFrame>> = vec![Vec::new()];
    let mut last: Option<u32> = None;
    for frame in frames {
        if last.is_some_and(|last| frame.t_ms < last + FRAME_MS) {
            continue;
        }
        last = Some(frame.t_ms);
        match captures.last_mut() {
            Some(capture) if capture.len() < FRAMES => capture.push(frame),
            _ => captures.push(vec![frame]),
        }
    }
    let only = captures.len() == 1;
    captures.retain(|c| c.len() == FRAMES || (only && c.len() >= LEAST_FRAMES));
    captures
}

/// The API's words for a problem.
pub(crate) fn words(problem: &CaptureProblem) -> Vec<&'static str> {
    match problem {
        CaptureProblem::Subject(SubjectError::NoFace) => vec!["no_face"],
        CaptureProblem::Subject(SubjectError::MultipleFaces) => vec!["multiple_faces"],
        CaptureProblem::Quality(reasons) => reasons.iter().map(|r| r.as_str()).collect(),
    }
}

fn distinct(mut words: Vec<&'static str>) -> Vec<&'static str> {
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use faceauth_domain::capture::ImageSize;
    use faceauth_vision::frame::Frame;

    use super::*;

    fn frames(count: u32, every_ms: u32) -> Vec<ClipFrame> {
        (0..count)
            .map(|index| {
                let frame = Frame::new(vec![0; 3], ImageSize { width: 1, height: 1 });
                ClipFrame { t_ms: index * every_ms, frame: frame.expect("a frame") }
            })
            .collect()
    }

    fn lengths(count: u32, every_ms: u32) -> Vec<usize> {
        captures(frames(count, every_ms)).iter().map(Vec::len).collect()
    }

    #[test]
    fn clips_are_cut_into_captures_of_three_seconds() {
        // 100 ms apart, every third frame is taken: 200 frames leave 67, five captures.
        assert_eq!(lengths(200, 100), [12; 5]);
        assert_eq!(lengths(24, 300), [12; 2]);
    }

    #[test]
    fn a_short_clip_is_one_capture_and_a_shorter_one_none() {
        assert_eq!(lengths(11, 250), [11]);
        assert!(lengths(7, 250).is_empty());
        assert!(lengths(0, 250).is_empty());
    }
}
