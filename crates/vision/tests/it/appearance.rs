//! Pictures that the matcher does not know, on both sides: nobody is enrolled or compared by them.

use std::collections::BTreeMap;

use faceauth_domain::evidence::{CaptureProblem, Evidence};
use faceauth_domain::quality::{Appearance, QualityPolicies, QualityPolicy, QualityReason};
use faceauth_test_support::head::{Head, Person, View};
use faceauth_test_support::treated::{self, Cover, DRAWN, NATURAL, TURNED, UNNATURAL};
use faceauth_test_support::{paths, photos};
use faceauth_vision::pipeline::Pipeline;
use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::support::{
    analyze, encoded, evidence, of_decoded, pipeline, runtime, score, shipped, threshold,
};

const PORTRAITS: [&str; 5] = [
    photos::OBAMA,
    photos::OBAMA_OTHER_DAY,
    photos::OBAMA_FULL_LENGTH,
    photos::BIDEN,
    photos::ASTRONAUT,
];

/// Two people's pictures.
const STRANGERS: [&str; 2] = [photos::OBAMA, photos::BIDEN];

fn recognised(bytes: Vec<u8>) -> Result<Evidence, CaptureProblem> {
    of_decoded(pipeline().recognise(&encoded(bytes), |_, _| true))
}

/// Why each road refuses a picture: enrolment, sign-in and whoever only asks. All for one reason.
fn refused(what: &str, picture: &RgbImage) -> Vec<QualityReason> {
    let bytes = photos::jpeg(picture, 95);
    let probed = of_decoded(pipeline().probe(&encoded(bytes.clone())));
    let asked = pipeline().faces(&encoded(bytes.clone())).expect("inference").expect("decodes");
    let roads = [evidence(bytes.clone()), recognised(bytes), probed];
    let mut all: Vec<Vec<QualityReason>> = roads
        .into_iter()
        .map(|evidence| match evidence {
            Ok(_) => panic!("{what} is taken"),
            Err(CaptureProblem::Quality(reasons)) => reasons,
            // Not even a face.
            Err(CaptureProblem::Subject(_)) => Vec::new(),
        })
        .collect();
    if let Some(face) = asked.faces.first() {
        assert!(!face.acceptable(), "{what} is acceptable");
        all.push(face.reasons.clone());
    }
    all.sort();
    all.pop().unwrap_or_default()
}

#[test]
fn turned_portraits_are_not_upright() {
    for name in PORTRAITS {
        for (how, turn) in TURNED {
            let what = format!("{name} turned {how}");
            let reasons = refused(&what, &turn(&photos::pixels(name)));
            assert!(
                reasons.is_empty() || reasons.contains(&QualityReason::NotUpright),
                "{what}: {reasons:?}"
            );
        }
    }
}

#[test]
fn negatives_and_effects_are_not_natural() {
    for name in PORTRAITS {
        for (how, treat) in UNNATURAL {
            let what = format!("{how} of {name}");
            let reasons = refused(&what, &treat(&photos::pixels(name)));
            assert!(
                reasons.is_empty() || reasons.contains(&QualityReason::NotNatural),
                "{what}: {reasons:?}"
            );
        }
    }
}

/// The photo, shrunk so that its eyes stand as far apart as most on which the limits were measured.
fn shrunk(name: &str) -> RgbImage {
    const EYES: f32 = 42.0;
    let picture = photos::pixels(name);
    let eyes = analyze(photos::bytes(name)).faces[0].measures.eye_distance_px;
    let side = |side: u32| (side as f32 * (EYES / eyes).min(1.0)) as u32;
    let (width, height) = (side(picture.width()), side(picture.height()));
    imageops::resize(&picture, width, height, FilterType::Triangle)
}

#[test]
fn drawings_and_statues_are_not_natural() {
    for name in PORTRAITS {
        for (how, treat) in DRAWN {
            let what = format!("{how} of {name}");
            let reasons = refused(&what, &treat(&shrunk(name)));
            // Drawings are mostly white paper.
            let drawn = [QualityReason::NotNatural, QualityReason::TooBright];
            assert!(
                reasons.is_empty() || reasons.iter().any(|reason| drawn.contains(reason)),
                "{what}: {reasons:?}"
            );
        }
    }
}

/// What the reference in `models/reference/appearance` finds in one photo.
#[derive(serde::Deserialize)]
struct Golden {
    turned: f32,
    treated: f32,
    covered: f32,
    spurious: f32,
    likeness: f32,
}

/// Log odds may differ by this much: a landmark that moves by a pixel moves every edge.
const LOG_ODDS: f32 = 0.6;
/// Share by which the lengths of the matcher's outputs may differ.
const LENGTH: f32 = 0.02;

#[test]
fn the_reference_sees_the_same() {
    let file = paths::root().join("crates/vision/tests/golden/appearance.json");
    let text = std::fs::read_to_string(file).expect("read golden vectors");
    let golden: BTreeMap<String, Golden> = serde_json::from_str(&text).expect("parse them");
    assert_eq!(golden.len(), PORTRAITS.len());
    for (name, golden) in golden {
        let measures = evidence(photos::bytes(&name)).expect("a usable face").face.measures;
        let Appearance { turned, treated, covered, spurious } = measures.appearance;
        for (what, found, expected) in [
            ("turned", turned, golden.turned),
            ("treated", treated, golden.treated),
            ("covered", covered, golden.covered),
            ("spurious", spurious, golden.spurious),
        ] {
            assert!((found - expected).abs() < LOG_ODDS, "{name} {what}: {found}, not {expected}");
        }
        let likeness = measures.likeness.expect("the matcher ran") / golden.likeness;
        assert!((likeness - 1.0).abs() < LENGTH, "{name}: {likeness}");
    }
}

/// The landmarks of the one face of a photo.
fn covered(name: &str, cover: Cover) -> RgbImage {
    let picture = photos::pixels(name);
    let face = analyze(photos::png(&picture.clone().into())).faces[0].landmarks;
    treated::covered(&picture, &face, cover)
}

#[test]
fn masks_are_to_be_taken_off() {
    for name in PORTRAITS {
        for cover in [Cover::SurgicalMask, Cover::WhiteMask, Cover::BlackMask] {
            let what = format!("{name} behind {cover:?}");
            let reasons = refused(&what, &covered(name, cover));
            assert!(reasons.contains(&QualityReason::Occluded), "{what}: {reasons:?}");
        }
    }
}

/// Nineteen of twenty drawn by the reference are seen (docs/quality.md).
#[test]
fn most_dark_glasses_and_masks_under_the_nose_are_to_be_taken_off() {
    for cover in [Cover::DarkGlasses, Cover::MaskUnderNose] {
        let seen = PORTRAITS.iter().filter(|name| {
            let picture = photos::jpeg(&covered(name, cover), 95);
            matches!(
                evidence(picture),
                Err(CaptureProblem::Quality(reasons)) if reasons.contains(&QualityReason::Occluded)
            )
        });
        assert!(seen.count() >= 3, "{cover:?}");
    }
}

#[test]
fn natural_pictures_and_clear_glasses_are_welcome() {
    for name in PORTRAITS {
        let original = photos::bytes(name);
        for (how, treat) in NATURAL {
            let picture = photos::jpeg(&treat(&photos::pixels(name)), 90);
            let taken = evidence(picture.clone());
            assert!(taken.is_ok(), "{name} {how}: {taken:?}");
            let score = score(original.clone(), picture);
            assert!(score > 0.7, "{name} {how}: {score}");
        }
        let glasses = photos::jpeg(&covered(name, Cover::ClearGlasses), 90);
        assert!(score(original, glasses) >= threshold(), "{name} with glasses");
    }
}

#[test]
fn rendered_heads_are_natural() {
    for person in Person::ALL {
        let head = Head::of(person);
        for (yaw, pitch) in [(0.0, 0.0), (30.0, 0.0), (-30.0, 0.0), (0.0, 25.0)] {
            let view = View { yaw, pitch, ..View::default() };
            let rendered = photos::jpeg(&head.render(&view, 640, 480), 92);
            let evidence = evidence(rendered);
            assert!(evidence.is_ok(), "{person:?} at {yaw}, {pitch}: {evidence:?}");
        }
    }
}

#[test]
fn strangers_match_when_nobody_looks_and_the_limits_stop_them() {
    let unlimited =
        QualityPolicies { enrolment: QualityPolicy::NONE, sign_in: QualityPolicy::NONE };
    let mut blind = Pipeline::new(&runtime(), &shipped(), unlimited, 1).expect("a pipeline");
    let upside_down = STRANGERS.map(|name| {
        let turned = photos::jpeg(&TURNED[0].1(&photos::pixels(name)), 95);
        of_decoded(blind.probe(&encoded(turned)))
    });
    let [Ok(one), Ok(other)] = upside_down else { panic!("no face was found") };
    // Upright the two are strangers by far; upside down the matcher hardly tells them apart.
    let turned = one.embedding.compare(&other.embedding).unwrap().value();
    let upright = score(photos::bytes(STRANGERS[0]), photos::bytes(STRANGERS[1]));
    assert!(turned > upright + 0.15, "{turned}, upright {upright}");
    for evidence in [one, other] {
        assert!(evidence.face.measures.likeness.unwrap() < 1.0);
    }
}

#[test]
fn a_small_face_does_not_grow_by_repeating_its_pixels() {
    let portrait = photos::pixels(photos::ASTRONAUT);
    assert!(evidence(photos::png(&portrait.clone().into())).is_ok());
    // The face is 121 pixels high in 512: 20 pixels in 85.
    let small = treated::blocks(&portrait, 85);
    for (format, bytes) in
        [("PNG", photos::png(&small.clone().into())), ("JPEG", photos::jpeg(&small, 92))]
    {
        let Err(CaptureProblem::Quality(reasons)) = evidence(bytes) else {
            panic!("a face of 20 pixels is taken as {format}")
        };
        assert!(reasons.contains(&QualityReason::FaceTooSmall), "{format}: {reasons:?}");
    }
}
