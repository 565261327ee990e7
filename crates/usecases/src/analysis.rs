//! Pictures to evidence, or to the refusal that says what to change.

use faceauth_domain::analyzer::{
    Analysis, AnalysisSlot, CaptureAnalysis, CaptureProblem, Depth, Evidence, Keep, Settled,
};
use faceauth_domain::capture::{Capture, EncodedImage};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Analyses one picture at `pointer` of the request.
pub(crate) async fn faces(
    slot: Box<dyn AnalysisSlot>,
    image: EncodedImage,
    pointer: &str,
) -> ApiResult<Analysis> {
    let analyses = slot.analyze(image.into(), Depth::Faces).await?;
    only(analyses)?.map_err(|problem| ApiError::undecoded(problem, pointer))
}

/// The evidence of one picture at `pointer` of the request; `depth` says what it is for.
pub(crate) async fn subject(
    slot: Box<dyn AnalysisSlot>,
    image: EncodedImage,
    pointer: &str,
    depth: Depth,
) -> ApiResult<Evidence> {
    let analyses = slot.analyze(image.into(), depth).await?;
    let analysis = only(analyses)?.map_err(|problem| ApiError::undecoded(problem, pointer))?;
    usable(analysis, pointer)
}

/// The evidence of one picture at `pointer` of the request, by the first stage of a cascade alone
/// where that `settled` the matter.
pub(crate) async fn recognised(
    slot: Box<dyn AnalysisSlot>,
    image: EncodedImage,
    pointer: &str,
    settled: Settled,
) -> ApiResult<Evidence> {
    let analyses = slot.recognise(image, settled).await?;
    let analysis = only(analyses)?.map_err(|problem| ApiError::undecoded(problem, pointer))?;
    usable(analysis, pointer)
}

/// The evidence of every picture of a capture; the first one that is not usable refuses
/// all. `pointer` names the i-th picture.
pub(crate) async fn subjects(
    slot: Box<dyn AnalysisSlot>,
    capture: Capture,
    pointer: impl Fn(usize) -> String,
    keep: Keep,
) -> ApiResult<Vec<Evidence>> {
    let analyses = slot.analyze(capture, Depth::Subject(keep)).await?;
    analyses
        .into_iter()
        .enumerate()
        .map(|(index, analysis)| {
            let pointer = pointer(index);
            let analysis = analysis.map_err(|problem| ApiError::undecoded(problem, &pointer))?;
            usable(analysis, &pointer)
        })
        .collect()
}

/// The one result of a capture of one picture.
fn only(
    analyses: CaptureAnalysis,
) -> ApiResult<Result<Analysis, faceauth_domain::analyzer::ImageProblem>> {
    analyses.into_iter().next().ok_or_else(|| {
        tracing::error!("the analyzer answered nothing for a picture");
        ApiError::new(ErrorCode::InternalError)
    })
}

fn usable(analysis: Analysis, pointer: &str) -> ApiResult<Evidence> {
    let Some(evidence) = analysis.evidence else {
        tracing::error!("the analyzer looked for no subject");
        return Err(ApiError::new(ErrorCode::InternalError));
    };
    evidence.map_err(|problem| match problem {
        CaptureProblem::Subject(problem) => ApiError::subject(problem, pointer),
        CaptureProblem::Quality(reasons) => ApiError::quality(&reasons, pointer),
    })
}
