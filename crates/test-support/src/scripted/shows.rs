//! Pictures that say what the scripted analyzer finds in them.

use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::Action;
use faceauth_domain::quality::QualityReason;

/// Distance between the grey values of two scripts: more than a JPEG moves one, and little
/// enough that every script has one below 255.
const GREY_STEP: u8 = 10;

/// Side of a picture in pixels.
const PICTURE_SIDE: u32 = 8;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// One of many people; each matches only themselves.
    Person(u8),
    /// A person whose picture looks like a print.
    Print(u8),
    /// Nobody.
    Nobody,
    /// Several people.
    Crowd,
    /// A face that is not usable for this reason.
    Unusable(QualityReason),
    /// Bytes that do not decode.
    Garbage,
    /// More pixels than memory allows.
    Huge,
    /// Something that makes the analyzer fail.
    Failure,
}

impl Shows {
    /// Everything, in the order of the grey values that stand for it.
    fn all() -> Vec<Self> {
        let people = (0..4).flat_map(|n| [Self::Person(n), Self::Print(n)]);
        let reasons = QualityReason::ALL.into_iter().map(Self::Unusable);
        let rest = [Self::Nobody, Self::Crowd, Self::Garbage, Self::Huge, Self::Failure];
        people.chain(reasons).chain(rest).collect()
    }

    /// A PNG that shows it. PNG keeps grey values exactly.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn picture(self) -> Vec<u8> {
        crate::photos::png(&image::DynamicImage::ImageLuma8(self.pixels()))
    }

    /// A JPEG that shows it.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn jpeg(self) -> Vec<u8> {
        crate::photos::jpeg(&image::DynamicImage::ImageLuma8(self.pixels()).to_rgb8(), 100)
    }

    fn pixels(self) -> image::GrayImage {
        image::GrayImage::from_pixel(PICTURE_SIDE, PICTURE_SIDE, image::Luma([self.grey()]))
    }

    fn grey(self) -> u8 {
        let index = Self::all().iter().position(|shows| *shows == self).expect("a grey value");
        GREY_STEP * index as u8
    }

    /// A frame that shows it in the middle of `action`. The width of the picture encodes the
    /// action. Two salts never give the same bytes.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn frame(self, action: Option<Action>, salt: u32) -> Vec<u8> {
        let code = action.map_or(0, |wanted| {
            1 + Action::ALL.iter().position(|a| *a == wanted).expect("an action") as u32
        });
        let mut picture = image::GrayImage::from_pixel(
            PICTURE_SIDE + code,
            PICTURE_SIDE,
            image::Luma([self.grey()]),
        );
        for (x, byte) in salt.to_be_bytes().into_iter().enumerate() {
            picture.put_pixel(x as u32, PICTURE_SIDE - 1, image::Luma([byte]));
        }
        crate::photos::png(&image::DynamicImage::ImageLuma8(picture))
    }

    pub(super) fn of(image: &EncodedImage) -> Self {
        let grey =
            image::load_from_memory(image.bytes()).map(|i| i.to_luma8().get_pixel(0, 0).0[0]);
        // To the nearest: JPEG moves grey values a little.
        let index = grey.map(|grey| usize::from((grey + GREY_STEP / 2) / GREY_STEP));
        index.ok().and_then(|i| Self::all().get(i).copied()).unwrap_or(Self::Garbage)
    }
}

/// The action that a frame stands for, by its width; the inverse of [`Shows::frame`].
pub(super) fn action(frame: &EncodedImage) -> Option<Action> {
    let code = frame.size().width.checked_sub(PICTURE_SIDE + 1)?;
    Action::ALL.get(code as usize).copied()
}

/// Milliseconds between the frames of [`performance`].
pub const FRAME_MS: u32 = 400;

/// The frames of a person who performs `actions`, with their times: straight at the start, there
/// and back for each, straight at the end. Another `salt` gives other bytes.
#[must_use]
pub fn performance(shows: Shows, actions: &[Action], salt: u32) -> Vec<(u32, Vec<u8>)> {
    let straight = [None, None];
    let there_and_back = actions.iter().flat_map(|action| {
        // Eyes are held shut.
        let held = if *action == Action::Blink { 2 } else { 1 };
        std::iter::repeat_n(Some(*action), held).chain([None])
    });
    straight
        .into_iter()
        .chain(there_and_back)
        .chain(straight)
        .enumerate()
        .map(|(index, action)| {
            let index = index as u32;
            (index * FRAME_MS, shows.frame(action, (salt << 8) + index))
        })
        .collect()
}
