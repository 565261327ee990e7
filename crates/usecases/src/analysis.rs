//! Pictures to evidence, or to the refusal that says what to change.

use faceauth_domain::analyzer::{Analysis, AnalysisSlot, Depth, ImageProblem, Settled};
use faceauth_domain::evidence::Evidence;

use crate::error::{Error, PictureProblem, Result};
use crate::presented::{Picture, Pictures, Place};

/// What one picture says about its subject, and where the picture came from.
pub(crate) struct Shown {
    pub evidence: Evidence,
    pub place: Place,
}

/// What the pictures of one person say: of the first, and of those after it.
pub(crate) struct AllShown {
    pub first: Shown,
    pub others: Vec<Shown>,
}

impl AllShown {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Shown> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = Shown> {
        std::iter::once(self.first).chain(self.others)
    }
}

/// Every face in a picture.
pub(crate) async fn faces(slot: Box<dyn AnalysisSlot>, picture: Picture) -> Result<Analysis> {
    let Picture { image, place } = picture;
    let analyses = slot.analyze(image.into(), Depth::Faces).await?;
    let analysis = analyses.into_iter().next().ok_or(NO_ANSWER)?;
    require_decoded(analysis, &place)
}

/// The subject of a picture, by the first stage of a cascade alone where that `settled` the
/// matter.
pub(crate) async fn recognise(
    slot: Box<dyn AnalysisSlot>,
    picture: Picture,
    settled: Settled,
) -> Result<Evidence> {
    let Picture { image, place } = picture;
    let analyses = slot.recognise(image, settled).await?;
    let analysis = analyses.into_iter().next().ok_or(NO_ANSWER)?;
    require_usable(require_decoded(analysis, &place)?, &place)
}

/// The subject of every picture; the first one that is not usable refuses all. `depth` says what
/// they are for.
pub(crate) async fn subjects(
    slot: Box<dyn AnalysisSlot>,
    pictures: Pictures,
    depth: Depth,
) -> Result<AllShown> {
    let Pictures { capture, places } = pictures;
    let analyses = slot.analyze(capture, depth).await?;
    if analyses.len() != places.len() {
        return Err(NO_ANSWER);
    }
    let mut shown = analyses.into_iter().zip(places).map(|(analysis, place)| {
        let evidence = require_usable(require_decoded(analysis, &place)?, &place)?;
        Ok(Shown { evidence, place })
    });
    let first = shown.next().ok_or(NO_ANSWER)??;
    Ok(AllShown { first, others: shown.collect::<Result<_>>()? })
}

const NO_ANSWER: Error = Error::Internal("the analyzer answered nothing for a picture");

fn require_decoded(analysis: Result<Analysis, ImageProblem>, place: &Place) -> Result<Analysis> {
    analysis.map_err(|problem| refusal(problem, place))
}

fn require_usable(analysis: Analysis, place: &Place) -> Result<Evidence> {
    let evidence =
        analysis.evidence.ok_or(Error::Internal("the analyzer looked for no subject"))?;
    evidence.map_err(|problem| refusal(problem, place))
}

fn refusal(problem: impl Into<PictureProblem>, place: &Place) -> Error {
    Error::Picture(place.clone(), problem.into())
}
