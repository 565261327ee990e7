//! Whether a picture has as many pixels as it seems to have.
//!
//! A small face that was enlarged by repeating pixels has hard edges where the repeated pixels
//! meet, and these count as sharp. Between the edges nothing changes, and that is the sign.

use faceauth_domain::geometry::BoundingBox;
use opencv::core::Rect;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::frame::Frame;

/// A column or row of pixels counts when it differs from its neighbour by this share of what
/// neighbours differ by on average.
const LIVE: f32 = 0.5;

/// Pictures with a smaller share of columns and rows that count were enlarged. Of LFW the least is
/// 0.76, and 0.64 as JPEG of quality 10; a picture enlarged twice has 0.5.
const ENLARGED: f32 = 0.62;

/// Bytes of a pixel.
const CHANNELS: usize = 3;
/// The channel that counts.
const GREEN: usize = 1;

/// At most this many rows or columns are read, because a mean needs no more.
const LINES: usize = 64;

/// Share of a face's pixels across that are pixels of their own: 1 of an ordinary picture, 1 in `n`
/// of one that was enlarged by repeating each pixel `n` times.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub(crate) fn own_pixels(frame: &Frame, face: &BoundingBox) -> Result<f32, VisionError> {
    let picture = frame.mat()?;
    let whole = Rect::new(0, 0, picture.cols(), picture.rows());
    // Saturating casts: a wild box stays a wild box.
    let region = Rect::new(face.x as i32, face.y as i32, face.width as i32, face.height as i32);
    let region =
        if region.width > 0 && region.height > 0 { region & whole } else { return Ok(1.0) };
    if region.width < 2 || region.height < 2 {
        return Ok(1.0);
    }
    let (left, top) = (region.x as usize, region.y as usize);
    let (width, height) = (region.width as usize, region.height as usize);
    let (bytes, columns) = (picture.data_bytes()?, picture.cols() as usize);
    // The pixels of one row of the face, where they lie.
    let row = |y: usize| {
        let start = (top + y) * columns + left;
        bytes.as_chunks::<CHANNELS>().0.get(start..start + width).unwrap_or_default()
    };
    let share = live(&across(height, width, row)).max(live(&down(height, width, row)));
    Ok(if share < ENLARGED { share } else { 1.0 })
}

/// How much two pixels differ in green.
fn change(one: &[u8; CHANNELS], other: &[u8; CHANNELS]) -> u32 {
    u32::from(one[GREEN].abs_diff(other[GREEN]))
}

/// By how much each column of the face differs from the one before, over some of the rows.
fn across<'a>(
    height: usize,
    width: usize,
    row: impl Fn(usize) -> &'a [[u8; CHANNELS]],
) -> Vec<u32> {
    let mut steps = vec![0; width - 1];
    for y in (0..height).step_by(height.div_ceil(LINES)) {
        for (step, [before, after]) in steps.iter_mut().zip(row(y).array_windows()) {
            *step += change(before, after);
        }
    }
    steps
}

/// By how much each row of the face differs from the one before, over some of the columns.
fn down<'a>(height: usize, width: usize, row: impl Fn(usize) -> &'a [[u8; CHANNELS]]) -> Vec<u32> {
    let stride = width.div_ceil(LINES);
    let step = |y: usize| {
        let pairs = row(y - 1).iter().step_by(stride).zip(row(y).iter().step_by(stride));
        pairs.map(|(before, after)| change(before, after)).sum()
    };
    (1..height).map(step).collect()
}

/// Share of the steps at which something changes.
fn live(steps: &[u32]) -> f32 {
    let count = steps.len().max(1) as f32;
    let least = LIVE * steps.iter().sum::<u32>() as f32 / count;
    steps.iter().filter(|step| **step as f32 >= least).count() as f32 / count
}

#[cfg(test)]
mod tests {
    use faceauth_domain::capture::ImageSize;

    use super::*;

    const FACE: BoundingBox = BoundingBox { x: 20.0, y: 20.0, width: 120.0, height: 120.0 };

    fn frame(value: impl Fn(u32, u32) -> u8) -> Frame {
        let size = ImageSize { width: 160, height: 160 };
        let pixels = (0..size.height)
            .flat_map(|y| (0..size.width).map(move |x| (x, y)))
            .flat_map(|(x, y)| [value(x, y); 3])
            .collect();
        Frame::new(pixels, size).unwrap()
    }

    /// Something that changes everywhere.
    fn rough(x: u32, y: u32) -> u8 {
        (x.wrapping_mul(2_654_435_761).rotate_left(7) ^ y.wrapping_mul(40_503)) as u8
    }

    #[test]
    fn repeated_pixels_are_counted_once() {
        assert_eq!(own_pixels(&frame(rough), &FACE).unwrap(), 1.0);
        for times in [2, 3, 5, 8] {
            let enlarged = frame(|x, y| rough(x / times, y / times));
            let share = own_pixels(&enlarged, &FACE).unwrap();
            assert!((share - 1.0 / times as f32).abs() < 0.03, "{times}: {share}");
        }
    }

    #[test]
    fn faces_outside_and_flat_pictures_are_no_panic() {
        let rough = frame(rough);
        for (x, y, width, height) in
            [(-1e9, 5.0, 50.0, 50.0), (159.0, 159.0, 5.0, 5.0), (5.0, 5.0, 0.0, 0.0)]
        {
            assert_eq!(own_pixels(&rough, &BoundingBox { x, y, width, height }).unwrap(), 1.0);
        }
        assert_eq!(own_pixels(&frame(|_, _| 9), &FACE).unwrap(), 1.0);
    }
}
