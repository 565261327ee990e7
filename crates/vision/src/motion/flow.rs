//! How the points of a face move from frame to frame, and those behind it.

use faceauth_domain::geometry::BoundingBox;
use faceauth_domain::liveness::evidence::Flow;
use opencv::core::{self, Point2f, Rect, Size, TermCriteria, Vector};
use opencv::prelude::*;
use opencv::video;

use super::trace::{self, Trace};
use crate::error::VisionError;

/// Points followed in the face, and behind it, along each side of a grid.
const FACE_GRID: i32 = 9;
const BACKGROUND_GRID: i32 = 16;

/// Least eigenvalue of a patch's gradients, normalised, for its point to count: featureless
/// walls cannot be followed.
const MIN_TEXTURE: f64 = 2e-3;

/// Window of the point tracker, in pixels of the grey picture, and its pyramid levels: a
/// face that moves 60 pixels is followed.
const WINDOW: i32 = 15;
const LEVELS: i32 = 3;

/// Least points for a median to mean something.
const MIN_POINTS: usize = 8;

/// Optical flow in the face and behind it (pyramidal Lucas-Kanade: Bouguet, 2000).
pub(super) fn flow(
    before: &Trace,
    after: &Trace,
    face: &BoundingBox,
) -> Result<(Option<Flow>, Option<Flow>), VisionError> {
    if before.grey.size()? != after.grey.size()? {
        return Ok((None, None));
    }
    let whole = Rect::new(0, 0, before.grey.cols(), before.grey.rows());
    let core = trace::core(face) & whole;
    let person = trace::person(face);
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
