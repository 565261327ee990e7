//! What the scripted analyzer finds in a picture.

use faceauth_domain::analyzer::{Analysis, AnalyzerUnavailable, Depth, ImageProblem, Keep};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::evidence::{CaptureProblem, Evidence, PadScore};
use faceauth_domain::face::Face;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
use faceauth_domain::quality::{Appearance, QualityMeasures, QualityReason};
use faceauth_domain::subject::SubjectError;

use super::{Models, Shows};

pub(super) fn analyze(
    models: &Models,
    image: &EncodedImage,
    depth: Depth,
) -> Result<Result<Analysis, ImageProblem>, AnalyzerUnavailable> {
    let shows = Shows::of(image);
    let (faces, evidence) = match shows {
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
    let evidence = match depth {
        Depth::Faces => None,
        Depth::Subject(Keep::Nothing) | Depth::Probe => Some(evidence),
        // The whole picture; what the real analyzer cuts away is for its own tests.
        Depth::Subject(Keep::FaceImage) => {
            Some(evidence.map(|seen| Evidence { image: Some(image.clone()), ..seen }))
        }
    };
    Ok(Ok(Analysis { size: image.size(), faces, evidence }))
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
        measures: QualityMeasures {
            eye_distance_px: 60.0,
            margin: 0.3,
            pose,
            sharpness: 0.5,
            brightness: 120.0,
            under_exposed: 0.0,
            over_exposed: 0.0,
            eye_openness: 0.3,
            appearance: Appearance::NATURAL,
            likeness: Some(1.3),
        },
        reasons: reasons.to_vec(),
    }
}
