//! How far the lids are open: the points of an eye's contour, from a model of the eye alone.
//!
//! The 68 landmarks place lids where lids of open eyes would be. This model follows lids down to
//! shut (docs/measurements/liveness.md). It says nothing about life: a strip of paper across the eyes
//! reads as closed.

use faceauth_domain::geometry::Point;
use ndarray::Array4;
use opencv::core::{self, Mat, Scalar, Size};
use opencv::imgproc;

use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::{self, DenseLandmarks};
use crate::manifest::{Eyes, Input};
use crate::session::{Graph, Runtime};
use crate::tensor;

/// Points of the contour: from the outer corner along the lower lid to the inner corner, and back
/// along the upper lid.
pub const CONTOUR: usize = 16;

/// Points whose distance is how far an eye is open: of the lower lid, and of the upper lid above
/// them. Three of them, because the corners hardly move.
const LIDS: [(usize, usize); 3] = [(3, 11), (4, 12), (5, 13)];

/// Side of the square crop, in distances between the corners of the eye. Measured with this crop:
/// rendered shut eyes read 0.16 to 0.39 of open ones.
const CROP: f32 = 2.6;

/// The corners of each eye among the 68 landmarks: outer, inner.
const CORNERS: [[usize; 2]; 2] = [[36, 39], [45, 42]];

/// Values that the graph gives a point: x, y, z.
const COORDINATES: usize = 3;

/// The eye model with its session and input buffer.
pub struct EyeReader {
    graph: Graph,
    input: Input,
    side: usize,
    tensor: Array4<f32>,
}

impl EyeReader {
    /// Builds the session from the weight file's bytes.
    ///
    /// # Errors
    /// [`VisionError`] when the graph is not what the manifest says.
    pub fn new(
        runtime: &Runtime,
        spec: &Eyes,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let graph = Graph::new(runtime, &spec.weights, bytes, threads)?;
        let input = spec.weights.input.clone();
        let square = input.size().filter(|(width, height)| width == height);
        let values = spec.weights.outputs[0].shape.last().copied().unwrap_or_default();
        match square {
            Some((side, _)) if values >= (CONTOUR * COORDINATES) as i64 => {
                Ok(Self { graph, tensor: tensor::zeros(&input), input, side })
            }
            _ => Err(VisionError::WrongShape {
                model: graph.id().to_owned(),
                reason: "an eye needs a square input of fixed size and 16 points".to_owned(),
            }),
        }
    }

    /// How far the eyes are open: the mean height of both lid openings, in distances between the
    /// eyes. About 0.1 when open. `None` when the landmarks of an eye coincide.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails or the output is not finite.
    pub fn openness(
        &mut self,
        frame: &Frame,
        points: &DenseLandmarks,
    ) -> Result<Option<f32>, VisionError> {
        let five = landmarks::five(points);
        let apart = distance(five.eye_image_left, five.eye_image_right);
        let mut opening = 0.0;
        for corners in CORNERS {
            let [outer, inner] = corners.map(|corner| points[corner]);
            let Some(contour) = self.contour(frame, outer, inner)? else { return Ok(None) };
            // From crop pixels to frame pixels.
            let scale = distance(outer, inner) * CROP / self.side as f32;
            let height: f32 =
                LIDS.iter().map(|(low, high)| distance(contour[*low], contour[*high])).sum();
            opening += height / LIDS.len() as f32 * scale / CORNERS.len() as f32;
        }
        Ok((apart > 0.0).then(|| opening / apart))
    }

    /// The contour of the eye whose corners lie at `outer` and `inner`, in crop pixels. The crop has
    /// its x axis from `outer` to `inner` and its y axis down the face, so one of two eyes is
    /// mirrored. `None` when the corners coincide.
    ///
    /// # Errors
    /// [`VisionError`] when native code fails or the output is not finite.
    pub fn contour(
        &mut self,
        frame: &Frame,
        outer: Point,
        inner: Point,
    ) -> Result<Option<[Point; CONTOUR]>, VisionError> {
        let Some(matrix) = crop_to_frame(outer, inner, self.side) else { return Ok(None) };
        let mut pixels = Mat::default();
        let side = self.side as i32;
        imgproc::warp_affine(
            &frame.mat()?,
            &mut pixels,
            &Mat::from_slice_2d(&matrix)?,
            Size::new(side, side),
            imgproc::INTER_LINEAR | imgproc::WARP_INVERSE_MAP,
            core::BORDER_REPLICATE,
            Scalar::default(),
        )?;
        tensor::fill(&mut self.tensor, &pixels, &self.input)?;
        let contour = self.graph.run(&self.tensor, |outputs| {
            let values: Vec<f32> = outputs[0].iter().copied().collect();
            let mut contour = [Point::default(); CONTOUR];
            for (point, place) in contour.iter_mut().zip(values.chunks_exact(COORDINATES)) {
                *point = Point { x: place[0], y: place[1] };
            }
            contour
        })?;
        if contour.iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
            Ok(Some(contour))
        } else {
            Err(VisionError::UnusableOutput { model: self.graph.id().to_owned() })
        }
    }
}

/// Where a crop pixel comes from in the frame, as a 2 x 3 matrix.
fn crop_to_frame(outer: Point, inner: Point, side: usize) -> Option<[[f64; 3]; 2]> {
    let across = [f64::from(inner.x - outer.x), f64::from(inner.y - outer.y)];
    let width = across[0].hypot(across[1]);
    if !width.is_normal() {
        return None;
    }
    let scale = width * f64::from(CROP) / side as f64;
    let x = across.map(|part| part / width * scale);
    // Down the face: a quarter turn from the outer corner for the eye at the left of the picture,
    // the other way for the mirrored one.
    let y = if across[0] >= 0.0 { [-x[1], x[0]] } else { [x[1], -x[0]] };
    // Pixel centres lie at half positions, hence the halves.
    let middle = side as f64 / 2.0 - 0.5;
    let start = |axis: usize, outer: f32, inner: f32| {
        f64::midpoint(outer.into(), inner.into()) - 0.5 - middle * (x[axis] + y[axis])
    };
    Some([[x[0], y[0], start(0, outer.x, inner.x)], [x[1], y[1], start(1, outer.y, inner.y)]])
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(matrix: [[f64; 3]; 2], u: f64, v: f64) -> (f64, f64) {
        let place = |row: [f64; 3]| row[0] * u + row[1] * v + row[2];
        (place(matrix[0]), place(matrix[1]))
    }

    #[test]
    fn the_crop_of_an_eye_is_centred_and_upright() {
        let width = 64.0 / CROP;
        let corner = |x: f32| Point { x: 32.0 + x * width / 2.0, y: 32.0 };
        let left = crop_to_frame(corner(-1.0), corner(1.0), 64).unwrap();
        let right = crop_to_frame(corner(1.0), corner(-1.0), 64).unwrap();
        for (matrix, corner) in [(left, 0.0), (right, 63.0)] {
            let (x, y) = apply(matrix, 0.0, 0.0);
            assert!((x - corner).abs() < 1e-4 && y.abs() < 1e-4, "{x} {y}");
            // The lower edge of the crop lies lower in the frame, mirrored or not.
            assert!((apply(matrix, 0.0, 63.0).1 - 63.0).abs() < 1e-4);
        }
    }

    #[test]
    fn coinciding_corners_give_no_crop() {
        let corner = Point { x: 3.0, y: 4.0 };
        assert_eq!(crop_to_frame(corner, corner, 64), None);
        assert_eq!(crop_to_frame(corner, Point { x: f32::NAN, y: 0.0 }, 64), None);
    }
}
