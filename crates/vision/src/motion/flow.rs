//! How the points of a face move from frame to frame, and those behind it.

use faceauth_domain::geometry::BoundingBox;
use faceauth_domain::liveness::evidence::Flow;
use opencv::core::{self, Point2f, Rect, Size, TermCriteria, Vector};
use opencv::video;

use super::pyramid::{LEVELS, WINDOW};
use super::trace::{self, Trace};
use crate::error::VisionError;

/// Points followed in the face, and behind it, along each side of a grid.
const FACE_GRID: i32 = 9;
const BACKGROUND_GRID: i32 = 16;

/// Least eigenvalue of a patch's gradients, normalised, for its point to count: featureless
/// walls cannot be followed.
const MIN_TEXTURE: f64 = 2e-3;

/// Least points for a median to mean something.
const MIN_POINTS: usize = 8;

/// How the points of the face move.
pub(super) fn flow_of_face(
    before: &Trace,
    after: &Trace,
    face: &BoundingBox,
) -> Result<Option<Flow>, VisionError> {
    let points = grid(trace::core(face) & before.area(), FACE_GRID);
    follow(before, after, face, &points)
}

/// How the points behind the face move.
pub(super) fn flow_behind(
    before: &Trace,
    after: &Trace,
    face: &BoundingBox,
) -> Result<Option<Flow>, VisionError> {
    let person = trace::person(face);
    let mut points = grid(before.area(), BACKGROUND_GRID);
    points.retain(|p| {
        let (x, y) = (p.x as i32, p.y as i32);
        let inside = (person.x..person.x + person.width).contains(&x);
        !(inside && y >= person.y)
    });
    follow(before, after, face, &points)
}

/// The median motion of `points` (pyramidal Lucas-Kanade: Bouguet, 2000), in heights of `face`.
fn follow(
    before: &Trace,
    after: &Trace,
    face: &BoundingBox,
    points: &[Point2f],
) -> Result<Option<Flow>, VisionError> {
    if before.area() != after.area() || points.is_empty() {
        return Ok(None);
    }
    let from = Vector::<Point2f>::from_iter(points.iter().copied());
    let (mut to, mut status) = (Vector::<Point2f>::new(), Vector::<u8>::new());
    let mut error = Vector::<f32>::new();
    video::calc_optical_flow_pyr_lk(
        before.pyramid()?,
        after.pyramid()?,
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
    let moved: Vec<(f32, f32)> = points
        .iter()
        .zip(to.iter().zip(status.iter()))
        .filter(|(_, (_, found))| *found == 1)
        .map(|(a, (b, _))| ((b.x - a.x) / face.height, (b.y - a.y) / face.height))
        .collect();
    Ok(median_flow(&moved))
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

fn median_flow(moved: &[(f32, f32)]) -> Option<Flow> {
    if moved.len() < MIN_POINTS {
        return None;
    }
    let dx = median(moved.iter().map(|m| m.0).collect());
    let dy = median(moved.iter().map(|m| m.1).collect());
    Some(Flow { dx, dy, points: moved.len() })
}

/// The middle value; 0 of none.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
