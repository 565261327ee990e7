//! Neck and shoulders, which do not turn with the head.

use image::{Rgb, RgbImage};

use super::camera;
use super::portrait::Portrait;
use super::raster::{Mask, Mesh, Texture, Vertex};

/// Cells of the surface along each side.
const CELLS: u32 = 24;

/// Where along z the throat is, and how far back the surface bends 80 mm to its sides.
const THROAT: f32 = -20.0;
const BEND: f32 = 40.0;
const BEND_ASIDE: f32 = 80.0;

/// Greatest bend, in units of [`BEND`]: shoulders are not a cylinder.
const MOST_BENT: f32 = 1.5;

/// How much light falls on the neck where it faces the camera, under the chin, and how much
/// less on its sides.
const IN_SHADE: f32 = 0.8;
const BENT_AWAY: f32 = 0.3;

/// How far around the head's outline the portrait's own pixels are not shown, in
/// millimetres: they are a rim of face.
const RIM: f32 = 3.0;

/// The portrait with bare neck where the head was.
pub(super) fn texture(portrait: &Portrait, photo: &RgbImage) -> Texture {
    let size = photo.dimensions();
    let body = Mask::of(&[portrait.torso], size);
    let head = Mask::of(&[portrait.outline], size);
    let rim = RIM * portrait.fit().scale;
    let near_head = |x: f32, y: f32| {
        [(0.0, 0.0), (rim, 0.0), (-rim, 0.0), (0.0, rim), (0.0, -rim)]
            .iter()
            .any(|(dx, dy)| head.holds(x + dx, y + dy))
    };
    let skin = mean_around(photo, portrait.skin);
    let (left, right) = portrait.neck_sides();
    let pixels = RgbImage::from_fn(size.0, size.1, |column, row| {
        let (x, y) = (column as f32, row as f32);
        if body.holds(x, y) && !near_head(x, y) {
            return *photo.get_pixel(column, row);
        }
        let across = ((x - left) / (right - left) * 2.0 - 1.0).clamp(-1.0, 1.0);
        let light = IN_SHADE - BENT_AWAY * across * across;
        Rgb(skin.map(|value| (value * light) as u8))
    });
    Texture::new(pixels)
}

/// The colour of a small patch.
fn mean_around(photo: &RgbImage, [x, y]: [f32; 2]) -> [f32; 3] {
    const REACH: i32 = 3;
    let mut sum = [0.0; 3];
    for dy in -REACH..=REACH {
        for dx in -REACH..=REACH {
            let pixel = photo.get_pixel((x as i32 + dx) as u32, (y as i32 + dy) as u32);
            for (total, value) in sum.iter_mut().zip(pixel.0) {
                *total += f32::from(value);
            }
        }
    }
    sum.map(|total| total / ((2 * REACH + 1) * (2 * REACH + 1)) as f32)
}

/// A bent sheet with the outline of neck and shoulders.
pub(super) fn mesh(portrait: &Portrait, size: (u32, u32)) -> Mesh {
    let fit = portrait.fit();
    // Neck and shoulders stay where the axis of the portrait's head is.
    let [px, py, _] = camera::rotate(&fit.rotation, [0.0, 0.0, camera::PIVOT]);
    let [cx, cy] = [fit.offset[0] + px * fit.scale, fit.offset[1] + py * fit.scale];
    let vertices = (0..=CELLS)
        .flat_map(|row| (0..=CELLS).map(move |column| (column, row)))
        .map(|(column, row)| {
            let u = (size.0 - 1) as f32 * column as f32 / CELLS as f32;
            let v = (size.1 - 1) as f32 * row as f32 / CELLS as f32;
            let (x, y) = ((u - cx) / fit.scale, (v - cy) / fit.scale);
            let z = THROAT - BEND * (x / BEND_ASIDE).powi(2).min(MOST_BENT);
            Vertex { place: [x, y, z], texture: [u, v] }
        })
        .collect();
    let triangles = (0..CELLS)
        .flat_map(|row| (0..CELLS).map(move |column| row * (CELLS + 1) + column))
        .flat_map(|a| {
            let (b, c, d) = (a + 1, a + CELLS + 1, a + CELLS + 2);
            [[a, b, d], [a, d, c]]
        })
        .collect();
    Mesh { vertices, triangles, cut: Some(Mask::of(&[portrait.torso, portrait.neck], size)) }
}
