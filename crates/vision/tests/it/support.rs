//! What the tests of this binary share.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use faceauth_domain::analyzer::{Analysis, Depth, Keep};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::evidence::{CaptureProblem, Evidence};
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::paths;
use faceauth_vision::clip::ClipDecoder;
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

pub fn analyze(bytes: Vec<u8>) -> Analysis {
    pipeline()
        .analyze(&encoded(bytes), Depth::Subject(Keep::Nothing))
        .expect("inference")
        .expect("a picture that decodes")
}

pub fn evidence(bytes: Vec<u8>) -> Result<Evidence, CaptureProblem> {
    analyze(bytes).evidence.expect("subject depth")
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
