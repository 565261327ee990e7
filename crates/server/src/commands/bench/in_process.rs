//! Sign-ins without HTTP and database: the analysis and the decision.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, bail};
use chrono::DateTime;
use faceauth_domain::analyzer::{Keep, PictureProblem};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::decision::{self, Decision};
use faceauth_domain::policy::{PadMode, Policy};
use faceauth_domain::template::{Template, TemplateId};
use faceauth_eval::load::drive::Target;
use faceauth_vision::frame::PixelBuffer;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Stages};
use faceauth_vision::session::Runtime;
use faceauth_vision::{align, decode, landmarks, pose, quality};
use uuid::Uuid;

use crate::config::Config;
use crate::settings;

/// Times each stage is run; the median is told.
const REPEATS: usize = 60;

/// As many pipelines as the service has workers; callers take turns.
pub struct InProcess {
    image: EncodedImage,
    /// What was enrolled.
    template: Template,
    policy: Policy,
    line: Mutex<Line>,
    moved: Condvar,
}

/// Who waits for a pipeline.
struct Line {
    idle: Vec<Pipeline>,
    /// Turn of who is next.
    next: u64,
    /// Turn of who comes next to the end.
    last: u64,
}

impl InProcess {
    /// Builds the pipelines, enrols one picture and signs in with the other once on each.
    ///
    /// # Errors
    /// When the configuration is not usable, or somebody with these pictures would be refused.
    pub fn start(config: Option<&Path>, enrolled: Vec<u8>, image: Vec<u8>) -> anyhow::Result<Self> {
        let config = Config::load(config)?;
        let models = settings::models(&config)?;
        let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
        // A picture is what is measured: it signs in here even where the service asks for more.
        let mut policy = settings::policy(&config, &set.manifest)?;
        policy.require_liveness = false;
        policy.pad.mode = PadMode::Record;
        let runtime = Runtime::load(&models.onnx_runtime)?;
        let image = EncodedImage::parse(image, None)?;
        let threads = models.workers.session_threads;
        let build = |_| Pipeline::new(&runtime, &set, policy.quality, threads);
        let mut idle = (0..models.workers.workers).map(build).collect::<Result<Vec<_>, _>>()?;
        let pipeline = idle.first_mut().context("no worker")?;
        let template = enrol(pipeline, EncodedImage::parse(enrolled, None)?)?;
        let line = Mutex::new(Line { idle: Vec::new(), next: 0, last: 0 });
        let bench = Self { image, template, policy, line, moved: Condvar::new() };
        for mut pipeline in idle {
            bench.sign_in(&mut pipeline)?;
            bench.give_back(pipeline);
        }
        Ok(bench)
    }

    /// Recognises the picture and decides, as the service does.
    fn sign_in(&self, pipeline: &mut Pipeline) -> anyhow::Result<()> {
        let templates = std::slice::from_ref(&self.template);
        let settled = |first: &_, pad| decision::settles(first, pad, templates, &self.policy);
        let evidence = match pipeline.recognise(&self.image, settled)? {
            Ok(evidence) => evidence,
            Err(PictureProblem::Undecoded(_)) => bail!("the picture cannot be read"),
            Err(PictureProblem::Unusable(problem)) => {
                return Err(problem).context("a sign-in would be refused with this picture");
            }
        };
        match decision::decide(&evidence, templates, &self.policy) {
            Decision::Accepted { .. } => Ok(()),
            Decision::Rejected(refusal) => bail!("a sign-in would be refused: {refusal:?}"),
        }
    }

    /// Milliseconds of each stage by itself.
    ///
    /// # Errors
    /// When native code fails.
    pub fn stages(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let mut pipeline = self.take();
        let Ok(frame) = decode::decode(&self.image) else { bail!("the picture cannot be read") };
        let mut buffer = PixelBuffer::default();
        let mut decode = || {
            if let Ok(frame) = decode::decode_into(&self.image, &mut buffer) {
                buffer = frame.recycle();
            }
        };
        let mut stages = vec![("decode", median(&mut decode))];
        {
            let Stages { detector, landmarker, embedder, pad } = pipeline.stages();
            let face = *detector.detect(&frame)?.first().context("no face")?;
            let face = face.bounding_box;
            let points = landmarker.locate(&frame, &face)?;
            let five = landmarks::five(&points);
            let (template, side) = (*embedder.template(), embedder.side());
            let aligned = align::align(&frame, &five, &template, side)?.context("no alignment")?;
            stages.push(("detect", median(|| drop(detector.detect(&frame)))));
            stages.push(("landmarks", median(|| drop(landmarker.locate(&frame, &face)))));
            stages.push(("align", median(|| drop(align::align(&frame, &five, &template, side)))));
            let judge = || {
                let pose = pose::estimate(&points, frame.size())?;
                quality::measure(&frame, &face, &points, &five, pose, &aligned)
            };
            stages.push(("pose and quality", median(|| drop(judge()))));
            let decided = median(|| drop(pad.side(&frame, &face)));
            let all = median(|| drop(pad.score(&frame, &face)));
            stages.push(("PAD", decided));
            stages.push(("PAD: the rest, where that does not settle it", (all - decided).max(0.0)));
            let whole = median(|| drop(embedder.embed(&aligned)));
            if embedder.cascades() {
                let first = median(|| drop(embedder.first_stage(&aligned)));
                stages.push(("embed: first stage", first));
                stages.push(("embed: the rest, where that does not settle it", whole - first));
            } else {
                stages.push(("embed", whole));
            }
        }
        self.give_back(pipeline);
        Ok(stages)
    }

    /// Waits for a pipeline, first come, first served: whoever waits longest is next, as in the
    /// queue of the service.
    fn take(&self) -> Pipeline {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = line.last;
        line.last += 1;
        loop {
            if line.next == turn
                && let Some(pipeline) = line.idle.pop()
            {
                line.next += 1;
                self.moved.notify_all();
                return pipeline;
            }
            line = self.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, pipeline: Pipeline) {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).idle.push(pipeline);
        self.moved.notify_all();
    }
}

impl Target for InProcess {
    fn work(&self) -> Result<(), String> {
        let mut pipeline = self.take();
        let signed_in = self.sign_in(&mut pipeline);
        self.give_back(pipeline);
        signed_in.map_err(|error| error.to_string())
    }
}

fn enrol(pipeline: &mut Pipeline, image: EncodedImage) -> anyhow::Result<Template> {
    let evidence = match pipeline.reference(&image, Keep::Nothing)? {
        Ok(evidence) => evidence,
        Err(PictureProblem::Undecoded(_)) => bail!("the enrolled picture cannot be read"),
        Err(PictureProblem::Unusable(problem)) => {
            return Err(problem).context("the enrolled picture would be refused");
        }
    };
    let id = TemplateId(Uuid::nil());
    Ok(Template { id, embedding: evidence.embedding, created_at: DateTime::UNIX_EPOCH })
}

fn median(mut once: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let begin = Instant::now();
            once();
            begin.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
