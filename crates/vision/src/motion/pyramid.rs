//! A grey picture in the sizes in which points are followed.

use opencv::core::{self, Mat, Size, Vector};
use opencv::video;

use crate::error::VisionError;

/// Window of the point tracker, in pixels of the grey picture, and its pyramid levels: a
/// face that moves 60 pixels is followed. OpenCV takes eight pixels of a row at once and the rest one
/// by one, so a window of 15 takes longer.
pub(super) const WINDOW: i32 = 16;
pub(super) const LEVELS: i32 = 3;

/// `grey` in all sizes, the finest first.
pub(super) fn pyramid(grey: &Mat) -> Result<Vector<Mat>, VisionError> {
    let mut levels = Vector::<Mat>::new();
    let window = Size::new(WINDOW, WINDOW);
    // Without gradients: only the first picture of a transition needs them, and not every frame is.
    video::build_optical_flow_pyramid(
        grey,
        &mut levels,
        window,
        LEVELS,
        false,
        core::BORDER_REFLECT_101,
        core::BORDER_CONSTANT,
        false,
    )?;
    Ok(levels)
}
