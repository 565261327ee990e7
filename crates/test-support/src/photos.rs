//! The real photos tests run on. Their provenance is in `PHOTOS.md`.

use crate::paths;

/// A portrait of Barack Obama; the reference in most tests.
pub const OBAMA: &str = "obama.jpg";
/// The same man on another day, speaking.
pub const OBAMA_OTHER_DAY: &str = "obama2.jpg";
/// The same man, full length, in a wide room.
pub const OBAMA_FULL_LENGTH: &str = "obama3.jpg";
/// Another man: Joe Biden.
pub const BIDEN: &str = "biden.jpg";
/// A woman in a space suit: Eileen Collins. 512x512.
pub const ASTRONAUT: &str = "astronaut.png";
/// Four women side by side.
pub const GROUP_OF_FOUR: &str = "group-four.jpg";
/// Pictures without a human face.
pub const FACELESS: [&str; 7] = [
    "chelsea-cat.png",
    "coffee.png",
    "rocket.jpg",
    "hubble.jpg",
    "brick.png",
    "motorcycle.png",
    "page.png",
];

/// The encoded bytes of a photo.
///
/// # Panics
/// When set-up has not fetched it.
#[must_use]
pub fn bytes(name: &str) -> Vec<u8> {
    let path = paths::existing(paths::root().join(".dev/photos").join(name));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The decoded pixels of a photo, as the `image` crate reads them.
///
/// # Panics
/// When set-up has not fetched it.
#[must_use]
pub fn pixels(name: &str) -> image::RgbImage {
    image::load_from_memory(&bytes(name)).unwrap_or_else(|e| panic!("{name}: {e}")).to_rgb8()
}

/// `picture` as a JPEG of `quality` 1 to 100.
///
/// # Panics
/// Never: encoding into memory cannot fail for a non-empty picture.
#[must_use]
pub fn jpeg(picture: &image::RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .expect("encode a JPEG into memory");
    bytes
}

/// `picture` as a PNG.
///
/// # Panics
/// Never: encoding into memory cannot fail for a non-empty picture.
#[must_use]
pub fn png(picture: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("encode a PNG into memory");
    bytes.into_inner()
}
