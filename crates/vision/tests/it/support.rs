//! What the tests of this binary share.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use faceauth_domain::analyzer::{Keep, PictureProblem};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::evidence::{CaptureProblem, Evidence};
use faceauth_domain::face::Face;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::paths;
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::error::VisionError;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;

pub fn runtime() -> Runtime {
    Runtime::load(&paths::onnx_runtime()).expect("load ONNX Runtime")
}

pub fn clips() -> ClipDecoder {
    ClipDecoder::installed().expect("find faceauth-clip")
}

pub fn shipped() -> ModelSet {
    ModelSet::load(&paths::manifest(), &paths::weights()).expect("load the shipped weights")
}

/// The one pipeline of this test process: building it takes longer than using it.
pub fn pipeline() -> MutexGuard<'static, Pipeline> {
    static PIPELINE: OnceLock<Mutex<Pipeline>> = OnceLock::new();
    PIPELINE
        .get_or_init(|| {
            let pipeline = Pipeline::new(&runtime(), &shipped(), QualityPolicies::DEFAULT, 1);
            Mutex::new(pipeline.expect("build the pipeline"))
        })
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

pub fn encoded(bytes: Vec<u8>) -> EncodedImage {
    EncodedImage::parse(bytes, None).expect("a picture")
}

/// What is found in a picture, and what it says about its subject by the limits of enrolment.
pub struct Analysis {
    pub faces: Vec<Face>,
    pub evidence: Result<Evidence, CaptureProblem>,
}

pub fn analyze(bytes: Vec<u8>) -> Analysis {
    let image = encoded(bytes);
    let mut pipeline = pipeline();
    let found = pipeline.faces(&image).expect("inference").expect("a picture that decodes");
    let evidence = of_decoded(pipeline.reference(&image, Keep::Nothing));
    Analysis { faces: found.faces, evidence }
}

/// The subject of a picture that decodes.
pub fn of_decoded(
    found: Result<Result<Evidence, PictureProblem>, VisionError>,
) -> Result<Evidence, CaptureProblem> {
    found.expect("inference").map_err(|problem| match problem {
        PictureProblem::Unusable(problem) => problem,
        PictureProblem::Undecoded(problem) => panic!("{problem}"),
    })
}

pub fn evidence(bytes: Vec<u8>) -> Result<Evidence, CaptureProblem> {
    of_decoded(pipeline().reference(&encoded(bytes), Keep::Nothing))
}

/// The comparison score of two usable pictures.
pub fn score(a: Vec<u8>, b: Vec<u8>) -> f32 {
    let embed = |bytes| evidence(bytes).expect("a usable face").embedding;
    embed(a).compare(&embed(b)).expect("one model").value()
}

/// The shipped threshold at FMR 1e-4.
pub fn threshold() -> f32 {
    shipped().manifest.match_policy(1e-4).expect("a threshold at 1e-4").threshold
}
