//! The people that can be drawn: where the features are in each portrait.
//!
//! All places are columns and rows of the portrait, read off it by hand at a fourfold
//! magnification: landmark models are a few pixels off, and what is drawn here measures
//! them.

mod biden;
mod collins;
mod obama;

use super::portrait::Portrait;

/// Whose portrait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// Barack Obama, looking into the camera, smiling.
    Obama,
    /// Joe Biden, turned a little to the right of the image and tilted.
    Biden,
    /// Eileen Collins in a space suit, smiling; a small face.
    Collins,
}

impl Person {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Obama, Self::Biden, Self::Collins];

    /// The portrait's name among [`photos`].
    #[must_use]
    pub fn photo(self) -> &'static str {
        self.portrait().photo
    }

    pub(super) fn portrait(self) -> &'static Portrait {
        match self {
            Self::Obama => &obama::PORTRAIT,
            Self::Biden => &biden::PORTRAIT,
            Self::Collins => &collins::PORTRAIT,
        }
    }
}
