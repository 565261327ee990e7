//! Pictures of faces in native memory.

use std::ops::Deref;

use opencv::core::Mat;
use opencv::prelude::*;
use zeroize::Zeroize as _;

/// A continuous picture that is overwritten before its memory is given back: a face is recognisable
/// in a crop, and even in a small grey picture.
#[derive(Default)]
pub(crate) struct Wiped(Mat);

impl From<Mat> for Wiped {
    fn from(picture: Mat) -> Self {
        Self(picture)
    }
}

impl Deref for Wiped {
    type Target = Mat;

    fn deref(&self) -> &Mat {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        if let Ok(bytes) = self.0.data_bytes_mut() {
            bytes.zeroize();
        }
    }
}
