//! Sign-ins without HTTP and database: the analysis and the decision.

use std::path::Path;

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

use super::pipelines::Pipelines;
use super::stages::median;
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
    pipelines: Pipelines,
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
        for pipeline in &mut idle {
            sign_in(pipeline, &image, &template, &policy)?;
        }
        Ok(Self { image, template, policy, pipelines: Pipelines::new(idle) })
    }

    /// Milliseconds of each stage by itself.
    ///
    /// # Errors
    /// When native code fails.
    pub fn stages(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        self.pipelines.lend(|pipeline| self.stages_of(pipeline))
    }

    fn stages_of(&self, pipeline: &mut Pipeline) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let Ok(frame) = decode::decode(&self.image) else { bail!("the picture cannot be read") };
        let mut buffer = PixelBuffer::default();
        let mut decode = || {
            if let Ok(frame) = decode::decode_into(&self.image, &mut buffer) {
                buffer = frame.recycle();
            }
        };
        let mut stages = vec![("decode", median(REPEATS, &mut decode))];
        {
            let Stages { detector, landmarker, embedder, pad, .. } = pipeline.stages();
            let face = *detector.detect(&frame)?.first().context("no face")?;
            let face = face.bounding_box;
            let points = landmarker.locate(&frame, &face)?;
            let five = landmarks::five(&points);
            let (template, side) = (*embedder.template(), embedder.side());
            let aligned = align::align(&frame, &five, &template, side)?.context("no alignment")?;
            stages.push(("detect", median(REPEATS, || drop(detector.detect(&frame)))));
            stages.push(("landmarks", median(REPEATS, || drop(landmarker.locate(&frame, &face)))));
            stages.push((
                "align",
                median(REPEATS, || drop(align::align(&frame, &five, &template, side))),
            ));
            let judge = || {
                let pose = pose::estimate(&points, frame.size())?;
                quality::measure(&frame, &face, &points, &five, pose, &aligned)
            };
            stages.push(("pose and quality", median(REPEATS, || drop(judge()))));
            let decided = median(REPEATS, || drop(pad.side(&frame, &face)));
            let all = median(REPEATS, || drop(pad.score(&frame, &face)));
            stages.push(("PAD", decided));
            stages.push(("PAD: the rest, where that does not settle it", (all - decided).max(0.0)));
            let whole = median(REPEATS, || drop(embedder.embed(&aligned)));
            if embedder.cascades() {
                let first = median(REPEATS, || drop(embedder.first_stage(&aligned)));
                stages.push(("embed: first stage", first));
                stages.push(("embed: the rest, where that does not settle it", whole - first));
            } else {
                stages.push(("embed", whole));
            }
        }
        Ok(stages)
    }
}

impl Target for InProcess {
    fn work(&self) -> Result<(), String> {
        self.pipelines
            .lend(|pipeline| sign_in(pipeline, &self.image, &self.template, &self.policy))
            .map_err(|error| error.to_string())
    }
}

/// Recognises the picture and decides, as the service does.
fn sign_in(
    pipeline: &mut Pipeline,
    image: &EncodedImage,
    template: &Template,
    policy: &Policy,
) -> anyhow::Result<()> {
    let templates = std::slice::from_ref(template);
    let settled = |first: &_, pad| decision::settles(first, pad, templates, policy);
    let evidence = match pipeline.recognise(image, settled)? {
        Ok(evidence) => evidence,
        Err(PictureProblem::Undecoded(_)) => bail!("the picture cannot be read"),
        Err(PictureProblem::Unusable(problem)) => {
            return Err(problem).context("a sign-in would be refused with this picture");
        }
    };
    match decision::decide(&evidence, templates, policy) {
        Decision::Accepted { .. } => Ok(()),
        Decision::Rejected(refusal) => bail!("a sign-in would be refused: {refusal:?}"),
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
