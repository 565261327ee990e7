//! Pictures outside of what a matcher knows: turned, treated, covered or enlarged on purpose.

use faceauth_domain::geometry::{FiveLandmarks, Point};
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma, Rgb, RgbImage};

/// What becomes of a picture.
pub type Treatment = fn(&RgbImage) -> RgbImage;

/// A picture that stands on its head or lies on its side, by how.
pub const TURNED: [(&str, Treatment); 4] = [
    ("by 180 degrees", |picture| imageops::rotate180(picture)),
    ("by 90 degrees", |picture| imageops::rotate90(picture)),
    ("by 270 degrees", |picture| imageops::rotate270(picture)),
    ("top to bottom", |picture| imageops::flip_vertical(picture)),
];

/// A picture that is no natural photo any more, by how.
pub const UNNATURAL: [(&str, Treatment); 3] = [
    ("negative", negative),
    ("grey negative", |picture| negative(&grey(picture))),
    ("embossed", embossed),
];

/// A picture whose face is no living skin any more, by how: at their best where the eyes stand some
/// forty pixels apart.
pub const DRAWN: [(&str, Treatment); 2] = [("pencil drawing", drawing), ("statue", statue)];

/// A picture that is still a natural photo, by how.
pub const NATURAL: [(&str, Treatment); 4] = [
    ("as it is", RgbImage::clone),
    ("grey", grey),
    ("mirrored", |picture| imageops::flip_horizontal(picture)),
    ("tinted", |picture| {
        per_channel(
            picture,
            |value, channel| {
                if channel == 2 { (f32::from(value) * 0.6) as u8 } else { value }
            },
        )
    }),
];

fn per_channel(picture: &RgbImage, change: impl Fn(u8, usize) -> u8) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0;
        Rgb([change(r, 0), change(g, 1), change(b, 2)])
    })
}

/// Black and white.
#[must_use]
pub fn grey(picture: &RgbImage) -> RgbImage {
    let grey = imageops::grayscale(picture);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| Rgb([grey.get_pixel(x, y).0[0]; 3]))
}

/// A photographic negative.
#[must_use]
pub fn negative(picture: &RgbImage) -> RgbImage {
    per_channel(picture, |value, _| 255 - value)
}

/// Lit from the upper left, as a relief; 600 pixels high, so that what is shrunk to the matcher's crop
/// is still one.
fn embossed(picture: &RgbImage) -> RgbImage {
    let width = picture.width() * 600 / picture.height();
    let small = imageops::resize(picture, width, 600, FilterType::Triangle);
    imageops::filter3x3(&small, &[-2.0, -1.0, 0.0, -1.0, 1.0, 1.0, 0.0, 1.0, 2.0])
}

/// Grey pixels from `value`, which gets the brightness of each and of its blurred surroundings.
fn shaded(picture: &RgbImage, sigma: f32, value: impl Fn(f32, f32, (u32, u32)) -> f32) -> RgbImage {
    let grey = imageops::grayscale(picture);
    let around = imageops::blur(&grey, sigma);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let at = |picture: &GrayImage| f32::from(picture.get_pixel(x, y).0[0]);
        Rgb([value(at(&grey), at(&around), (x, y)).clamp(0.0, 255.0) as u8; 3])
    })
}

/// Strokes where it is darker than around: brightness divided by the blurred negative of it.
fn drawing(picture: &RgbImage) -> RgbImage {
    shaded(picture, 5.0, |grey, around, _| grey * 255.0 / (around + 1.0))
}

/// Pale stone in flat light: brightness over that around it, and grains.
fn statue(picture: &RgbImage) -> RgbImage {
    let grains = imageops::blur(
        &GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            // Multiplicative hashing (Knuth, "Sorting and Searching", 6.4): the same noise each time.
            let hash = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519))
                .wrapping_mul(3_266_489_917);
            Luma([(hash >> 24) as u8])
        }),
        0.7,
    );
    shaded(&imageops::blur(picture, 1.5), 15.0, |grey, around, (x, y)| {
        let grain = f32::from(grains.get_pixel(x, y).0[0]) - 127.5;
        190.0 + (grey / (around + 1.0) - 1.0) * 110.0 + 0.08 * grain
    })
}

/// Shrunk so that its long side has `pixels`, and enlarged again by repeating them.
#[must_use]
pub fn blocks(picture: &RgbImage, pixels: u32) -> RgbImage {
    let scale = f64::from(pixels) / f64::from(picture.width().max(picture.height()));
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let small = imageops::resize(
        picture,
        side(picture.width()),
        side(picture.height()),
        FilterType::Triangle,
    );
    imageops::resize(&small, picture.width(), picture.height(), FilterType::Nearest)
}

/// What covers a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// A pale blue mask from the bridge of the nose to under the chin.
    SurgicalMask,
    /// A white one.
    WhiteMask,
    /// A black one.
    BlackMask,
    /// A pale blue mask that leaves the nose free.
    MaskUnderNose,
    /// Dark glasses.
    DarkGlasses,
    /// Clear glasses: thin frames, and eyes to be seen. They cover nothing.
    ClearGlasses,
}

/// Draws `cover` over the face with these landmarks.
#[must_use]
pub fn covered(picture: &RgbImage, face: &FiveLandmarks, cover: Cover) -> RgbImage {
    let colour = match cover {
        Cover::SurgicalMask | Cover::MaskUnderNose => [135.0, 185.0, 215.0],
        Cover::WhiteMask => [225.0, 225.0, 222.0],
        Cover::BlackMask => [32.0, 32.0, 36.0],
        Cover::DarkGlasses | Cover::ClearGlasses => [24.0, 22.0, 22.0],
    };
    let (left, right) = (face.eye_image_left, face.eye_image_right);
    let (dx, dy) = (right.x - left.x, right.y - left.y);
    let eyes = dx.hypot(dy);
    // Along the line of the eyes and down from it, in distances between the eyes.
    let from = |centre: Point, x: u32, y: u32| {
        let (x, y) = (x as f32 - centre.x, y as f32 - centre.y);
        ((x * dx + y * dy) / (eyes * eyes), (y * dx - x * dy) / (eyes * eyes))
    };
    let mouth = Point {
        x: f32::midpoint(face.mouth_image_left.x, face.mouth_image_right.x),
        y: f32::midpoint(face.mouth_image_left.y, face.mouth_image_right.y),
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let pixel = *picture.get_pixel(x, y);
        let (across, down) = from(mouth, x, y);
        // What joins the lenses and holds them at the ears.
        let bar = from(
            Point { x: f32::midpoint(left.x, right.x), y: f32::midpoint(left.y, right.y) },
            x,
            y,
        );
        let lens = [left, right]
            .map(|eye| {
                let (across, down) = from(eye, x, y);
                ((across / 0.40).powi(2) + ((down - 0.04) / 0.30).powi(2)).sqrt()
            })
            .into_iter()
            .fold(f32::INFINITY, f32::min);
        // The upper edge falls from the nose to the cheeks, the lower one follows the jaw.
        let nose = if cover == Cover::MaskUnderNose { -0.30 } else { -0.78 };
        let upper = nose + 0.35 * across.abs();
        let jaw = (across / 1.02).powi(2) + (down / 0.86).powi(2);
        let drawn = match cover {
            Cover::SurgicalMask | Cover::WhiteMask | Cover::BlackMask | Cover::MaskUnderNose => {
                down > upper && (jaw < 1.0 || (down < 0.0 && across.abs() < 1.02))
            }
            Cover::DarkGlasses => lens < 1.0 || (bar.1.abs() < 0.03 && bar.0.abs() < 0.95),
            Cover::ClearGlasses => (0.93..1.0).contains(&lens),
        };
        if !drawn {
            return pixel;
        }
        // Cloth is darker to the sides, and has folds.
        let pleated = matches!(cover, Cover::SurgicalMask | Cover::MaskUnderNose);
        let folds = if pleated && (down * 20.0).sin() > 0.7 { 0.88 } else { 1.0 };
        let light = folds * (1.08 - 0.3 * (across / 1.1).powi(2).min(1.0));
        Rgb(colour.map(|value: f32| (value * light).clamp(0.0, 255.0) as u8))
    })
}
