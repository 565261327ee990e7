//! Pictures that somebody has tampered with.

use faceauth_domain::capture::{EncodedImage, ImageSize, MAX_IMAGE_SIDE};
use faceauth_test_support::fuzz::{self, Mutated};
use faceauth_test_support::{hostile, photos};
use faceauth_vision::decode;
use image::{DynamicImage, RgbImage, imageops};

/// Small pictures in every format, one with EXIF.
fn seeds() -> Vec<Vec<u8>> {
    let photo = photos::pixels(photos::OBAMA);
    let small: RgbImage = imageops::thumbnail(&photo, 48, 64);
    let mut webp = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut webp)
        .encode(&small, small.width(), small.height(), image::ExtendedColorType::Rgb8)
        .expect("encodes");
    let jpeg = photos::jpeg(&small, 80);
    let deep = DynamicImage::ImageRgb8(small.clone()).into_rgba16();
    vec![
        hostile::with_exif_orientation(&jpeg, 6),
        jpeg,
        photos::png(&small.into()),
        photos::png(&deep.into()),
        webp,
    ]
}

#[test]
fn fuzz_image_decode() {
    let seeds = seeds();
    bolero::check!().with_type::<Mutated>().with_test_time(fuzz::time()).for_each(|mutated| {
        let Ok(image) = EncodedImage::parse(mutated.of(&seeds), None) else { return };
        let ImageSize { width, height } = image.size();
        assert!((1..=MAX_IMAGE_SIDE).contains(&width) && (1..=MAX_IMAGE_SIDE).contains(&height));
        if let Ok(frame) = decode::decode(&image) {
            let (found, told) = (frame.size(), image.size());
            // EXIF may turn it by a quarter.
            let turned = ImageSize { width: told.height, height: told.width };
            assert!(found == told || found == turned, "{found:?}, told {told:?}");
        }
    });
}
