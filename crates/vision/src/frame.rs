//! A decoded picture.

use std::fmt;

use faceauth_domain::capture::ImageSize;
use faceauth_domain::wiped::WipedBytes;
use opencv::boxed_ref::BoxedRef;
use opencv::core::{Mat, Vec3b};

/// Most memory that is kept from one frame to the next: what a camera sends (1280 x 1024). Larger
/// pictures are rare, and cost new pages each time.
const KEPT_BYTES: usize = 4 << 20;

/// Memory for pixels, all of it zero. Asking the kernel for new pages costs a third of decoding.
#[derive(Default)]
pub struct PixelBuffer(Vec<u8>);

impl PixelBuffer {
    /// `length` bytes, zero.
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        let mut pixels = std::mem::take(&mut self.0);
        if pixels.capacity() < length {
            return vec![0; length];
        }
        pixels.resize(length, 0);
        pixels
    }
}

/// Upright RGB pixels, 8 bits a channel, rows top to bottom. Overwritten on drop.
pub struct Frame {
    pixels: WipedBytes,
    size: ImageSize,
}

impl Frame {
    /// Wraps `pixels`, which hold `3 * width * height` bytes.
    ///
    /// `None` when they do not.
    #[must_use]
    pub fn new(pixels: Vec<u8>, size: ImageSize) -> Option<Self> {
        let pixels = WipedBytes::from(pixels);
        let expected = 3 * size.width as usize * size.height as usize;
        (pixels.len() == expected && expected > 0).then_some(Self { pixels, size })
    }

    /// The memory of a frame that has been seen, for the next one.
    #[must_use]
    pub fn recycle(self) -> PixelBuffer {
        let zeroed = self.pixels.into_zeroed();
        if zeroed.capacity() > KEPT_BYTES { PixelBuffer::default() } else { PixelBuffer(zeroed) }
    }

    /// Dimensions in pixels.
    #[must_use]
    pub fn size(&self) -> ImageSize {
        self.size
    }

    /// Red, green and blue at column `x`, row `y`.
    ///
    /// # Panics
    /// Outside of the frame.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let start = 3 * (y as usize * self.size.width as usize + x as usize);
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    /// The pixels as an OpenCV matrix that borrows them: nothing is copied.
    pub(crate) fn mat(&self) -> opencv::Result<BoxedRef<'_, Mat>> {
        // Sides are at most 4096 by the decode cap, so they fit.
        let (rows, cols) = (self.size.height as i32, self.size.width as i32);
        Mat::new_rows_cols_with_bytes::<Vec3b>(rows, cols, &self.pixels)
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}x{})", self.size.width, self.size.height)
    }
}
