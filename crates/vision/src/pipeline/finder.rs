//! Where the faces of a frame are, and what is measured on each.

use faceauth_domain::face::Face;
use faceauth_domain::geometry::{FiveLandmarks, Point};
use faceauth_domain::quality::QualityPolicy;
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::measured;
use opencv::core::Mat;

use crate::detect::{Detected, Detector};
use crate::error::VisionError;
use crate::frame::Frame;
use crate::halved::Halved;
use crate::landmarks::{self, DenseLandmarks, Landmarker};
use crate::{align, pose, quality};

/// Finds, aligns and measures faces.
pub(super) struct Finder {
    pub(super) detector: Detector,
    pub(super) landmarker: Landmarker,
    /// Where the matcher wants the five landmarks in its crop.
    pub(super) template: [Point; 5],
    /// Side of the matcher's crop in pixels.
    pub(super) side: usize,
    /// By which a face is good enough.
    pub(super) limits: QualityPolicy,
}

/// A face with what later stages need of it.
pub(super) struct Located {
    pub(super) face: Face,
    pub(super) points: DenseLandmarks,
    pub(super) aligned: Mat,
}

impl Finder {
    /// Every face in `frame`, largest first, refined and measured.
    pub(super) fn locate_all(&mut self, frame: &Halved<'_>) -> Result<Vec<Located>, VisionError> {
        let detected = measured(Stage::Detect, || self.detector.search(frame))?;
        detected.iter().map(|detected| self.locate(frame.frame(), detected)).collect()
    }

    /// The same for a frame whose forerunner had a largest face of this height in pixels.
    pub(super) fn locate_next(
        &mut self,
        frame: &Halved<'_>,
        height: f32,
    ) -> Result<Vec<Located>, VisionError> {
        let detected = measured(Stage::Detect, || self.detector.search_next(frame, height))?;
        detected.iter().map(|detected| self.locate(frame.frame(), detected)).collect()
    }

    /// Refines, aligns and measures one detected face.
    pub(super) fn locate(
        &mut self,
        frame: &Frame,
        detected: &Detected,
    ) -> Result<Located, VisionError> {
        let bounding_box = detected.bounding_box;
        let points = measured(Stage::Landmarks, || self.landmarker.locate(frame, &bounding_box))?;
        let five: FiveLandmarks = landmarks::five(&points);
        let aligned =
            measured(Stage::Align, || align::align(frame, &five, &self.template, self.side))?
                .unwrap_or_default();
        let pose = pose::estimate(&points, frame.size())?;
        let measures = quality::measure(frame, &bounding_box, &points, &five, pose, &aligned)?;
        let face = Face {
            bounding_box,
            detection_score: detected.score,
            landmarks: five,
            pose,
            measures,
            reasons: self.limits.assess(&measures),
        };
        Ok(Located { face, points, aligned })
    }
}
