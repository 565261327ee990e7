//! The analysis alone, without HTTP and database.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use faceauth_domain::analyzer::{Depth, Keep};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::quality::QualityPolicy;
use faceauth_eval::load::drive::Target;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Stages};
use faceauth_vision::session::Runtime;
use faceauth_vision::{align, decode, landmarks, pose, quality};

use crate::config::Config;
use crate::settings;

/// Times each stage is run; the median is told.
const REPEATS: usize = 60;

/// As many pipelines as the service has workers; callers take turns.
pub struct InProcess {
    image: EncodedImage,
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
    /// Builds the pipelines and looks at `image` once.
    ///
    /// # Errors
    /// When the configuration is not usable, or the picture not one of a face that is taken.
    pub fn start(config: Option<&Path>, image: Vec<u8>) -> anyhow::Result<Self> {
        let config = Config::load(config)?;
        let models = settings::models(&config)?;
        let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
        let runtime = Runtime::load(&models.onnx_runtime)?;
        let image = EncodedImage::parse(image, None)?;
        let threads = models.workers.session_threads;
        let build = |_| Pipeline::new(&runtime, &set, QualityPolicy::DEFAULT, threads);
        let mut idle = (0..models.workers.workers).map(build).collect::<Result<Vec<_>, _>>()?;
        for pipeline in &mut idle {
            let analysis = pipeline.analyze(&image, Depth::Subject(Keep::Nothing))?;
            let Ok(Some(evidence)) = analysis.map(|analysis| analysis.evidence) else {
                bail!("the picture cannot be read")
            };
            ensure!(evidence.is_ok(), "a sign-in would be refused with this picture: {evidence:?}");
        }
        Ok(Self { image, line: Mutex::new(Line { idle, next: 0, last: 0 }), moved: Condvar::new() })
    }

    /// Milliseconds of each stage by itself.
    ///
    /// # Errors
    /// When native code fails.
    pub fn stages(&self) -> anyhow::Result<Vec<(&'static str, f64)>> {
        let mut pipeline = self.take();
        let Ok(frame) = decode::decode(&self.image) else { bail!("the picture cannot be read") };
        let mut stages = vec![("decode", median(|| drop(decode::decode(&self.image))))];
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
                quality::measure(frame.size(), &face, &points, &five, pose, &aligned)
            };
            stages.push(("pose and quality", median(|| drop(judge()))));
            stages.push(("embed", median(|| drop(embedder.embed(&aligned)))));
            stages.push(("PAD", median(|| drop(pad.score(&frame, &face)))));
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
        let analysis = pipeline.analyze(&self.image, Depth::Subject(Keep::Nothing));
        self.give_back(pipeline);
        match analysis {
            Ok(Ok(_)) => Ok(()),
            _ => Err("analysis failed".to_owned()),
        }
    }
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
