//! What the scripted analyzer finds in a picture.

use faceauth_domain::analyzer::{AnalyzerUnavailable, Faces, ImageProblem, Keep};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::evidence::{CaptureProblem, Evidence, PadScore};
use faceauth_domain::face::Face;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
use faceauth_domain::quality::{QualityMeasures, QualityReason};
use faceauth_domain::subject::SubjectError;

use super::{Models, Shows};

/// What is found in a picture.
pub(super) struct Found {
    pub(super) faces: Faces,
    pub(super) subject: Result<Evidence, CaptureProblem>,
}

/// Looks at a picture.
pub(super) fn look(
    models: &Models,
    image: &EncodedImage,
) -> Result<Result<Found, ImageProblem>, AnalyzerUnavailable> {
    let shows = Shows::of(image);
    let (faces, subject) = match shows {
        Shows::Failure => return Err(AnalyzerUnavailable),
        Shows::Garbage => return Ok(Err(ImageProblem::Undecodable)),
        Shows::Huge => return Ok(Err(ImageProblem::DimensionsTooLarge)),
        Shows::Person(n) => (vec![face(&[])], Ok(evidence(models, n, 0.9))),
        Shows::Print(n) => (vec![face(&[])], Ok(evidence(models, n, 0.1))),
        Shows::Nobody => (vec![], Err(SubjectError::NoFace.into())),
        Shows::Crowd => (vec![face(&[]), face(&[])], Err(SubjectError::MultipleFaces.into())),
        Shows::Unusable(reason) => {
            (vec![face(&[reason])], Err(CaptureProblem::Quality(vec![reason])))
        }
    };
    Ok(Ok(Found { faces: Faces { size: image.size(), faces }, subject }))
}

/// Looks at the subject of a picture, of which `keep` may outlive the look: the whole picture
/// then. What the real analyzer cuts away is for its own tests.
pub(super) fn subject(
    models: &Models,
    image: &EncodedImage,
    keep: Keep,
) -> Result<Result<Result<Evidence, CaptureProblem>, ImageProblem>, AnalyzerUnavailable> {
    let kept = match keep {
        Keep::Nothing => None,
        Keep::FaceImage => Some(image.clone()),
    };
    let found = look(models, image)?;
    Ok(found.map(|found| found.subject.map(|seen| Evidence { image: kept, ..seen })))
}

fn evidence(models: &Models, person: u8, pad: f32) -> Evidence {
    let embed = |model: &ModelId| {
        Embedding::normalised(model.clone(), embedding_values(person)).expect("a direction")
    };
    Evidence {
        face: face(&[]),
        embedding: embed(&models.current),
        previous: models.previous.as_ref().map(embed),
        pad: PadScore::new(pad),
        image: None,
    }
}

/// The direction of a person: an axis of its own, with digits one can search logs for.
#[must_use]
pub fn embedding_values(person: u8) -> Vec<f32> {
    (0..8).map(|axis| if axis == person { 0.987_654_3 } else { 0.012_345_67 }).collect()
}

fn face(reasons: &[QualityReason]) -> Face {
    let pose = Pose::default();
    Face {
        bounding_box: BoundingBox { x: 1.0, y: 2.0, width: 3.04, height: 4.0 },
        detection_score: 0.9,
        landmarks: FiveLandmarks::from_array([Point { x: 2.0, y: 3.0 }; 5]),
        pose,
        measures: QualityMeasures { pose, ..QualityMeasures::GOOD },
        reasons: reasons.to_vec(),
    }
}
