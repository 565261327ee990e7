//! Which pictures are new and which were there before.

use faceauth_domain::liveness::evidence::Recurrence;
use opencv::core::{self, Mat, Rect};
use opencv::prelude::*;

use super::trace::Trace;
use crate::error::VisionError;

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
pub(super) fn difference(a: &Trace, b: &Trace) -> Result<f32, VisionError> {
    if a.grey.size()? != b.grey.size()? {
        return Ok(f32::from(u8::MAX));
    }
    let whole = Rect::new(0, 0, a.grey.cols(), a.grey.rows());
    let face = a.face().map_or(whole, |b| {
        Rect::new(b.x as i32, b.y as i32, b.width as i32, b.height as i32) & whole
    });
    let area = if face.empty() { whole } else { face };
    let (left, right) = (Mat::roi(&*a.grey, area)?, Mat::roi(&*b.grey, area)?);
    let sum = core::norm2(&left, &right, core::NORM_L1, &core::no_array())?;
    Ok((sum / f64::from(area.area().max(1))) as f32)
}
