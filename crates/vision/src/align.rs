//! Bringing a face to the place, size and angle the matcher was trained on.

use faceauth_domain::face::{FiveLandmarks, Point};
use opencv::core::{self, Mat, Rect, Scalar, Size};
use opencv::imgproc;
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::Filter;

/// Below this scale bilinear sampling skips source pixels, so the source is averaged
/// down first.
const PRE_SHRINK_BELOW: f64 = 0.5;

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
    pub fn fit(from: &[Point; 5], to: &[Point; 5]) -> Option<Self> {
        let mean = |points: &[Point; 5]| {
            let sum =
                points.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(p.x), s.1 + f64::from(p.y)));
            (sum.0 / 5.0, sum.1 / 5.0)
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

    fn matrix(&self) -> opencv::Result<Mat> {
        Mat::from_slice_2d(&[[self.a, -self.b, self.tx], [self.b, self.a, self.ty]])
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
    let Some(region) = source_region(&fit, side, picture.cols(), picture.rows()) else {
        return Ok(Some(black(side)?));
    };
    let source = Mat::roi(&picture, region)?;
    let warp = if fit.scale() < PRE_SHRINK_BELOW {
        let shrink = |pixels: i32| ((f64::from(pixels) * fit.scale()).round() as i32).max(1);
        let target = Size::new(shrink(region.width), shrink(region.height));
        let shrunk = crop::resize(&source, target, Filter::Area)?;
        let step = Step::shrunk(region, target);
        warp(&shrunk, &fit, step, side)?
    } else {
        warp(&source, &fit, Step::cut(region), side)?
    };
    Ok(Some(warp))
}

/// The part of the frame the crop is made of, with room for interpolation; `None` when
/// the crop lies outside altogether.
fn source_region(fit: &Similarity, side: usize, columns: i32, rows: i32) -> Option<Rect> {
    let last = side as f64 - 1.0;
    let corners = [(0.0, 0.0), (last, 0.0), (0.0, last), (last, last)];
    let corners = corners.map(|(u, v)| fit.unapply(u, v));
    let room = 2.0 + 1.0 / fit.scale();
    let least = |v: [f64; 4]| v.into_iter().fold(f64::INFINITY, f64::min) - room;
    let most = |v: [f64; 4]| v.into_iter().fold(f64::NEG_INFINITY, f64::max) + room;
    let (xs, ys) = (corners.map(|c| c.0), corners.map(|c| c.1));
    let left = (least(xs).floor() as i32).clamp(0, columns);
    let top = (least(ys).floor() as i32).clamp(0, rows);
    let right = (most(xs).ceil() as i32).clamp(0, columns);
    let bottom = (most(ys).ceil() as i32).clamp(0, rows);
    let region = Rect::new(left, top, right - left, bottom - top);
    (region.width > 0 && region.height > 0).then_some(region)
}

/// How pixels of a cut (and shrunk) source map to frame pixels: `x = sx u + ox`.
#[derive(Clone, Copy)]
struct Step {
    sx: f64,
    sy: f64,
    ox: f64,
    oy: f64,
}

impl Step {
    fn cut(region: Rect) -> Self {
        Self { sx: 1.0, sy: 1.0, ox: f64::from(region.x), oy: f64::from(region.y) }
    }

    /// Pixel centres lie at half positions, hence the halves.
    fn shrunk(region: Rect, target: Size) -> Self {
        let sx = f64::from(region.width) / f64::from(target.width);
        let sy = f64::from(region.height) / f64::from(target.height);
        let ox = f64::from(region.x) + 0.5 * sx - 0.5;
        let oy = f64::from(region.y) + 0.5 * sy - 0.5;
        Self { sx, sy, ox, oy }
    }
}

fn warp(
    source: &impl core::ToInputArray,
    fit: &Similarity,
    step: Step,
    side: usize,
) -> Result<Mat, VisionError> {
    let mut matrix = fit.matrix()?;
    let (tx, ty) = fit.apply(step.ox, step.oy);
    for (row, shift) in [(0, tx), (1, ty)] {
        *matrix.at_2d_mut::<f64>(row, 0)? *= step.sx;
        *matrix.at_2d_mut::<f64>(row, 1)? *= step.sy;
        *matrix.at_2d_mut::<f64>(row, 2)? = shift;
    }
    let mut aligned = Mat::default();
    imgproc::warp_affine(
        source,
        &mut aligned,
        &matrix,
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

    #[test]
    fn coinciding_points_do_not_align() {
        assert_eq!(Similarity::fit(&[Point { x: 3.0, y: 4.0 }; 5], &TEMPLATE), None);
    }
}
