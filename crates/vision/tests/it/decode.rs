//! Hostile and unusual pictures.

use faceauth_domain::analyzer::ImageProblem;
use faceauth_domain::capture::{EncodedImage, ImageSize};
use faceauth_test_support::{hostile, photos};
use faceauth_vision::decode::decode;
use image::{DynamicImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba};

use crate::support::encoded;

fn size_of(bytes: Vec<u8>) -> Result<ImageSize, ImageProblem> {
    decode(&encoded(bytes)).map(|frame| frame.size())
}

fn size(width: u32, height: u32) -> ImageSize {
    ImageSize { width, height }
}

#[test]
fn every_truncation_of_a_photo_is_undecodable() {
    let jpeg = photos::bytes(photos::OBAMA);
    for share in [0.05, 0.2, 0.5, 0.9, 0.999] {
        let cut = hostile::truncated(&jpeg, share);
        let Ok(image) = EncodedImage::parse(cut, None) else { continue };
        assert_eq!(decode(&image).unwrap_err(), ImageProblem::Undecodable, "{share}");
    }
    let png = hostile::truncated(&photos::bytes(photos::ASTRONAUT), 0.6);
    assert_eq!(size_of(png), Err(ImageProblem::Undecodable));
}

/// Undecodable, whether the header says so or the decoder.
fn is_refused(bytes: &[u8]) -> bool {
    EncodedImage::parse(bytes.to_vec(), None)
        .map_or(true, |image| decode(&image).err() == Some(ImageProblem::Undecodable))
}

fn small_jpeg() -> Vec<u8> {
    photos::jpeg(&RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8, y as u8, 9])), 90)
}

#[test]
fn a_jpeg_is_undecodable_at_every_cut() {
    let jpeg = small_jpeg();
    for cut in 0..jpeg.len() {
        assert!(is_refused(&jpeg[..cut]), "cut at {cut} of {}", jpeg.len());
    }
    assert!(!is_refused(&jpeg));
}

#[test]
fn the_end_of_an_embedded_thumbnail_is_not_that_of_the_picture() {
    let jpeg = hostile::with_exif_orientation(&small_jpeg(), 6);
    let mut with_thumbnail = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
    with_thumbnail.extend(&jpeg[2..jpeg.len() / 2]);
    assert!(is_refused(&with_thumbnail));
}

/// `jpeg` with `fill` before every marker outside its scan.
fn with_fill_bytes(jpeg: &[u8], fill: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    let mut at = 2;
    loop {
        bytes.extend(fill);
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let end = at + 2 + length;
        bytes.extend(&jpeg[at..end]);
        if jpeg[at + 1] == 0xDA {
            bytes.extend(&jpeg[end..jpeg.len() - 2]);
            break;
        }
        at = end;
    }
    bytes.extend(fill);
    bytes.extend(&jpeg[jpeg.len() - 2..]);
    bytes
}

#[test]
fn legal_but_unusual_pictures_decode() {
    let jpeg = small_jpeg();
    let plain = decode(&encoded(jpeg.clone())).unwrap();
    for count in [1, 2, 64] {
        let filled = with_fill_bytes(&jpeg, &vec![0xFF; count]);
        let frame = decode(&encoded(filled)).unwrap();
        for (x, y) in (0..64).flat_map(|x| (0..48).map(move |y| (x, y))) {
            assert_eq!(frame.pixel(x, y), plain.pixel(x, y), "{count} fill bytes, {x} {y}");
        }
    }
    // A comment between the frame and the scan, an empty one, and sixteen kinds of application data.
    let mut odd = jpeg[..2].to_vec();
    for marker in (0xE0..=0xEF).chain([0xFE]) {
        odd.extend([0xFF, marker, 0, 2]);
    }
    odd.extend(&jpeg[2..]);
    assert_eq!(size_of(odd), Ok(size(64, 48)));
    // A player is asked to enlarge a WebP: the upper two bits of a side.
    let scaled = hostile::scaled_webp();
    assert_eq!(size_of(scaled), Ok(size(16, 16)));
}

#[test]
fn a_header_without_pixels_is_undecodable() {
    assert_eq!(size_of(hostile::png_claiming(64, 64)), Err(ImageProblem::Undecodable));
}

#[test]
fn sixteen_bit_pictures_past_the_memory_cap_are_refused() {
    // 4096 x 4096 x 3 channels x 2 bytes = 100 MB, though both sides are allowed.
    let deep = ImageBuffer::<Rgb<u16>, _>::new(4096, 4096);
    let bytes = photos::png(&DynamicImage::ImageRgb16(deep));
    assert_eq!(size_of(bytes), Err(ImageProblem::DimensionsTooLarge));
}

#[test]
fn odd_but_honest_pictures_decode() {
    let one = DynamicImage::ImageRgb8(RgbImage::new(1, 1));
    assert_eq!(size_of(photos::png(&one)), Ok(size(1, 1)));
    let grey = DynamicImage::ImageLuma8(ImageBuffer::from_pixel(5, 4, Luma([9])));
    assert_eq!(size_of(photos::png(&grey)), Ok(size(5, 4)));
    let deep = DynamicImage::ImageRgb16(ImageBuffer::from_pixel(5, 4, Rgb([9, 9, 9])));
    assert_eq!(size_of(photos::png(&deep)), Ok(size(5, 4)));
    let transparent = DynamicImage::ImageRgba8(ImageBuffer::from_pixel(5, 4, Rgba([1, 2, 3, 0])));
    assert_eq!(size_of(photos::png(&transparent)), Ok(size(5, 4)));
    let mut webp = std::io::Cursor::new(Vec::new());
    one.write_to(&mut webp, image::ImageFormat::WebP).unwrap();
    assert_eq!(size_of(webp.into_inner()), Ok(size(1, 1)));
    let mut grey_jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut grey_jpeg).encode_image(&grey.to_luma8()).unwrap();
    assert_eq!(size_of(grey_jpeg), Ok(size(5, 4)));
}

#[test]
fn a_polyglot_is_judged_by_its_picture() {
    let mut bytes = photos::jpeg(&RgbImage::new(20, 10), 80);
    bytes.extend(b"PK\x03\x04<script>alert(1)</script>");
    assert_eq!(size_of(bytes), Ok(size(20, 10)));
}

#[test]
fn exif_orientation_turns_the_picture_upright() {
    let jpeg = photos::jpeg(&RgbImage::new(40, 20), 80);
    for (orientation, expected) in [
        (1, size(40, 20)),
        (3, size(40, 20)),
        (6, size(20, 40)),
        (8, size(20, 40)),
        (99, size(40, 20)),
    ] {
        let turned = hostile::with_exif_orientation(&jpeg, orientation);
        assert_eq!(size_of(turned), Ok(expected), "orientation {orientation}");
    }
}
