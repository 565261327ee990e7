//! What a worker does with a task.

use std::panic::{AssertUnwindSafe, catch_unwind};

use faceauth_domain::analyzer::{
    AnalyzerUnavailable, CaptureNeeds, ImageProblem, Keep, ObserveProblem,
};
use faceauth_domain::capture::ImageSize;
use faceauth_domain::clip::EncodedClip;
use faceauth_domain::liveness::capture::{LivenessCapture, MAX_FRAMES, TimedImage, check_timing};
use faceauth_domain::liveness::evidence::Observation;

use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;

use super::admission::Ended;
use super::arriving::Arriving;
use super::job::{Reply, Task};
use crate::clip::ClipDecoder;
use crate::decode;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::pipeline::{CaptureInHand, Pipeline, Scrutiny};

/// Size of the picture that warms a worker up: what a webcam sends.
const WARM_UP_SIZE: ImageSize = ImageSize { width: 640, height: 480 };

/// Serves tasks, one at a time, on the thread that owns it.
pub(super) trait Engine {
    /// Does `task` and answers it. Returns how it ended.
    fn serve(&mut self, task: Task) -> Ended;
}

/// Serves tasks with the models.
pub(super) struct Analyst {
    pipeline: Pipeline,
    clips: ClipDecoder,
}

impl Analyst {
    /// Runs every graph of `pipeline` once, so that the first request is as fast as the next.
    pub(super) fn warm(mut pipeline: Pipeline, clips: ClipDecoder) -> Result<Self, VisionError> {
        let pixels = vec![128; 3 * (WARM_UP_SIZE.width * WARM_UP_SIZE.height) as usize];
        let frame = Frame::new(pixels, WARM_UP_SIZE)
            .ok_or_else(|| VisionError::Worker("the warm-up picture has no pixels".to_owned()))?;
        pipeline.warm_up(&frame)?;
        Ok(Self { pipeline, clips })
    }
}

impl Engine for Analyst {
    fn serve(&mut self, task: Task) -> Ended {
        let Self { pipeline, clips } = self;
        match task {
            Task::Faces { image, reply } => {
                answer(&reply, Result::is_ok, || pipeline.faces(&image))
            }
            Task::References { capture, keep, reply } => answer(
                &reply,
                |pictures| pictures.iter().all(Result::is_ok),
                || capture.images().iter().map(|image| pipeline.reference(image, keep)).collect(),
            ),
            Task::Recognise { image, settlement, reply } => answer(&reply, Result::is_ok, || {
                pipeline.recognise(&image, |first, pad| settlement.is_met(first, pad))
            }),
            Task::Observe { capture, needs, ahead, reply } => {
                let mut seen_ahead = 0;
                let ended = answer(&reply, Result::is_ok, || {
                    observe(pipeline, clips, &capture, needs, ahead.as_deref(), &mut seen_ahead)
                });
                if seen_ahead == 0 { ended } else { Ended::Early }
            }
            Task::LookAhead { arriving, jobs } => {
                look_ahead(pipeline, &arriving, || jobs.is_behind());
                Ended::Whole
            }
        }
    }
}

/// Runs `task` and sends what comes of it, unless the caller has gone away while the job
/// waited. `whole` says whether the result is one of work that was done to its end.
fn answer<T: Send + 'static>(
    reply: &Reply<T>,
    whole: impl FnOnce(&T) -> bool,
    task: impl FnOnce() -> Result<T, VisionError>,
) -> Ended {
    if reply.is_closed() {
        return Ended::Early;
    }
    let result = match catch_unwind(AssertUnwindSafe(task)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            tracing::error!(%error, "analysis failed");
            Err(AnalyzerUnavailable.into())
        }
        Err(_) => {
            tracing::error!("analysis panicked; the worker goes on");
            Err(AnalyzerUnavailable.into())
        }
    };
    let ended = match &result {
        Ok(answer) if whole(answer) => Ended::Whole,
        _ => Ended::Early,
    };
    reply.send(result);
    ended
}

/// Why frames end early: by their own fault, or ours.
enum Stop {
    Problem(ObserveProblem),
    Failure(VisionError),
}

impl From<VisionError> for Stop {
    fn from(error: VisionError) -> Self {
        Self::Failure(error)
    }
}

/// Observes a capture. `seen_ahead` becomes the number of frames that had been looked at before.
fn observe(
    pipeline: &mut Pipeline,
    clips: &ClipDecoder,
    capture: &LivenessCapture,
    needs: CaptureNeeds,
    ahead: Option<&Arriving>,
    seen_ahead: &mut usize,
) -> Result<Result<Observation, ObserveProblem>, VisionError> {
    let CaptureNeeds { keep, lids, policy, settlement } = needs;
    let scrutiny = Scrutiny::Verdict { policy, lids, settlement };
    let observed = match capture {
        LivenessCapture::Frames(frames) => {
            let frames = frames.as_slice();
            // Who looked ahead knew neither of eyes nor of pictures that are kept.
            let seen = ahead.filter(|_| !lids && keep == Keep::Nothing);
            let in_hand = seen.and_then(|arriving| arriving.take(frames));
            let in_hand = in_hand.unwrap_or_else(|| CaptureInHand::new(keep, Some(frames.len())));
            *seen_ahead = in_hand.looked_at();
            observe_frames(pipeline, in_hand, frames, &scrutiny)
        }
        LivenessCapture::Clip(clip) => observe_clip(pipeline, clips, clip, keep, &scrutiny),
    };
    match observed {
        Ok(observation) => Ok(Ok(observation)),
        Err(Stop::Problem(problem)) => Ok(Err(problem)),
        Err(Stop::Failure(error)) => Err(error),
    }
}

/// Looks at the frames that are not in hand yet.
fn observe_frames(
    pipeline: &mut Pipeline,
    mut in_hand: CaptureInHand,
    frames: &[TimedImage],
    scrutiny: &Scrutiny,
) -> Result<Observation, Stop> {
    let decoded = frames.iter().enumerate().skip(in_hand.looked_at()).map(|(index, timed)| {
        decoded(timed).map_err(|problem| Stop::Problem(ObserveProblem::Frame { index, problem }))
    });
    pipeline.look(&mut in_hand, decoded, scrutiny)?;
    Ok(pipeline.conclude(in_hand, scrutiny)?)
}

fn decoded(timed: &TimedImage) -> Result<(u32, Frame), ImageProblem> {
    let frame = measured(Stage::Decode, || decode::decode(&timed.image))?;
    Ok((timed.t_ms, frame))
}

/// Looks at what has arrived of a capture. What goes wrong is found again by its judgement.
fn look_ahead(pipeline: &mut Pipeline, arriving: &Arriving, needed: impl Fn() -> bool) {
    let look = || {
        arriving.tend(needed, |in_hand, timed, scrutiny| {
            let Ok(frame) = decoded(timed) else { return Ok(false) };
            let frame = std::iter::once(Ok::<_, VisionError>(frame));
            pipeline.look(in_hand, frame, scrutiny).map(|()| true)
        });
    };
    if catch_unwind(AssertUnwindSafe(look)).is_err() {
        tracing::error!("looking ahead panicked; the worker goes on");
    }
}

fn observe_clip(
    pipeline: &mut Pipeline,
    clips: &ClipDecoder,
    clip: &EncodedClip,
    keep: Keep,
    scrutiny: &Scrutiny,
) -> Result<Observation, Stop> {
    let frames = clips
        .decode(clip, MAX_FRAMES)?
        .map_err(|problem| Stop::Problem(ObserveProblem::Clip(problem)))?;
    let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
    check_timing(&times).map_err(|problem| Stop::Problem(ObserveProblem::Timing(problem)))?;
    let frames = frames.into_iter().map(|frame| Ok((frame.t_ms, frame.frame)));
    pipeline.observe(frames, keep, scrutiny)
}
