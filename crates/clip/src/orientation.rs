//! Which way up a clip is shown.
//!
//! Phones record as the sensor lies and say in the container how to turn it. OpenCV would turn it
//! too, but some of its versions turn 90 degrees the wrong way (Debian's 4.6 does) and none
//! mirrors. So we read the container here, and tell OpenCV not to turn the pictures.

use faceauth_domain::clip::{ClipFormat, EncodedClip};
use opencv::core::{self, Mat};

use crate::matrix::Matrix;
use crate::{matroska, mp4};

/// One of the eight ways in which a rectangle can lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Orientation {
    /// Rows become columns; before the other two.
    transposed: bool,
    /// Left becomes right.
    mirrored: bool,
    /// Top becomes bottom.
    flipped: bool,
}

impl Orientation {
    /// What the container of `clip` says of its first video track; upright when it says nothing
    /// that can be understood.
    pub fn of(clip: &EncodedClip) -> Self {
        let matrix = match clip.format() {
            ClipFormat::Mp4 => mp4::display_matrix(clip.bytes()),
            ClipFormat::WebM => matroska::display_matrix(clip.bytes()),
        };
        matrix.map(Self::from_matrix).unwrap_or_default()
    }

    /// The nearest orientation: what is turned by other angles is shown nearly so.
    fn from_matrix(Matrix { a, b, c, d }: Matrix) -> Self {
        let transposed = b.abs() + c.abs() > a.abs() + d.abs();
        let (x, y) = if transposed { (c, b) } else { (a, d) };
        Self { transposed, mirrored: x < 0.0, flipped: y < 0.0 }
    }

    /// `picture` as it is shown.
    pub fn apply(self, picture: Mat) -> opencv::Result<Mat> {
        let mut shown = picture;
        if self.transposed {
            let mut transposed = Mat::default();
            core::transpose(&shown, &mut transposed)?;
            shown = transposed;
        }
        // OpenCV's codes: 0 flips top and bottom, 1 left and right, -1 both.
        let code = match (self.mirrored, self.flipped) {
            (false, false) => return Ok(shown),
            (false, true) => 0,
            (true, false) => 1,
            (true, true) => -1,
        };
        let mut flipped = Mat::default();
        core::flip(&shown, &mut flipped, code)?;
        Ok(flipped)
    }
}

#[cfg(test)]
mod tests {
    use opencv::prelude::*;

    use super::*;

    /// What becomes of the picture 1 2 3 / 4 5 6.
    fn shown(a: f64, b: f64, c: f64, d: f64) -> Vec<Vec<u8>> {
        let picture = Mat::from_slice_2d(&[[1u8, 2, 3], [4, 5, 6]]).unwrap();
        let shown = Orientation::from_matrix(Matrix { a, b, c, d }).apply(picture).unwrap();
        shown.to_vec_2d().unwrap()
    }

    #[test]
    fn all_eight_ways() {
        assert_eq!(shown(1.0, 0.0, 0.0, 1.0), [[1, 2, 3], [4, 5, 6]]);
        assert_eq!(shown(-1.0, 0.0, 0.0, 1.0), [[3, 2, 1], [6, 5, 4]]);
        assert_eq!(shown(1.0, 0.0, 0.0, -1.0), [[4, 5, 6], [1, 2, 3]]);
        assert_eq!(shown(-1.0, 0.0, 0.0, -1.0), [[6, 5, 4], [3, 2, 1]]);
        // A quarter clockwise and one back, and the two diagonals.
        assert_eq!(shown(0.0, 1.0, -1.0, 0.0), [[4, 1], [5, 2], [6, 3]]);
        assert_eq!(shown(0.0, -1.0, 1.0, 0.0), [[3, 6], [2, 5], [1, 4]]);
        assert_eq!(shown(0.0, 1.0, 1.0, 0.0), [[1, 4], [2, 5], [3, 6]]);
        assert_eq!(shown(0.0, -1.0, -1.0, 0.0), [[6, 3], [5, 2], [4, 1]]);
    }

    #[test]
    fn what_is_no_orientation_is_upright() {
        assert_eq!(shown(0.0, 0.0, 0.0, 0.0), [[1, 2, 3], [4, 5, 6]]);
        assert_eq!(shown(f64::NAN, 0.0, 0.0, 1.0), [[1, 2, 3], [4, 5, 6]]);
    }
}
