//! What moves between the frames of a capture, and how.
//!
//! Three views of the same question, whether a head turns in front of a camera or a picture
//! of one is moved: [`relief`] compares landmarks through a homography, [`flow`] follows
//! points in the face and behind it, [`difference`] tells a new picture from one that was
//! there before. None is a verdict; the domain weighs them.

mod scene;

use faceauth_domain::capture::ImageSize;
use faceauth_domain::face::{BoundingBox, Point};
use faceauth_domain::liveness::evidence::{Flow, Recurrence, Relief, Transition};
use opencv::calib3d;
use opencv::core::{self, Mat, Point2f, Rect, Size, TermCriteria, Vector};
use opencv::imgproc;
use opencv::prelude::*;
use opencv::video;

use crate::align::Similarity;
use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::landmarks::DenseLandmarks;
use crate::manifest::Filter;

/// Long side in pixels of the grey pictures that frames are compared by. Large enough that
/// sensor noise is not averaged away, which tells a still from a living picture.
const LONG_SIDE: u32 = 320;

/// Points followed in the face, and behind it, along each side of a grid.
const FACE_GRID: i32 = 9;
const BACKGROUND_GRID: i32 = 16;

/// Part of the face box, about its centre, that is surely face.
const FACE_CORE: f32 = 0.8;

/// What is surely not face: outside of the box grown by this much on each side, in face
/// sizes. Hair and ears lie within.
const FACE_REACH: f32 = 0.5;

/// Least eigenvalue of a patch's gradients, normalised, for its point to count: featureless
/// walls cannot be followed.
const MIN_TEXTURE: f64 = 2e-3;

/// Window of the point tracker, in pixels of the grey picture, and its pyramid levels: a
/// face that moves 60 pixels is followed.
const WINDOW: i32 = 15;
const LEVELS: i32 = 3;

/// Least points for a median to mean something.
const MIN_POINTS: usize = 8;

/// What is kept of a frame when its pixels are gone.
pub(crate) struct Trace {
    grey: Mat,
    /// Grey pixels per frame pixel.
    scale: f32,
    face: Option<BoundingBox>,
    points: Option<DenseLandmarks>,
}

impl Trace {
    /// Shrinks `frame`; `face` and `points` are in its pixels.
    pub(crate) fn new(
        frame: &Frame,
        face: Option<BoundingBox>,
        points: Option<DenseLandmarks>,
    ) -> Result<Self, VisionError> {
        let ImageSize { width, height } = frame.size();
        let scale = (LONG_SIDE as f32 / width.max(height) as f32).min(1.0);
        let side = |pixels: u32| ((pixels as f32 * scale).round() as i32).max(1);
        let target = Size::new(side(width), side(height));
        let shrunk = crop::resize(&frame.mat()?, target, Filter::Area)?;
        let mut grey = Mat::default();
        imgproc::cvt_color_def(&shrunk, &mut grey, imgproc::COLOR_RGB2GRAY)?;
        Ok(Self { grey, scale, face, points })
    }

    /// The landmarks, if a face was found.
    pub(crate) fn points(&self) -> Option<&DenseLandmarks> {
        self.points.as_ref()
    }

    /// The face box in pixels of the grey picture.
    fn face(&self) -> Option<BoundingBox> {
        let b = self.face?;
        let s = self.scale;
        Some(BoundingBox { x: b.x * s, y: b.y * s, width: b.width * s, height: b.height * s })
    }
}

impl Drop for Trace {
    /// A face is recognisable at this size: leave none in freed memory.
    fn drop(&mut self) {
        if let Ok(bytes) = self.grey.data_bytes_mut() {
            zeroize::Zeroize::zeroize(bytes);
        }
    }
}

/// From each trace to the next.
pub(crate) fn transitions(traces: &[Trace]) -> Result<Vec<Transition>, VisionError> {
    traces.windows(2).map(|pair| transition(&pair[0], &pair[1])).collect()
}

fn transition(before: &Trace, after: &Trace) -> Result<Transition, VisionError> {
    let (face, background) = match before.face() {
        Some(face) => flow(before, after, &face)?,
        None => (None, None),
    };
    Ok(Transition {
        change: difference(before, after)?,
        background_change: scene::change(before, after)?,
        face,
        background,
    })
}

/// For each trace from the third on, the earlier one it resembles most, neighbours left out.
pub(crate) fn recurrences(traces: &[Trace]) -> Result<Vec<Recurrence>, VisionError> {
    let mut found = Vec::new();
    for frame in 2..traces.len() {
        let mut closest: Option<Recurrence> = None;
        for earlier in 0..frame - 1 {
            let difference = difference(&traces[frame], &traces[earlier])?;
            if closest.is_none_or(|c| difference < c.difference) {
                closest = Some(Recurrence { frame, earlier, difference });
            }
        }
        found.extend(closest);
    }
    Ok(found)
}

/// Mean absolute difference of two grey pictures where the face of the first is, or
/// everywhere when it has none; pictures of different size differ by all.
fn difference(a: &Trace, b: &Trace) -> Result<f32, VisionError> {
    if a.grey.size()? != b.grey.size()? {
        return Ok(f32::from(u8::MAX));
    }
    let whole = Rect::new(0, 0, a.grey.cols(), a.grey.rows());
    let face = a.face().map_or(whole, |b| {
        Rect::new(b.x as i32, b.y as i32, b.width as i32, b.height as i32) & whole
    });
    let area = if face.empty() { whole } else { face };
    let (left, right) = (Mat::roi(&a.grey, area)?, Mat::roi(&b.grey, area)?);
    let sum = core::norm2(&left, &right, core::NORM_L1, &core::no_array())?;
    Ok((sum / f64::from(area.area().max(1))) as f32)
}

/// What is surely face.
fn core(face: &BoundingBox) -> Rect {
    let inset = (1.0 - FACE_CORE) / 2.0;
    Rect::new(
        (face.x + inset * face.width) as i32,
        (face.y + inset * face.height) as i32,
        (face.width * FACE_CORE) as i32,
        (face.height * FACE_CORE) as i32,
    )
}

/// The face with hair and ears, and the body down to the picture's edge.
fn person(face: &BoundingBox) -> Rect {
    let (reach_x, reach_y) = (face.width * FACE_REACH, face.height * FACE_REACH);
    let left = (face.x - reach_x) as i32;
    let top = (face.y - reach_y) as i32;
    let width = (face.width + 2.0 * reach_x) as i32;
    // Past any grey picture.
    Rect::new(left, top, width.max(1), 2 * LONG_SIDE as i32)
}

/// Optical flow in the face and behind it (pyramidal Lucas-Kanade: Bouguet, 2000).
fn flow(
    before: &Trace,
    after: &Trace,
    face: &BoundingBox,
) -> Result<(Option<Flow>, Option<Flow>), VisionError> {
    if before.grey.size()? != after.grey.size()? {
        return Ok((None, None));
    }
    let whole = Rect::new(0, 0, before.grey.cols(), before.grey.rows());
    let core = core(face) & whole;
    let person = person(face);
    let mut points = grid(core, FACE_GRID);
    let in_face = points.len();
    points.extend(grid(whole, BACKGROUND_GRID).into_iter().filter(|p| {
        let (x, y) = (p.x as i32, p.y as i32);
        let inside = (person.x..person.x + person.width).contains(&x);
        !(inside && y >= person.y)
    }));
    if points.is_empty() {
        return Ok((None, None));
    }
    let from = Vector::<Point2f>::from_iter(points.iter().copied());
    let (mut to, mut status) = (Vector::<Point2f>::new(), Vector::<u8>::new());
    let mut error = Vector::<f32>::new();
    video::calc_optical_flow_pyr_lk(
        &before.grey,
        &after.grey,
        &from,
        &mut to,
        &mut status,
        &mut error,
        Size::new(WINDOW, WINDOW),
        LEVELS,
        TermCriteria::new(core::TermCriteria_COUNT + core::TermCriteria_EPS, 20, 0.03)?,
        0,
        MIN_TEXTURE,
    )?;
    let moved: Vec<Option<(f32, f32)>> = points
        .iter()
        .zip(to.iter().zip(status.iter()))
        .map(|(a, (b, found))| {
            (found == 1).then(|| ((b.x - a.x) / face.height, (b.y - a.y) / face.height))
        })
        .collect();
    let (face, background) = moved.split_at(in_face.min(moved.len()));
    Ok((median_flow(face), median_flow(background)))
}

/// The middles of a grid of `side` x `side` cells.
fn grid(area: Rect, side: i32) -> Vec<Point2f> {
    let at = |start: i32, length: i32, index: i32| {
        start as f32 + length as f32 * (index as f32 + 0.5) / side as f32
    };
    (0..side)
        .flat_map(|row| (0..side).map(move |column| (row, column)))
        .map(|(row, column)| {
            Point2f::new(at(area.x, area.width, column), at(area.y, area.height, row))
        })
        .collect()
}

fn median_flow(moved: &[Option<(f32, f32)>]) -> Option<Flow> {
    let found: Vec<(f32, f32)> = moved.iter().copied().flatten().collect();
    if found.len() < MIN_POINTS {
        return None;
    }
    let dx = median(found.iter().map(|m| m.0).collect());
    let dy = median(found.iter().map(|m| m.1).collect());
    Some(Flow { dx, dy, points: found.len() })
}

/// The middle value; 0 of none.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How `seen` lies compared with `frontal`.
pub(crate) fn relief(
    frontal: &DenseLandmarks,
    seen: &DenseLandmarks,
) -> Result<Relief, VisionError> {
    let unit = eye_distance(frontal);
    if unit <= f32::EPSILON {
        return Ok(Relief::default());
    }
    let scaled =
        |landmarks: &DenseLandmarks| landmarks.map(|p| Point { x: p.x / unit, y: p.y / unit });
    // Residuals are measured in the frontal frame, so that coming closer does not count.
    let (from, to) = (scaled(seen), scaled(frontal));
    let turn = Similarity::fit(&from, &to).map_or(f32::INFINITY, |fit| {
        spread(&to, from.iter().map(|p| fit.apply(f64::from(p.x), f64::from(p.y))))
    });
    Ok(Relief { turn, depth: homography_residual(&from, &to)? })
}

/// Root mean square distance between `to` and `from` after the best homography.
fn homography_residual(from: &DenseLandmarks, to: &DenseLandmarks) -> Result<f32, VisionError> {
    let vector = |points: &DenseLandmarks| {
        Vector::<Point2f>::from_iter(points.iter().map(|p| Point2f::new(p.x, p.y)))
    };
    let (source, target) = (vector(from), vector(to));
    let matrix = calib3d::find_homography_ext_def(&source, &target)?;
    if matrix.empty() {
        // Points on a line have none: no face.
        return Ok(f32::INFINITY);
    }
    let mut moved = Vector::<Point2f>::new();
    core::perspective_transform(&source, &mut moved, &matrix)?;
    Ok(spread(to, moved.iter().map(|p| (f64::from(p.x), f64::from(p.y)))))
}

/// Root mean square distance between `to` and `moved`.
fn spread(to: &DenseLandmarks, moved: impl Iterator<Item = (f64, f64)>) -> f32 {
    let sum: f64 = to
        .iter()
        .zip(moved)
        .map(|(p, (x, y))| (x - f64::from(p.x)).powi(2) + (y - f64::from(p.y)).powi(2))
        .sum();
    (sum / to.len() as f64).sqrt() as f32
}

/// Between the means of the two eyes' six points.
fn eye_distance(points: &DenseLandmarks) -> f32 {
    let centre = |range: std::ops::Range<usize>| {
        let count = range.len() as f32;
        let sum = points[range].iter().fold((0.0, 0.0), |s, p: &Point| (s.0 + p.x, s.1 + p.y));
        (sum.0 / count, sum.1 / count)
    };
    let (left, right) = (centre(36..42), centre(42..48));
    (right.0 - left.0).hypot(right.1 - left.1)
}
