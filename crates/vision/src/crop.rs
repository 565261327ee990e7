//! Cutting a part around a face box out of a picture and stretching it to an input size.

use faceauth_domain::capture::ImageSize;
use faceauth_domain::geometry::BoundingBox;
use opencv::core::{self, Mat, Rect, Scalar, Size, ToInputArray};
use opencv::imgproc;
use opencv::prelude::*;

use crate::manifest::{Crop, CropKind, Filter};

/// The rectangle `crop` cuts around `face`, in whole pixels; may reach past the picture
/// for the kinds that fill with black.
pub(crate) fn region(face: &BoundingBox, crop: Crop, size: ImageSize) -> Rect {
    let centre = face.centre();
    let about_centre = |side: f32| BoundingBox {
        x: centre.x - side / 2.0,
        y: centre.y - side / 2.0,
        width: side,
        height: side,
    };
    match crop.kind {
        CropKind::SquareOnHeight => rounded(&about_centre(face.height * crop.scale)),
        CropKind::SquareOnLongest => {
            rounded(&about_centre(face.width.max(face.height) * crop.scale))
        }
        CropKind::ShiftedSquareOnHeight => {
            shifted(&clipped(&about_centre(face.height), size), crop.scale, size)
        }
        CropKind::ShiftedBox => shifted(face, crop.scale, size),
    }
}

fn rounded(b: &BoundingBox) -> Rect {
    // Saturating float-to-int casts: a wild box stays a wild box instead of wrapping.
    let (x, y) = (b.x.round() as i32, b.y.round() as i32);
    Rect::new(x, y, (b.width.round() as i32).max(1), (b.height.round() as i32).max(1))
}

fn clipped(b: &BoundingBox, size: ImageSize) -> BoundingBox {
    let (right, bottom) = (size.width as f32, size.height as f32);
    let (x, y) = (b.x.clamp(0.0, right), b.y.clamp(0.0, bottom));
    BoundingBox {
        x,
        y,
        width: (b.x + b.width).clamp(0.0, right) - x,
        height: (b.y + b.height).clamp(0.0, bottom) - y,
    }
}

/// Scales `b` about its centre as far as the picture allows and shifts it inside
/// (the rule of minivision-ai/Silent-Face-Anti-Spoofing, `CropImage`).
fn shifted(b: &BoundingBox, scale: f32, size: ImageSize) -> Rect {
    let (last_x, last_y) = (size.width as f32 - 1.0, size.height as f32 - 1.0);
    let scale = scale.min(last_x / b.width.max(1.0)).min(last_y / b.height.max(1.0));
    let (width, height) = (b.width * scale, b.height * scale);
    let centre = b.centre();
    let x = (centre.x - width / 2.0).min(last_x - width).max(0.0);
    let y = (centre.y - height / 2.0).min(last_y - height).max(0.0);
    // Both ends are truncated, and the last pixel belongs to the crop.
    let (left, top) = (x as i32, y as i32);
    let right = ((x + width) as i32).min(last_x as i32);
    let bottom = ((y + height) as i32).min(last_y as i32);
    Rect::new(left, top, (right - left + 1).max(1), (bottom - top + 1).max(1))
}

/// Cuts `region` out of `picture`, black where it reaches outside, and stretches it to
/// `width` x `height`.
pub(crate) fn cut(
    picture: &(impl MatTraitConst + ToInputArray),
    region: Rect,
    (width, height): (usize, usize),
    filter: Filter,
) -> opencv::Result<Mat> {
    let inside = region & whole(picture);
    let target = Size::new(width as i32, height as i32);
    if inside.empty() {
        Mat::new_size_with_default(target, picture.typ(), Scalar::default())
    } else if inside == region {
        resize(&Mat::roi(picture, inside)?, target, filter)
    } else {
        resize(&padded(picture, region, inside)?, target, filter)
    }
}

/// A copy of `region` as it is, black where it reaches outside. `None` when all of it does.
pub(crate) fn copy(
    picture: &(impl MatTraitConst + ToInputArray),
    region: Rect,
) -> opencv::Result<Option<Mat>> {
    let inside = region & whole(picture);
    if inside.empty() { Ok(None) } else { padded(picture, region, inside).map(Some) }
}

fn whole(picture: &impl MatTraitConst) -> Rect {
    Rect::new(0, 0, picture.cols(), picture.rows())
}

/// What of `region` is `inside` of `picture`, with black around it.
fn padded(
    picture: &(impl MatTraitConst + ToInputArray),
    region: Rect,
    inside: Rect,
) -> opencv::Result<Mat> {
    let mut padded = Mat::default();
    core::copy_make_border(
        &Mat::roi(picture, inside)?,
        &mut padded,
        inside.y - region.y,
        region.y + region.height - inside.y - inside.height,
        inside.x - region.x,
        region.x + region.width - inside.x - inside.width,
        core::BORDER_CONSTANT | core::BORDER_ISOLATED,
        Scalar::default(),
    )?;
    Ok(padded)
}

/// Resizes to `target`; [`Filter::Area`] averages when shrinking and interpolates when
/// enlarging.
pub(crate) fn resize(
    picture: &(impl MatTraitConst + ToInputArray),
    target: Size,
    filter: Filter,
) -> opencv::Result<Mat> {
    let shrinks = target.width < picture.cols() || target.height < picture.rows();
    let interpolation = match filter {
        Filter::Area if shrinks => imgproc::INTER_AREA,
        Filter::Area | Filter::Linear => imgproc::INTER_LINEAR,
    };
    let mut resized = Mat::default();
    imgproc::resize(picture, &mut resized, target, 0.0, 0.0, interpolation)?;
    Ok(resized)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: ImageSize = ImageSize { width: 200, height: 100 };

    fn rect(kind: CropKind, scale: f32, face: BoundingBox) -> Rect {
        region(&face, Crop { kind, scale, filter: Filter::Linear }, SIZE)
    }

    #[test]
    fn squares_may_reach_outside() {
        let face = BoundingBox { x: 0.0, y: 0.0, width: 20.0, height: 40.0 };
        assert_eq!(rect(CropKind::SquareOnHeight, 1.0, face), Rect::new(-10, 0, 40, 40));
        assert_eq!(rect(CropKind::SquareOnLongest, 2.0, face), Rect::new(-30, -20, 80, 80));
    }

    #[test]
    fn shifted_crops_stay_inside() {
        for (x, y) in [(-5.0, -5.0), (0.0, 60.0), (170.0, 70.0), (90.0, 40.0)] {
            let face = BoundingBox { x, y, width: 30.0, height: 36.0 };
            for kind in [CropKind::ShiftedBox, CropKind::ShiftedSquareOnHeight] {
                for scale in [1.0, 2.7, 40.0] {
                    let r = rect(kind, scale, face);
                    assert_eq!(r & Rect::new(0, 0, 200, 100), r, "{kind:?} {scale} at {x},{y}");
                }
            }
        }
    }

    #[test]
    fn outside_is_black() {
        let white =
            Mat::new_rows_cols_with_default(4, 4, core::CV_8UC1, Scalar::all(255.0)).unwrap();
        let cutout = cut(&white, Rect::new(-4, 0, 8, 4), (8, 4), Filter::Linear).unwrap();
        assert_eq!(*cutout.at_2d::<u8>(2, 1).unwrap(), 0);
        assert_eq!(*cutout.at_2d::<u8>(2, 6).unwrap(), 255);
        let nothing = cut(&white, Rect::new(90, 90, 8, 4), (2, 2), Filter::Area).unwrap();
        assert_eq!(*nothing.at_2d::<u8>(1, 1).unwrap(), 0);
    }
}
