//! Liveness captures without HTTP and database: the analysis and the verdict.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, TimeDelta};
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::{Action, Challenge};
use faceauth_domain::decision::{CaptureSettlement, CaptureTerms};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::capture::Frames;
use faceauth_domain::liveness::judge::{self, Circumstances, Verdict};
use faceauth_domain::policy::Policy;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_eval::load::drive::Target;
use faceauth_eval::load::process::Meter;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Scrutiny, Stages};
use faceauth_vision::session::Runtime;
use faceauth_vision::{VisionError, align, decode, landmarks, pose, quality};
use uuid::Uuid;

use super::pipelines::Pipelines;
use super::stages::median;
use crate::config::Config;
use crate::settings;

/// Times each stage is run on each frame, and the whole capture. The median is told.
const REPEATS: usize = 9;

/// A capture that was received long after its steps had been sent.
const CIRCUMSTANCES: Circumstances = Circumstances { elapsed: TimeDelta::seconds(60), replayed: 0 };

/// A capture that is judged again and again.
pub struct Capture {
    frames: Frames,
    challenge: Challenge,
    policy: Policy,
    /// What the person has enrolled. Empty without steps: such a capture is refused.
    templates: Vec<Template>,
    pipelines: Pipelines,
}

impl Capture {
    /// Builds the pipelines and judges the capture once on each. `steps` is what it answers: then
    /// each judgement is a sign-in of its person. With none it is judged all the same, and refused.
    ///
    /// # Errors
    /// When the configuration is not usable, or a capture that answers `steps` is refused.
    pub fn start(config: Option<&Path>, frames: Frames, steps: &[Action]) -> anyhow::Result<Self> {
        let config = Config::load(config)?;
        let models = settings::models(&config)?;
        let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
        let policy = settings::policy(&config, &set.manifest)?;
        let runtime = Runtime::load(&models.onnx_runtime)?;
        let threads = models.workers.session_threads;
        let build = |_| Pipeline::new(&runtime, &set, policy.quality, threads);
        let mut idle = (0..models.workers.workers).map(build).collect::<Result<Vec<_>, _>>()?;
        let challenge = Challenge::from_steps(steps.to_vec());
        let mut templates = Vec::new();
        for pipeline in &mut idle {
            let verdict = verdict(pipeline, &frames, &challenge, &policy, &[])?;
            match verdict.live {
                Ok(person) => templates = vec![template(person.embedding)],
                Err(_) if steps.is_empty() => {}
                Err(reasons) => {
                    let reasons: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
                    bail!("the capture would be refused: {}", reasons.join(", "));
                }
            }
        }
        Ok(Self { frames, challenge, policy, templates, pipelines: Pipelines::new(idle) })
    }

    /// Milliseconds of each stage, over all frames.
    ///
    /// # Errors
    /// When native code fails, or a frame shows nobody.
    pub fn stages(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        self.pipelines.lend(|pipeline| {
            let mut stages = Vec::new();
            let mut height = None;
            for frame in self.frames.as_slice() {
                let of_frame = frame_stages(pipeline, &frame.image, &mut height)?;
                if stages.is_empty() {
                    stages = of_frame;
                } else {
                    stages.iter_mut().zip(of_frame).for_each(|((_, sum), (_, ms))| *sum += ms);
                }
            }
            // The matcher runs beside the rest, so time on the clock says too little.
            let watch = Meter::of(std::process::id())?.start();
            (0..REPEATS).for_each(|_| drop(self.verdict(pipeline)));
            let whole = watch.stop().cpu.as_secs_f64() * 1000.0 / REPEATS as f64;
            let known: f64 = stages.iter().map(|(_, ms)| ms).sum();
            stages
                .push(("PAD, the rest of the matcher, motion, verdict", (whole - known).max(0.0)));
            Ok(stages)
        })
    }

    fn verdict(&self, pipeline: &mut Pipeline) -> anyhow::Result<Verdict> {
        verdict(pipeline, &self.frames, &self.challenge, &self.policy, &self.templates)
    }
}

impl Target for Capture {
    fn work(&self) -> Result<(), String> {
        self.pipelines
            .lend(|pipeline| self.verdict(pipeline))
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

/// Decodes, observes and judges, as the service does.
fn verdict(
    pipeline: &mut Pipeline,
    frames: &Frames,
    challenge: &Challenge,
    policy: &Policy,
    templates: &[Template],
) -> anyhow::Result<Verdict> {
    let decoded = frames.as_slice().iter().map(|timed| {
        let frame = decode::decode(&timed.image);
        frame.map(|frame| (timed.t_ms, frame)).map_err(|e| VisionError::Worker(e.to_string()))
    });
    let settlement = CaptureSettlement::Acceptance(Box::new(CaptureTerms {
        challenge: challenge.clone(),
        circumstances: CIRCUMSTANCES,
        templates: templates.to_vec(),
        policy: policy.clone(),
    }));
    let (limits, pad) = (policy.liveness, policy.pad.mode);
    let scrutiny = Scrutiny::Verdict { policy: limits, lids: challenge.closes_eyes(), settlement };
    let observation = pipeline.observe(decoded, Keep::Nothing, &scrutiny)?;
    Ok(judge::judge(challenge, &observation, CIRCUMSTANCES, pad, &limits))
}

/// What the account of this person holds.
fn template(embedding: Embedding) -> Template {
    Template { id: TemplateId(Uuid::nil()), embedding, created_at: DateTime::UNIX_EPOCH }
}

/// Milliseconds of what every frame costs. `height` is that of the face in the frame before, and
/// then in this one.
fn frame_stages(
    pipeline: &mut Pipeline,
    image: &EncodedImage,
    height: &mut Option<f32>,
) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let Ok(frame) = decode::decode(image) else { bail!("a frame cannot be read") };
    let Stages { detector, landmarker, embedder, .. } = pipeline.stages();
    let found = detector.detect(&frame)?;
    ensure!(!found.is_empty(), "a frame shows no face");
    let face = found[0].bounding_box;
    let before = height.replace(face.height);
    let mut detect = || match before {
        Some(height) => detector.detect_next(&frame, height),
        None => detector.detect(&frame),
    };
    let detected = median(REPEATS, || drop(detect()));
    let points = landmarker.locate(&frame, &face)?;
    let five = landmarks::five(&points);
    let (template, side) = (*embedder.template(), embedder.side());
    let aligned = align::align(&frame, &five, &template, side)?.context("no alignment")?;
    let measure = |frame: &Frame| {
        let pose = pose::estimate(&points, frame.size())?;
        quality::measure(frame, &face, &points, &five, pose, &aligned)
    };
    let mut stages = vec![
        ("decode", median(REPEATS, || drop(decode::decode(image)))),
        ("detect", detected),
        ("landmarks", median(REPEATS, || drop(landmarker.locate(&frame, &face)))),
        ("align", median(REPEATS, || drop(align::align(&frame, &five, &template, side)))),
        ("pose and quality", median(REPEATS, || drop(measure(&frame)))),
    ];
    if embedder.cascades() {
        let first = median(REPEATS, || drop(embedder.first_stage(&aligned)));
        stages.push(("embed: first stage", first));
    }
    Ok(stages)
}
