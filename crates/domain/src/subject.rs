//! Which of the faces in a picture is the capture subject.

use crate::capture::ImageSize;
use crate::face::Face;
use crate::quality::QualityReason;

/// A second face counts when its box is at least this share of the largest one's height. A person
/// twice as far away is a passer-by. A nearer person could be the subject, so the picture is
/// refused.
pub const BYSTANDER_MAX_HEIGHT_RATIO: f32 = 0.5;

/// With these reasons a smaller face cannot be the subject. Passers-by and posters in the
/// background are out of focus or cut off by the edge.
const BYSTANDER_REASONS: [QualityReason; 2] = [QualityReason::Blurred, QualityReason::FaceCutOff];

/// Why no subject can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum SubjectError {
    /// The picture shows no face.
    #[error("no face was found")]
    NoFace,
    /// More than one person could be meant.
    #[error("more than one face was found")]
    MultipleFaces,
}

impl SubjectError {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::NoFace, Self::MultipleFaces];

    /// The word that stands for it: the public error code, and the liveness reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::MultipleFaces => "multiple_faces",
        }
    }
}

/// The index of the one face that dominates the picture. A smaller face that is blurred or cut off
/// is a bystander, unless the largest one is equally poor.
///
/// # Errors
/// [`SubjectError`] when there is none or more than one.
pub fn select_subject(faces: &[Face]) -> Result<usize, SubjectError> {
    let height = |face: &Face| face.bounding_box.height;
    let (index, largest) = faces
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| height(a).total_cmp(&height(b)))
        .ok_or(SubjectError::NoFace)?;
    let limit = height(largest) * BYSTANDER_MAX_HEIGHT_RATIO;
    let meant = |face: &Face| !face.reasons.iter().any(|r| BYSTANDER_REASONS.contains(r));
    let rival = |(other, face): (usize, &Face)| {
        other != index && height(face) >= limit && (meant(face) || !meant(&faces[index]))
    };
    if faces.iter().enumerate().any(rival) { Err(SubjectError::MultipleFaces) } else { Ok(index) }
}

/// The index of the face nearest to the middle of a picture of `size`.
///
/// # Errors
/// [`SubjectError::NoFace`] when there is none.
pub fn select_central(faces: &[Face], size: ImageSize) -> Result<usize, SubjectError> {
    let (x, y) = (size.width as f32 / 2.0, size.height as f32 / 2.0);
    let distance = |face: &Face| {
        let centre = face.bounding_box.centre();
        (centre.x - x).hypot(centre.y - y)
    };
    let nearest = faces.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    nearest.map(|(index, _)| index).ok_or(SubjectError::NoFace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
    use crate::quality::QualityMeasures;

    fn face(height: f32) -> Face {
        Face {
            bounding_box: BoundingBox { x: 0.0, y: 0.0, width: height, height },
            detection_score: 0.9,
            landmarks: FiveLandmarks::from_array([Point::default(); 5]),
            pose: Pose::default(),
            measures: QualityMeasures::GOOD,
            reasons: Vec::new(),
        }
    }

    #[test]
    fn picks_the_face_in_the_middle() {
        let at = |x: f32| {
            let mut face = face(20.0);
            face.bounding_box.x = x;
            face.bounding_box.y = 40.0;
            face
        };
        let size = ImageSize { width: 100, height: 100 };
        assert_eq!(select_central(&[at(0.0), at(45.0), at(80.0)], size), Ok(1));
        assert_eq!(select_central(&[], size), Err(SubjectError::NoFace));
    }

    #[test]
    fn picks_the_dominant_face_or_says_why_not() {
        assert_eq!(select_subject(&[]), Err(SubjectError::NoFace));
        assert_eq!(select_subject(&[face(90.0)]), Ok(0));
        assert_eq!(select_subject(&[face(44.0), face(90.0)]), Ok(1));
        assert_eq!(select_subject(&[face(90.0), face(45.0)]), Err(SubjectError::MultipleFaces));
        assert_eq!(select_subject(&[face(90.0), face(90.0)]), Err(SubjectError::MultipleFaces));
    }

    #[test]
    fn blurred_and_cut_off_bystanders_are_not_meant() {
        let poor = |height, reason| Face { reasons: vec![reason], ..face(height) };
        for reason in BYSTANDER_REASONS {
            assert_eq!(select_subject(&[poor(80.0, reason), face(90.0)]), Ok(1));
            // With two poor faces the subject is unclear. The same holds when the poor face is
            // nearer than the good one.
            for faces in
                [[poor(80.0, reason), poor(90.0, reason)], [face(80.0), poor(90.0, reason)]]
            {
                assert_eq!(select_subject(&faces), Err(SubjectError::MultipleFaces));
            }
        }
        // Too dark, but there and whole.
        let dark = poor(80.0, QualityReason::TooDark);
        assert_eq!(select_subject(&[dark, face(90.0)]), Err(SubjectError::MultipleFaces));
    }
}
