//! Placing 68 points on a face (iBUG 300-W order) and reducing them to the five that align.

use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};
use ndarray::Array4;
use opencv::core::Mat;
use opencv::imgproc;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::{Crop, Input, Landmarks as Spec};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// How many points the model places.
pub const POINTS: usize = 68;

/// 68 points in frame pixels, iBUG 300-W order: jaw 0..17, brows 17..27, nose 27..36,
/// eyes 36..48, mouth 48..68.
pub type DenseLandmarks = [Point; POINTS];

/// The landmark model with its session and input buffer.
pub struct Landmarker {
    graph: Graph,
    input: Input,
    crop: Crop,
    tensor: Array4<f32>,
}

impl Landmarker {
    /// Builds the session from the weight file's bytes.
    ///
    /// # Errors
    /// [`VisionError`] when the graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &Spec,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
        let input = spec.weights.input.clone();
        if input.size().is_none() || spec.weights.outputs[0].shape.last() != Some(&136) {
            return Err(VisionError::WrongShape {
                model: graph.id().to_owned(),
                reason: "landmarks need a fixed input size and 136 outputs".to_owned(),
            });
        }
        Ok(Self { graph, tensor: tensor::zeros(&input), input, crop: spec.crop })
    }

    /// The points of the face in `face`.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails or the output is not finite.
    pub fn locate(
        &mut self,
        frame: &Frame,
        face: &BoundingBox,
    ) -> Result<DenseLandmarks, VisionError> {
        let region = crop::region(face, self.crop, frame.size());
        let (width, height) = self.input.size().unwrap_or_default();
        let colour = crop::cut(&frame.mat()?, region, (width, height), self.crop.filter)?;
        let mut grey = Mat::default();
        imgproc::cvt_color_def(&colour, &mut grey, imgproc::COLOR_RGB2GRAY)?;
        tensor::fill(&mut self.tensor, &grey, &self.input)?;
        let points = self.graph.run(&self.tensor, |outputs| {
            let values: Vec<f32> = outputs[0].iter().copied().collect();
            let mut points = [Point::default(); POINTS];
            for (point, xy) in points.iter_mut().zip(values.chunks_exact(2)) {
                point.x = region.x as f32 + xy[0] * region.width as f32;
                point.y = region.y as f32 + xy[1] * region.height as f32;
            }
            points
        })?;
        if points.iter().all(|p| p.x.is_finite() && p.y.is_finite()) {
            Ok(points)
        } else {
            Err(VisionError::UnusableOutput { model: self.graph.id().to_owned() })
        }
    }
}

/// Reduces to the five alignment points: each eye is the mean of its four lid points,
/// each mouth corner the mean of its outer and inner one.
#[must_use]
pub fn five(points: &DenseLandmarks) -> FiveLandmarks {
    let mean = |indices: &[usize]| {
        let n = indices.len() as f32;
        Point {
            x: indices.iter().map(|i| points[*i].x).sum::<f32>() / n,
            y: indices.iter().map(|i| points[*i].y).sum::<f32>() / n,
        }
    };
    FiveLandmarks {
        eye_image_left: mean(&[37, 38, 40, 41]),
        eye_image_right: mean(&[43, 44, 46, 47]),
        nose: points[30],
        mouth_image_left: mean(&[48, 60]),
        mouth_image_right: mean(&[54, 64]),
    }
}

/// Eye aspect ratio, mean of both eyes (Soukupová and Čech, "Real-Time Eye Blink
/// Detection using Facial Landmarks", 2016): lid distance over eye width.
#[must_use]
pub fn eye_openness(points: &DenseLandmarks) -> f32 {
    let distance =
        |a: usize, b: usize| (points[a].x - points[b].x).hypot(points[a].y - points[b].y);
    let ratio = |first: usize| {
        let [outer, up1, up2, inner, low2, low1] = [0, 1, 2, 3, 4, 5].map(|i| first + i);
        let width = distance(outer, inner);
        if width > 0.0 { (distance(up1, low1) + distance(up2, low2)) / (2.0 * width) } else { 0.0 }
    };
    f32::midpoint(ratio(36), ratio(42))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eye_openness_of_a_drawn_eye() {
        let mut points = [Point::default(); POINTS];
        for first in [36, 42] {
            let eye = [(0.0, 0.0), (1.0, -1.0), (2.0, -1.0), (3.0, 0.0), (2.0, 1.0), (1.0, 1.0)];
            for (i, (x, y)) in eye.into_iter().enumerate() {
                points[first + i] = Point { x, y };
            }
        }
        assert!((eye_openness(&points) - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(eye_openness(&[Point::default(); POINTS]), 0.0);
    }

    #[test]
    fn five_points_are_means() {
        let mut points = [Point::default(); POINTS];
        points[48] = Point { x: 10.0, y: 4.0 };
        points[60] = Point { x: 12.0, y: 6.0 };
        points[30] = Point { x: 7.0, y: 8.0 };
        let five = five(&points);
        assert_eq!(five.mouth_image_left, Point { x: 11.0, y: 5.0 });
        assert_eq!(five.nose, Point { x: 7.0, y: 8.0 });
    }
}
