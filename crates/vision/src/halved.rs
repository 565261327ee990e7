//! A frame at less than its size, by halves that are made once for all who look at it smaller.

use std::borrow::Cow;
use std::cell::OnceCell;

use faceauth_domain::capture::ImageSize;
use opencv::core::{Mat, Size, ToInputArray};
use opencv::prelude::*;

use crate::crop;
use crate::error::VisionError;
use crate::frame::Frame;
use crate::manifest::Filter;
use crate::wiped::Wiped;

/// A frame and its half.
pub(crate) struct Halved<'a> {
    frame: &'a Frame,
    /// Made when somebody first needs it.
    half: OnceCell<Wiped>,
}

impl<'a> Halved<'a> {
    pub(crate) fn new(frame: &'a Frame) -> Self {
        Self { frame, half: OnceCell::new() }
    }

    /// The frame itself.
    pub(crate) fn frame(&self) -> &'a Frame {
        self.frame
    }

    /// The frame at `target`, which is not larger, by halves as far as they go: a half is the mean
    /// of four pixels, which OpenCV computes ten times as fast as any other average.
    pub(crate) fn at(&self, target: ImageSize) -> Result<Cow<'_, Mat>, VisionError> {
        // Sides are at most 4096 by the decode cap, so they fit.
        let target = Size::new(target.width as i32, target.height as i32);
        let whole = self.frame.mat()?;
        let Some(size) = half_of(whole.size()?, target) else {
            return Ok(Cow::Owned(crop::resize(&whole, target, Filter::Area)?));
        };
        let mut shrunk: Cow<'_, Mat> = Cow::Borrowed(self.half(&whole, size)?);
        while let Some(size) = half_of(shrunk.size()?, target) {
            shrunk = Cow::Owned(crop::resize(&*shrunk, size, Filter::Area)?);
        }
        if shrunk.size()? == target {
            Ok(shrunk)
        } else {
            Ok(Cow::Owned(crop::resize(&*shrunk, target, Filter::Area)?))
        }
    }

    fn half(
        &self,
        whole: &(impl MatTraitConst + ToInputArray),
        size: Size,
    ) -> Result<&Mat, VisionError> {
        if let Some(made) = self.half.get() {
            return Ok(&**made);
        }
        let made = crop::resize(whole, size, Filter::Area)?;
        Ok(&**self.half.get_or_init(|| made.into()))
    }
}

/// Half of `size`, where that is exact and not smaller than `target`.
fn half_of(size: Size, target: Size) -> Option<Size> {
    let even = size.width % 2 == 0 && size.height % 2 == 0;
    let half = Size::new(size.width / 2, size.height / 2);
    (even && half.width >= target.width && half.height >= target.height).then_some(half)
}

#[cfg(test)]
mod tests {
    use opencv::core::Vec3b;

    use super::*;

    fn frame(width: u32, height: u32) -> Frame {
        let pixels = (0..3 * width * height).map(|i| (i * 7 % 251) as u8).collect();
        Frame::new(pixels, ImageSize { width, height }).unwrap()
    }

    #[test]
    fn every_size_is_made_and_the_half_is_made_once() {
        let frame = frame(64, 48);
        let halved = Halved::new(&frame);
        for (width, height) in [(32, 24), (20, 15), (16, 12), (40, 30)] {
            let shrunk = halved.at(ImageSize { width, height }).unwrap();
            assert_eq!((shrunk.cols() as u32, shrunk.rows() as u32), (width, height));
        }
        let half = ImageSize { width: 32, height: 24 };
        let (one, other) = (halved.at(half).unwrap(), halved.at(half).unwrap());
        assert_eq!(one.data_bytes().unwrap().as_ptr(), other.data_bytes().unwrap().as_ptr());
    }

    #[test]
    fn a_half_is_the_mean_of_four_pixels() {
        let frame = frame(8, 6);
        let halved = Halved::new(&frame);
        let shrunk = halved.at(ImageSize { width: 4, height: 3 }).unwrap();
        let sum: u32 = [(2, 2), (3, 2), (2, 3), (3, 3)]
            .into_iter()
            .map(|(x, y)| u32::from(frame.pixel(x, y)[0]))
            .sum();
        let found = u32::from(shrunk.at_2d::<Vec3b>(1, 1).unwrap()[0]);
        assert!((4 * found).abs_diff(sum) <= 2, "{found}, not {sum} / 4");
    }
}
