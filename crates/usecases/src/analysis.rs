//! Pictures to evidence, or to the refusal that says what to change.

use faceauth_domain::analyzer::{AnalysisSlot, Faces, Keep};
use faceauth_domain::decision::Settlement;
use faceauth_domain::evidence::Evidence;

use crate::error::{Error, Result};
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
pub(crate) async fn faces(slot: Box<dyn AnalysisSlot>, picture: Picture) -> Result<Faces> {
    let Picture { image, place } = picture;
    slot.faces(image).await?.map_err(|problem| Error::Picture(place, problem.into()))
}

/// The subject of a picture that is compared with references, by the first stage of a cascade
/// alone where that meets `settlement`.
pub(crate) async fn recognise(
    slot: Box<dyn AnalysisSlot>,
    picture: Picture,
    settlement: Settlement,
) -> Result<Shown> {
    let Picture { image, place } = picture;
    match slot.recognise(image, settlement).await? {
        Ok(evidence) => Ok(Shown { evidence, place }),
        Err(problem) => Err(Error::Picture(place, problem)),
    }
}

/// The subject of every picture that may become a reference; the first picture that is not usable
/// refuses all.
pub(crate) async fn references(
    slot: Box<dyn AnalysisSlot>,
    pictures: Pictures,
    keep: Keep,
) -> Result<AllShown> {
    let Pictures { capture, places } = pictures;
    let found = slot.references(capture, keep).await?;
    if found.len() != places.len() {
        return Err(NO_ANSWER);
    }
    let mut shown = found.into_iter().zip(places).map(|(found, place)| match found {
        Ok(evidence) => Ok(Shown { evidence, place }),
        Err(problem) => Err(Error::Picture(place, problem)),
    });
    let first = shown.next().ok_or(NO_ANSWER)??;
    Ok(AllShown { first, others: shown.collect::<Result<_>>()? })
}

const NO_ANSWER: Error = Error::Internal("the analyzer answered nothing for a picture");
