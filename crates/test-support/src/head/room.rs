//! What is behind the head, and the noise of the sensor that sees it.

use image::{Rgb, RgbImage};

/// Standard deviation of the noise in levels of 255, as of a webcam in a lit room.
const NOISE: f32 = 2.0;

/// Things on the wall: left, top, right and bottom in picture widths and heights, colour,
/// and how much texture they have.
const THINGS: [([f32; 4], [f32; 3], f32); 9] = [
    ([0.05, 0.10, 0.24, 0.42], [96.0, 74.0, 52.0], 14.0),
    ([0.065, 0.13, 0.225, 0.39], [142.0, 168.0, 176.0], 60.0),
    ([0.76, 0.06, 0.97, 0.58], [112.0, 84.0, 58.0], 18.0),
    ([0.775, 0.08, 0.955, 0.23], [70.0, 92.0, 120.0], 55.0),
    ([0.775, 0.25, 0.955, 0.40], [150.0, 96.0, 70.0], 55.0),
    ([0.775, 0.42, 0.955, 0.56], [104.0, 124.0, 84.0], 55.0),
    ([0.0, 0.80, 1.0, 0.83], [120.0, 104.0, 90.0], 10.0),
    ([0.02, 0.58, 0.20, 0.80], [84.0, 104.0, 72.0], 70.0),
    ([0.36, 0.03, 0.62, 0.12], [176.0, 160.0, 128.0], 45.0),
];

/// A wall with things on it. It depends on the size alone, so it never moves.
pub(super) fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let thing = THINGS.iter().rev().find(|([left, top, right, bottom], ..)| {
            (*left..*right).contains(&u) && (*top..*bottom).contains(&v)
        });
        let light = 1.0 - 0.25 * ((u - 0.4).powi(2) + (v - 0.2).powi(2));
        let (colour, texture) = match thing {
            Some((_, colour, texture)) => (*colour, *texture),
            None => ([186.0 - 16.0 * v, 180.0 - 20.0 * v, 168.0 - 22.0 * v], 26.0),
        };
        // Texture in units of heights, so that it looks the same at every size.
        let aspect = width as f32 / height as f32;
        let grain = speckle(u * aspect * 14.0, v * 14.0, 1) * 0.5
            + speckle(u * aspect * 45.0, v * 45.0, 2) * 0.5;
        Rgb(colour.map(|value| ((value + texture * grain) * light).clamp(0.0, 255.0) as u8))
    })
}

/// Smooth random values, -1 to 1, about one bump a unit.
fn speckle(x: f32, y: f32, layer: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (smooth(x - left), smooth(y - top));
    let value = |dx: i32, dy: i32| {
        let (column, row) = ((left as i32 + dx) as u32, (top as i32 + dy) as u32);
        let mut hash = column.wrapping_mul(0x9e37_79b1)
            ^ row.wrapping_mul(0x85eb_ca77)
            ^ layer.wrapping_mul(0xc2b2_ae3d);
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
        hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
        ((hash ^ (hash >> 15)) & 0xffff) as f32 / 32_767.5 - 1.0
    };
    let upper = value(0, 0) * (1.0 - fx) + value(1, 0) * fx;
    let lower = value(0, 1) * (1.0 - fx) + value(1, 1) * fx;
    upper * (1.0 - fy) + lower * fy
}

/// Adds noise that depends on the seed alone.
pub(super) fn add_noise(picture: &mut RgbImage, seed: u64) {
    let mut state = seed;
    for pixel in picture.pixels_mut() {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        for (channel, value) in pixel.0.iter_mut().enumerate() {
            // Two uniform bytes: near enough to a bell, with a deviation of 104.5.
            let part = bits >> (channel * 16);
            let two = (part & 0xff) as f32 + ((part >> 8) & 0xff) as f32 - 255.0;
            *value = (f32::from(*value) + two * (NOISE / 104.5)).round().clamp(0.0, 255.0) as u8;
        }
    }
}
