//! Bringing a face to the place, size and angle the matcher was trained on.

use faceauth_domain::geometry::{FiveLandmarks, Point};
use opencv::core::{self, Mat, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::Filter;

/// A similarity: rotation, uniform scale and shift, from frame to crop pixels.
/// `x' = a x - b y + tx`, `y' = b x + a y + ty`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Scale times cosine.
    pub a: f64,
    /// Scale times sine.
    pub b: f64,
    /// Horizontal shift in crop pixels.
    pub tx: f64,
    /// Vertical shift in crop pixels.
    pub ty: f64,
}

impl Similarity {
    /// The least-squares similarity that takes `from` to `to` (Umeyama, "Least-squares
    /// estimation of transformation parameters between two point patterns", 1991; in the
    /// plane and without reflection it has this closed form).
    ///
    /// `None` when all of `from` coincide.
    #[must_use]
    pub fn fit<const N: usize>(from: &[Point; N], to: &[Point; N]) -> Option<Self> {
        let count = N as f64;
        let mean = |points: &[Point; N]| {
            let sum =
                points.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(p.x), s.1 + f64::from(p.y)));
            (sum.0 / count, sum.1 / count)
        };
        let ((fx, fy), (gx, gy)) = (mean(from), mean(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (x, y) = (f64::from(p.x) - fx, f64::from(p.y) - fy);
            let (u, v) = (f64::from(q.x) - gx, f64::from(q.y) - gy);
            dot += x * u + y * v;
            cross += x * v - y * u;
            spread += x * x + y * y;
        }
        if spread <= f64::EPSILON {
            return None;
        }
        let (a, b) = (dot / spread, cross / spread);
        let fit = Self { a, b, tx: gx - a * fx + b * fy, ty: gy - b * fx - a * fy };
        (fit.scale() > f64::EPSILON).then_some(fit)
    }

    /// Crop pixels per frame pixel.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// Where a frame point lands in the crop.
    #[must_use]
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty)
    }

    /// Where a crop point comes from in the frame.
    #[must_use]
    pub fn unapply(&self, u: f64, v: f64) -> (f64, f64) {
        let square = self.a * self.a + self.b * self.b;
        let (u, v) = (u - self.tx, v - self.ty);
        ((self.a * u + self.b * v) / square, (self.a * v - self.b * u) / square)
    }
}

/// Cuts the `side` x `side` crop in which `landmarks` lie at `template`; 8-bit RGB.
///
/// `None` when the landmarks coincide, so that there is nothing to align.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub fn align(
    frame: &Frame,
    landmarks: &FiveLandmarks,
    template: &[Point; 5],
    side: usize,
) -> Result<Option<Mat>, VisionError> {
    let Some(fit) = Similarity::fit(&landmarks.to_array(), template) else { return Ok(None) };
    let picture = frame.mat()?;
    let block = block(&fit, picture.cols(), picture.rows());
    let Some(region) = source_region(&fit, side, block, picture.cols(), picture.rows()) else {
        return Ok(Some(black(side)?));
    };
    let source = Mat::roi(&picture, region)?;
    let matrix = warp_matrix(&fit, region, block)?;
    if block > 1 {
        let target = Size::new(region.width / block, region.height / block);
        let averaged = crop::resize(&source, target, Filter::Area)?;
        Ok(Some(warp(&averaged, &matrix, side)?))
    } else {
        Ok(Some(warp(&source, &matrix, side)?))
    }
}

/// Side of the square blocks of frame pixels that are averaged into one before the crop
/// is sampled, because bilinear sampling at half the scale or less skips pixels.
///
/// Blocks of whole pixels are counted from the frame's corner. If the source were shrunk by the
/// exact scale from the edge of the face, a landmark that moved by a tenth of a pixel would change
/// the averaged pixels, and with them the embedding.
fn block(fit: &Similarity, columns: i32, rows: i32) -> i32 {
    // A saturating cast, and no larger than the frame, however wild the fit.
    ((1.0 / fit.scale()) as i32).clamp(1, columns.min(rows).max(1))
}

/// The part of the frame the crop is made of, in whole blocks and with room for
/// interpolation; `None` when the crop lies outside altogether.
fn source_region(
    fit: &Similarity,
    side: usize,
    block: i32,
    columns: i32,
    rows: i32,
) -> Option<Rect> {
    let last = side as f64 - 1.0;
    let corners = [(0.0, 0.0), (last, 0.0), (0.0, last), (last, last)];
    let corners = corners.map(|(u, v)| fit.unapply(u, v));
    let room = 2.0 * f64::from(block) + 1.0 / fit.scale();
    // From the block that holds the least coordinate to the one that holds the largest;
    // blocks that the frame's edge cuts are left out.
    let span = |values: [f64; 4], limit: i32| {
        let least = values.into_iter().fold(f64::INFINITY, f64::min) - room;
        let most = values.into_iter().fold(f64::NEG_INFINITY, f64::max) + room;
        let blocks = limit / block;
        let start = (least.floor() as i32).clamp(0, limit) / block;
        let end = ((most.ceil() as i32).clamp(0, limit) + block - 1) / block;
        (start * block, (end.min(blocks) - start) * block)
    };
    let (left, width) = span(corners.map(|c| c.0), columns);
    let (top, height) = span(corners.map(|c| c.1), rows);
    (width > 0 && height > 0).then(|| Rect::new(left, top, width, height))
}

/// `fit` for pixels of the region after averaging.
fn warp_matrix(fit: &Similarity, region: Rect, block: i32) -> opencv::Result<Mat> {
    let block = f64::from(block);
    // Where the first averaged pixel's centre lies in the frame: pixel centres lie at
    // half positions, hence the halves.
    let first = |start: i32| f64::from(start) + 0.5 * block - 0.5;
    let (tx, ty) = fit.apply(first(region.x), first(region.y));
    let (a, b) = (fit.a * block, fit.b * block);
    Mat::from_slice_2d(&[[a, -b, tx], [b, a, ty]])
}

fn warp(source: &impl core::ToInputArray, matrix: &Mat, side: usize) -> opencv::Result<Mat> {
    let mut aligned = Mat::default();
    imgproc::warp_affine(
        source,
        &mut aligned,
        matrix,
        Size::new(side as i32, side as i32),
        imgproc::INTER_LINEAR,
        core::BORDER_CONSTANT,
        Scalar::default(),
    )?;
    Ok(aligned)
}

fn black(side: usize) -> opencv::Result<Mat> {
    let side = side as i32;
    Mat::new_rows_cols_with_default(side, side, core::CV_8UC3, Scalar::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use faceauth_domain::capture::ImageSize;
    use opencv::core::Vec3b;
    use proptest::prelude::*;

    const TEMPLATE: [Point; 5] = [
        Point { x: 38.3, y: 51.7 },
        Point { x: 73.5, y: 51.5 },
        Point { x: 56.0, y: 71.7 },
        Point { x: 41.5, y: 92.4 },
        Point { x: 70.7, y: 92.2 },
    ];

    proptest! {
        #[test]
        fn recovers_a_random_similarity(
            angle in -3.1f64..3.1, scale in 0.05f64..20.0, tx in -500.0f64..500.0, ty in -500.0f64..500.0,
        ) {
            let truth = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty };
            let from = TEMPLATE.map(|p| {
                let (x, y) = truth.unapply(f64::from(p.x), f64::from(p.y));
                Point { x: x as f32, y: y as f32 }
            });
            let fit = Similarity::fit(&from, &TEMPLATE).unwrap();
            for (p, q) in from.iter().zip(TEMPLATE) {
                let (u, v) = fit.apply(f64::from(p.x), f64::from(p.y));
                prop_assert!((u - f64::from(q.x)).abs() < 0.05 && (v - f64::from(q.y)).abs() < 0.05);
            }
            let (x, y) = fit.unapply(30.0, 40.0);
            let (u, v) = fit.apply(x, y);
            prop_assert!((u - 30.0).abs() < 1e-6 && (v - 40.0).abs() < 1e-6);
        }
    }

    /// A frame of 600 x 400 whose pixels are `value(x, y)`, grey.
    fn drawn(value: impl Fn(u32, u32) -> u8) -> Frame {
        let size = ImageSize { width: 600, height: 400 };
        let pixels = (0..size.height)
            .flat_map(|y| (0..size.width).map(move |x| (x, y)))
            .flat_map(|(x, y)| [value(x, y); 3])
            .collect();
        Frame::new(pixels, size).unwrap()
    }

    /// Aligns a face of which one crop pixel is `step` frame pixels, tilted a little.
    fn aligned(frame: &Frame, step: f64) -> (Similarity, Mat) {
        let (sin, cos) = 0.1f64.sin_cos();
        let truth = Similarity { a: cos / step, b: sin / step, tx: 10.0, ty: -10.0 };
        let from = TEMPLATE.map(|p| {
            let (x, y) = truth.unapply(f64::from(p.x), f64::from(p.y));
            Point { x: x as f32, y: y as f32 }
        });
        let landmarks = FiveLandmarks::from_array(from);
        (truth, align(frame, &landmarks, &TEMPLATE, 112).unwrap().unwrap())
    }

    #[test]
    fn every_pixel_comes_from_its_place() {
        let frame = drawn(|x, y| (x / 4 + y / 4) as u8);
        for step in [0.8, 1.0, 1.7, 2.0, 2.6, 3.4] {
            let (truth, crop) = aligned(&frame, step);
            for (u, v) in [(20, 30), (56, 56), (90, 40), (60, 100)] {
                let (x, y) = truth.unapply(f64::from(u), f64::from(v));
                let expected = (x + y) / 4.0 - 0.75;
                let found = f64::from(crop.at_2d::<Vec3b>(v, u).unwrap()[0]);
                assert!((found - expected).abs() < 1.0, "{step} {u},{v}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn shrinking_averages_instead_of_skipping() {
        let stripes = drawn(|x, _| if x % 2 == 0 { 0 } else { 255 });
        let (_, crop) = aligned(&stripes, 3.4);
        for u in 30..80 {
            let found = crop.at_2d::<Vec3b>(50, u).unwrap()[0];
            assert!((70..=185).contains(&found), "{u}: {found}");
        }
    }

    #[test]
    fn a_face_far_larger_than_the_frame_is_no_panic() {
        let frame = drawn(|_, _| 255);
        for step in [500.0, 1e5, 1e8] {
            let (_, crop) = aligned(&frame, step);
            assert_eq!((crop.rows(), crop.cols()), (112, 112), "{step}");
        }
    }

    #[test]
    fn coinciding_points_do_not_align() {
        assert_eq!(Similarity::fit(&[Point { x: 3.0, y: 4.0 }; 5], &TEMPLATE), None);
    }
}
