//! Closing the eyes of a portrait.

use image::{Rgb, RgbImage};

use super::person::{Eye, Portrait};
use super::raster::sample;

/// How much skin above the eye is drawn down with the lid, in eye widths: up to the brow.
const LID: f32 = 0.22;

/// How far past the corners the lid still moves, in eye widths.
const BEYOND: f32 = 0.06;

/// The portrait with the upper lids lowered by `closed`, 0 to 1, of the way to the lower
/// ones. The skin between brow and eye is stretched over the eye and the lashes come with
/// it.
pub(super) fn lowered(photo: &RgbImage, portrait: &Portrait, closed: f32) -> RgbImage {
    let mut lowered = photo.clone();
    for eye in &portrait.eyes {
        lower(photo, &mut lowered, eye, closed.clamp(0.0, 1.0));
    }
    lowered
}

fn lower(photo: &RgbImage, lowered: &mut RgbImage, eye: &Eye, closed: f32) {
    let [left, right] = eye.corners;
    let (dx, dy) = (right[0] - left[0], right[1] - left[1]);
    let width = dx.hypot(dy);
    // Along the eye in eye widths, and down across it in pixels.
    let along = |x: f32, y: f32| ((x - left[0]) * dx + (y - left[1]) * dy) / (width * width);
    let down = |x: f32, y: f32| ((y - left[1]) * dx - (x - left[0]) * dy) / width;
    let (upper, lower) = (down(eye.upper[0], eye.upper[1]), down(eye.lower[0], eye.lower[1]));
    let reach = (width * (0.5 + LID)) as i32 + 2;
    let centre = [(left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0];
    for row in centre[1] as i32 - reach..=centre[1] as i32 + reach {
        for column in centre[0] as i32 - reach..=centre[0] as i32 + reach {
            let (x, y) = (column as f32, row as f32);
            let (a, b) = (along(x, y), down(x, y));
            if !(-BEYOND..=1.0 + BEYOND).contains(&a) {
                continue;
            }
            // Lids are bows between the corners.
            let bow = (4.0 * a * (1.0 - a)).max(0.0);
            let (open, edge) = (upper * bow, (upper + (lower - upper) * closed) * bow);
            let top = open - LID * width;
            if b <= top || b >= edge {
                continue;
            }
            let from = top + (b - top) * (open - top) / (edge - top);
            let moved = from - b;
            let (sx, sy) = (x - moved * dy / width, y + moved * dx / width);
            if let (Ok(column), Ok(row)) = (u32::try_from(column), u32::try_from(row))
                && let Some(pixel) = lowered.get_pixel_mut_checked(column, row)
            {
                *pixel = Rgb(sample(photo, sx, sy).map(|value| (value + 0.5) as u8));
            }
        }
    }
}
