//! Real photos through the real weights.

use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::quality::QualityReason;
use faceauth_domain::subject::SubjectError;
use faceauth_test_support::{hostile, photos};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::support::{analyze, evidence, score, threshold};

#[test]
fn mated_pairs_match_and_non_mated_pairs_do_not() {
    let photo = photos::bytes;
    let threshold = threshold();
    for other in [photos::OBAMA_OTHER_DAY, photos::OBAMA_FULL_LENGTH] {
        let mated = score(photo(photos::OBAMA), photo(other));
        assert!(mated >= threshold, "{other}: {mated}");
    }
    for stranger in [photos::BIDEN, photos::ASTRONAUT] {
        let non_mated = score(photo(photos::OBAMA), photo(stranger));
        assert!(non_mated < threshold, "{stranger}: {non_mated}");
    }
}

#[test]
fn a_photo_stays_matched_through_what_phones_do_to_it() {
    let original = photos::pixels(photos::OBAMA);
    let bright = RgbImage::from_fn(original.width(), original.height(), |x, y| {
        Rgb(original.get_pixel(x, y).0.map(|v| v.saturating_add(30)))
    });
    let half = imageops::resize(
        &original,
        original.width() / 2,
        original.height() / 2,
        FilterType::Triangle,
    );
    let changes = [
        ("JPEG quality 80", photos::jpeg(&original, 80)),
        ("JPEG quality 40", photos::jpeg(&original, 40)),
        ("brighter", photos::jpeg(&bright, 90)),
        ("half the size", photos::jpeg(&half, 90)),
        ("mirrored", photos::jpeg(&imageops::flip_horizontal(&original), 90)),
        // Stored lying on its side, with the EXIF tag that says so.
        (
            "sideways",
            hostile::with_exif_orientation(&photos::jpeg(&imageops::rotate270(&original), 90), 6),
        ),
    ];
    for (what, changed) in changes {
        let score = score(photos::bytes(photos::OBAMA), changed);
        assert!(score > 0.8, "{what}: {score}");
    }
}

#[test]
fn nobody_is_found_where_nobody_is() {
    for name in photos::FACELESS {
        let analysis = analyze(photos::bytes(name));
        assert_eq!(analysis.faces.len(), 0, "{name}");
        assert_eq!(analysis.evidence.unwrap_err(), CaptureProblem::Subject(SubjectError::NoFace));
    }
    for colour in [0, 128, 255] {
        let plain = RgbImage::from_pixel(640, 480, Rgb([colour; 3]));
        assert_eq!(analyze(photos::jpeg(&plain, 90)).faces.len(), 0);
    }
}

#[test]
fn a_group_is_counted_and_refused() {
    let analysis = analyze(photos::bytes(photos::GROUP_OF_FOUR));
    assert_eq!(analysis.faces.len(), 4);
    assert_eq!(
        analysis.evidence.unwrap_err(),
        CaptureProblem::Subject(SubjectError::MultipleFaces)
    );
}

/// The astronaut's head and shoulders, scaled so that the face box is about `face` pixels
/// high, in the middle of a grey picture.
fn face_in_picture(face: u32, width: u32, height: u32) -> RgbImage {
    // The box found in the 512 x 512 original is 121 pixels high.
    let head = imageops::crop_imm(&photos::pixels(photos::ASTRONAUT), 100, 0, 260, 300).to_image();
    let scale = f64::from(face) / 121.0;
    let side = |s: u32| ((f64::from(s) * scale).round() as u32).max(1);
    let head = imageops::resize(&head, side(260), side(300), FilterType::Triangle);
    let mut picture = RgbImage::from_pixel(width, height, Rgb([120; 3]));
    let x = (i64::from(width) - i64::from(head.width())) / 2;
    let y = (i64::from(height) - i64::from(head.height())) / 2;
    imageops::overlay(&mut picture, &head, x, y);
    picture
}

#[test]
fn finds_faces_large_and_small_in_large_photos() {
    for (face, width, height) in [
        (40, 640, 480),
        (300, 640, 480),
        (60, 1280, 720),
        (500, 1280, 720),
        (120, 4096, 3072),
        (400, 4096, 3072),
        (1500, 4096, 3072),
        (2400, 4096, 4096),
    ] {
        let analysis = analyze(photos::jpeg(&face_in_picture(face, width, height), 90));
        assert_eq!(analysis.faces.len(), 1, "{face} px in {width}x{height}");
        let found = analysis.faces[0].bounding_box.height;
        let ratio = found / face as f32;
        assert!((0.7..1.4).contains(&ratio), "{face} px in {width}x{height}: {found}");
    }
}

#[test]
fn unusable_pictures_say_why() {
    let portrait = face_in_picture(200, 640, 480);
    let reasons = |what: &str, picture: &RgbImage| match evidence(photos::jpeg(picture, 95)) {
        Err(CaptureProblem::Quality(reasons)) => reasons,
        other => panic!("{what}: expected a quality problem, got {other:?}"),
    };
    assert!(evidence(photos::jpeg(&portrait, 95)).is_ok());

    let small = face_in_picture(40, 640, 480);
    assert!(reasons("small", &small).contains(&QualityReason::FaceTooSmall));

    let blurred = imageops::blur(&portrait, 9.0);
    assert!(reasons("blurred", &blurred).contains(&QualityReason::Blurred));

    let cut = imageops::crop_imm(&portrait, 295, 0, 345, 480).to_image();
    assert!(reasons("cut", &cut).contains(&QualityReason::FaceCutOff));

    let scaled = |numerator: u16| {
        RgbImage::from_fn(640, 480, |x, y| {
            Rgb(portrait.get_pixel(x, y).0.map(|v| (u16::from(v) * numerator / 100) as u8))
        })
    };
    assert!(reasons("dark", &scaled(22)).contains(&QualityReason::TooDark));
    let burnt = RgbImage::from_fn(640, 480, |x, y| {
        Rgb(portrait.get_pixel(x, y).0.map(|v| v.saturating_add(v / 2).saturating_add(80)))
    });
    assert!(reasons("burnt", &burnt).contains(&QualityReason::TooBright));
}

#[test]
fn a_passer_by_in_the_distance_does_not_matter() {
    let mut picture = face_in_picture(200, 640, 480);
    let small = image::imageops::resize(
        &imageops::crop_imm(&photos::pixels(photos::ASTRONAUT), 100, 0, 260, 300).to_image(),
        100,
        115,
        FilterType::Triangle,
    );
    imageops::overlay(&mut picture, &small, 0, 0);
    let analysis = analyze(photos::jpeg(&picture, 95));
    assert_eq!(analysis.faces.len(), 2);
    assert!(analysis.evidence.is_ok());
}
