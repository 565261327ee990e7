//! Whether what is behind the face is another scene from one frame to the next.
//!
//! A histogram of brightness separates rooms, however the camera moves. But it also sees another
//! room when the camera's exposure adapts. So a change of brightness does not count where exposure
//! can explain it: when the face has become brighter by the same factor, or when the order of
//! bright and dark places is the same.

use opencv::core::{self, Mat, Rect, Size};
use opencv::imgproc;
use opencv::prelude::*;

use super::trace::{self, Trace};
use crate::error::VisionError;

/// Least part of the picture that must be background to compare backgrounds.
const MIN_BACKGROUND: f32 = 0.15;

/// Bins of a grey histogram.
const BINS: usize = 16;

/// Most that a camera changes its exposure by between two frames, as a factor of brightness.
const MAX_GAIN: f32 = 3.0;

/// Cells along the long side of the picture whose order of brightness is compared. Coarse, so that
/// a hand that shakes does not matter.
const CELLS: i32 = 40;

/// Least number of cells for an order to mean something.
const MIN_CELLS: usize = 60;

/// Least standard deviation of the cells' brightness, in grey levels: the order of a plain wall is
/// noise.
const MIN_SPREAD: f32 = 6.0;

/// Rank correlation from which two pictures show one scene in another light.
const SAME_SCENE: f32 = 0.8;

/// Share of the background, outside of both faces and what is below them, whose brightness is
/// another one and not for the camera's exposure. `None` where there is too little background.
pub(super) fn change(a: &Trace, b: &Trace) -> Result<Option<f32>, VisionError> {
    if a.grey.size()? != b.grey.size()? {
        return Ok(Some(1.0));
    }
    let mask = background(a, b)?;
    let bytes = mask.data_bytes()?;
    let seen = bytes.iter().filter(|m| **m > 0).count();
    if (seen as f32) < MIN_BACKGROUND * bytes.len() as f32 {
        return Ok(None);
    }
    let (before, after) = (histogram(a, bytes)?, histogram(b, bytes)?);
    let as_it_is = difference(&before, &after, 1.0);
    let as_bright = gain(a, b)?.map_or(1.0, |gain| difference(&before, &after, gain));
    let ordered = match order(&a.grey, &b.grey, &mask)? {
        Some(correlation) if correlation >= SAME_SCENE => 1.0 - correlation,
        _ => 1.0,
    };
    Ok(Some(as_it_is.min(as_bright).min(ordered)))
}

/// 255 where neither picture has the face or the body below it.
fn background(a: &Trace, b: &Trace) -> Result<Mat, VisionError> {
    let mut mask = Mat::new_size_with_default(a.grey.size()?, core::CV_8UC1, 255.into())?;
    for face in [a.face(), b.face()].into_iter().flatten() {
        let taken = trace::person(&face) & Rect::new(0, 0, mask.cols(), mask.rows());
        if !taken.empty() {
            imgproc::rectangle(&mut mask, taken, 0.into(), imgproc::FILLED, imgproc::LINE_8, 0)?;
        }
    }
    Ok(mask)
}

/// How often each grey value occurs where the mask is set.
fn histogram(trace: &Trace, mask: &[u8]) -> Result<[usize; 256], VisionError> {
    let mut counts = [0; 256];
    for (value, _) in trace.grey.data_bytes()?.iter().zip(mask).filter(|(_, m)| **m > 0) {
        counts[usize::from(*value)] += 1;
    }
    Ok(counts)
}

/// One less the intersection of the grey histograms in [`BINS`] bins, when the first picture had
/// been exposed `gain` times as long.
fn difference(before: &[usize; 256], after: &[usize; 256], gain: f32) -> f32 {
    let bins = |counts: &[usize; 256], gain: f32| {
        let mut bins = [0; BINS];
        for (value, count) in (0u8..=255).zip(counts) {
            // Saturating, as a sensor is.
            let value = (f32::from(value) * gain) as u8;
            bins[usize::from(value) * BINS / 256] += count;
        }
        bins
    };
    let (left, right) = (bins(before, gain), bins(after, 1.0));
    let shared: usize = left.iter().zip(&right).map(|(x, y)| *x.min(y)).sum();
    let all: usize = right.iter().sum();
    1.0 - shared as f32 / all.max(1) as f32
}

/// How much brighter the face has become; `None` without two faces, or when no exposure does that.
fn gain(a: &Trace, b: &Trace) -> Result<Option<f32>, VisionError> {
    let brightness = |trace: &Trace| -> Result<Option<f32>, VisionError> {
        let Some(face) = trace.face() else { return Ok(None) };
        let area = trace::core(&face) & Rect::new(0, 0, trace.grey.cols(), trace.grey.rows());
        if area.empty() {
            return Ok(None);
        }
        let mean = core::mean_def(&Mat::roi(&*trace.grey, area)?)?;
        Ok(Some(mean[0] as f32))
    };
    let (Some(before), Some(after)) = (brightness(a)?, brightness(b)?) else { return Ok(None) };
    let gain = after / before.max(1.0);
    Ok((1.0 / MAX_GAIN..=MAX_GAIN).contains(&gain).then_some(gain))
}

/// Rank correlation (Spearman's) of the brightness of the cells that are background: 1 when the
/// cells have the same order of brightness as before, by whatever curve it changed. `None` for
/// plain backgrounds.
fn order(a: &Mat, b: &Mat, mask: &Mat) -> Result<Option<f32>, VisionError> {
    let long = a.cols().max(a.rows()).max(1);
    let side = |pixels: i32| (pixels * CELLS / long).max(1);
    let size = Size::new(side(a.cols()), side(a.rows()));
    let cells = |grey: &Mat| -> Result<Vec<u8>, VisionError> {
        let mut small = Mat::default();
        imgproc::resize(grey, &mut small, size, 0.0, 0.0, imgproc::INTER_AREA)?;
        Ok(small.data_bytes()?.to_vec())
    };
    let wholly: Vec<bool> = cells(mask)?.into_iter().map(|m| m == u8::MAX).collect();
    let values = |grey: &Mat| -> Result<Vec<f32>, VisionError> {
        let cells = cells(grey)?;
        Ok(cells.into_iter().zip(&wholly).filter(|(_, w)| **w).map(|(v, _)| f32::from(v)).collect())
    };
    let (left, right) = (values(a)?, values(b)?);
    if left.len() < MIN_CELLS || spread(&left) < MIN_SPREAD || spread(&right) < MIN_SPREAD {
        return Ok(None);
    }
    Ok(Some(correlation(&ranks(&left), &ranks(&right))))
}

/// The standard deviation.
fn spread(values: &[f32]) -> f32 {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt()
}

/// The rank of each value. Equal values share their mean rank.
fn ranks(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = |value: f32| {
        let below = sorted.partition_point(|other| *other < value);
        let not_above = sorted.partition_point(|other| *other <= value);
        (below + not_above) as f32 / 2.0
    };
    values.iter().map(|value| place(*value)).collect()
}

/// Pearson's; 0 when one of both does not vary.
fn correlation(left: &[f32], right: &[f32]) -> f32 {
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len().max(1) as f32;
    let (a, b) = (mean(left), mean(right));
    let sum = |f: &dyn Fn(f32, f32) -> f32| -> f32 {
        left.iter().zip(right).map(|(x, y)| f(x - a, y - b)).sum()
    };
    let scale = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    if scale > 0.0 { sum(&|x, y| x * y) / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use faceauth_domain::capture::ImageSize;
    use faceauth_domain::geometry::BoundingBox;

    use super::*;
    use crate::frame::Frame;
    use crate::halved::Halved;

    const SIZE: ImageSize = ImageSize { width: 320, height: 240 };
    const FACE: BoundingBox = BoundingBox { x: 120.0, y: 60.0, width: 80.0, height: 100.0 };

    /// A picture with `face` where the face is and `room` elsewhere, seen through `exposure`.
    fn trace(face: u8, room: impl Fn(u32, u32) -> f32, exposure: impl Fn(f32) -> f32) -> Trace {
        let (left, right) = (FACE.x as u32, (FACE.x + FACE.width) as u32);
        let (top, bottom) = (FACE.y as u32, (FACE.y + FACE.height) as u32);
        let mut pixels = Vec::new();
        for (x, y) in (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y))) {
            let inside = (left..right).contains(&x) && (top..bottom).contains(&y);
            let light = if inside { f32::from(face) } else { room(x, y) };
            pixels.extend([exposure(light) as u8; 3]);
        }
        let frame = Frame::new(pixels, SIZE).unwrap();
        Trace::new(&Halved::new(&frame)).unwrap().shows(Some(FACE), None)
    }

    fn changed(a: &Trace, b: &Trace) -> f32 {
        change(a, b).unwrap().unwrap()
    }

    /// A window on the left, shelves on the right.
    fn room(x: u32, y: u32) -> f32 {
        match (x, y) {
            (0..90, 20..150) => 230.0,
            (230.., _) if y % 40 < 24 => 70.0 + (x % 50) as f32,
            _ => 130.0 + y as f32 / 8.0,
        }
    }

    /// Curtains and a lamp.
    fn other_room(x: u32, y: u32) -> f32 {
        if x > 250 && y < 80 { 250.0 } else { 15.0 + 30.0 * ((x / 23) % 2) as f32 }
    }

    #[test]
    fn a_camera_that_adapts_cuts_nothing() {
        let before = trace(110, room, |light| light);
        for factor in [0.5, 0.7, 1.4, 2.0] {
            let gain = trace(110, room, |light| light * factor);
            assert!(changed(&before, &gain) < 0.2, "{factor}");
        }
        // Not one factor: dark parts are lifted more than bright ones.
        for power in [0.5, 0.7, 1.5] {
            let curve = trace(110, room, |light| 255.0 * (light / 255.0).powf(power));
            assert!(changed(&before, &curve) < 0.2, "{power}");
        }
        // A plain wall has no order, but the face has become brighter as it has.
        let wall = |x: u32, y: u32| 100.0 + ((x * 7 + y * 13) % 9) as f32;
        let (dark, bright) = (trace(90, wall, |v| v), trace(90, wall, |v| v * 1.6));
        assert!(changed(&dark, &bright) < 0.3);
    }

    #[test]
    fn another_room_is_another_room_in_whatever_light() {
        let before = trace(110, room, |light| light);
        for factor in [0.5, 0.7, 1.0, 1.4, 2.0] {
            let after = trace(110, other_room, |light| light * factor);
            assert!(changed(&before, &after) > 0.6, "{factor}");
        }
        // The same room by its histogram alone, and the light turned on behind one face.
        let wall = |value: f32| move |x: u32, y: u32| value + ((x * 7 + y * 13) % 9) as f32;
        let (dark, bright) = (trace(110, wall(70.0), |v| v), trace(110, wall(200.0), |v| v));
        assert!(changed(&dark, &bright) > 0.6);
    }

    #[test]
    fn ranks_and_their_correlation() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [2.0, 0.5, 2.0, 3.5]);
        let order = ranks(&[1.0, 2.0, 4.0, 8.0]);
        assert!((correlation(&order, &ranks(&[1.0, 10.0, 11.0, 99.0])) - 1.0).abs() < 1e-6);
        assert!((correlation(&order, &ranks(&[4.0, 3.0, 2.0, 1.0])) + 1.0).abs() < 1e-6);
        assert_eq!(correlation(&order, &[1.0; 4]), 0.0);
    }
}
