//! Captures of people who answer no challenge, and what each rule saw of them.

pub mod report;
mod words;

use std::fs;

use anyhow::Context;
use faceauth_domain::analyzer::Keep;
use faceauth_domain::clip::EncodedClip;
use faceauth_domain::liveness::capture::{MAX_FRAMES, check_timing};
use faceauth_domain::liveness::evidence::{Recurrence, Transition};
use faceauth_domain::liveness::explain::{Explanation, explain};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_vision::VisionError;
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::decode;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::{Pipeline, Scrutiny};

use crate::captures::{self, Source};

/// What was seen of one capture: figures alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// By frame and by rule.
    pub explanation: Explanation,
    /// From each frame to the next.
    pub transitions: Vec<Transition>,
    /// For each frame from the third on, the earlier one it resembles most.
    pub recurrences: Vec<Recurrence>,
}

/// Looks at captures with every model.
pub struct Examiner {
    /// What measures them.
    pub pipeline: Pipeline,
    /// What decodes clips.
    pub clips: ClipDecoder,
    /// The limits of the rules.
    pub policy: LivenessPolicy,
}

impl Examiner {
    /// Looks at a capture, in the frames that the service would take from it.
    ///
    /// # Errors
    /// When it cannot be read, is not a capture that the service accepts, or native code fails.
    pub fn examine(&mut self, source: &Source) -> anyhow::Result<Examined> {
        let frames = match source {
            Source::Clip(path) => {
                let bytes = fs::read(path).with_context(|| path.display().to_string())?;
                self.clip(bytes).with_context(|| path.display().to_string())?
            }
            Source::Frames(folder) => frames(folder)?,
        };
        let frames = frames.into_iter().map(Ok::<_, VisionError>);
        let observation = self.pipeline.observe(frames, Keep::Nothing, &Scrutiny::Everything)?;
        Ok(Examined {
            explanation: explain(&observation, &self.policy),
            transitions: observation.transitions,
            recurrences: observation.recurrences,
        })
    }

    fn clip(&self, bytes: Vec<u8>) -> anyhow::Result<Vec<(u32, Frame)>> {
        let clip =
            EncodedClip::parse(bytes, None).context("send MP4 (H.264) or WebM (VP8, VP9)")?;
        let frames = self.clips.decode(&clip, MAX_FRAMES)??;
        let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
        check_timing(&times).context("the service takes no clip with these times")?;
        Ok(frames.into_iter().map(|frame| (frame.t_ms, frame.frame)).collect())
    }
}

fn frames(folder: &std::path::Path) -> anyhow::Result<Vec<(u32, Frame)>> {
    let frames = captures::read_frames(folder)?;
    frames
        .as_slice()
        .iter()
        .map(|timed| {
            let frame = decode::decode(&timed.image)
                .with_context(|| format!("{}, the frame at {} ms", folder.display(), timed.t_ms))?;
            Ok((timed.t_ms, frame))
        })
        .collect()
}
