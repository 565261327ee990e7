//! The limits and their reasons.

use std::collections::BTreeSet;

use super::*;
use crate::geometry::Pose;

/// The guide for people who send pictures.
const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/quality.md"));

/// The matcher has not run yet.
const GOOD: QualityMeasures =
    QualityMeasures { appearance: Appearance::all(-5.0), likeness: None, ..QualityMeasures::GOOD };

#[test]
fn a_good_face_has_no_reason() {
    assert_eq!(QualityPolicy::ENROLMENT.assess(&GOOD), []);
    assert_eq!(QualityPolicy::ENROLMENT.assess(&QualityMeasures::GOOD), []);
}

#[test]
fn each_limit_has_its_reason() {
    let pose = |yaw, pitch, roll| QualityMeasures { pose: Pose { yaw, pitch, roll }, ..GOOD };
    let cases = [
        (QualityMeasures { margin: -0.2, ..GOOD }, QualityReason::FaceCutOff),
        (QualityMeasures { eye_distance_px: 8.0, ..GOOD }, QualityReason::FaceTooSmall),
        (QualityMeasures { brightness: 10.0, ..GOOD }, QualityReason::TooDark),
        (QualityMeasures { under_exposed: 0.9, ..GOOD }, QualityReason::TooDark),
        (QualityMeasures { brightness: 250.0, ..GOOD }, QualityReason::TooBright),
        (QualityMeasures { over_exposed: 0.9, ..GOOD }, QualityReason::TooBright),
        (pose(-60.0, 0.0, 0.0), QualityReason::PoseOutOfRange),
        (pose(0.0, 60.0, 0.0), QualityReason::PoseOutOfRange),
        (pose(0.0, -45.0, 0.0), QualityReason::PoseOutOfRange),
        (pose(0.0, 0.0, -90.0), QualityReason::PoseOutOfRange),
        (QualityMeasures { sharpness: 0.0, ..GOOD }, QualityReason::Blurred),
        (QualityMeasures { eye_openness: 0.02, ..GOOD }, QualityReason::EyesClosed),
        (QualityMeasures { lids: Some(0.03), ..GOOD }, QualityReason::EyesClosed),
        (QualityMeasures { lids: Some(f32::NAN), ..GOOD }, QualityReason::EyesClosed),
    ];
    let looks = |appearance| QualityMeasures { appearance, ..GOOD };
    let natural = GOOD.appearance;
    let appearances = [
        (looks(Appearance { turned: 1.0, ..natural }), QualityReason::NotUpright),
        (looks(Appearance { treated: 1.0, ..natural }), QualityReason::NotNatural),
        (looks(Appearance { covered: 1.0, ..natural }), QualityReason::Occluded),
        (looks(Appearance { spurious: 1.0, ..natural }), QualityReason::Blurred),
    ];
    let mut tried = BTreeSet::new();
    for (measures, reason) in cases.into_iter().chain(appearances) {
        assert_eq!(QualityPolicy::ENROLMENT.assess(&measures), [reason]);
        tried.insert(reason);
    }
    let tried: Vec<QualityReason> = tried.into_iter().collect();
    assert_eq!(tried, QualityReason::ALL, "each reason needs a case here");
}

#[test]
fn a_face_in_the_dark_needs_light_alone() {
    let treated = Appearance { treated: 1.0, ..GOOD.appearance };
    let dark = QualityMeasures { brightness: 10.0, appearance: treated, ..GOOD };
    for policy in [QualityPolicy::ENROLMENT, QualityPolicy::SIGN_IN] {
        assert_eq!(policy.assess(&dark), [QualityReason::TooDark]);
        let unknown = QualityMeasures { brightness: f32::NAN, ..dark };
        assert!(policy.assess(&unknown).contains(&QualityReason::NotNatural));
    }
}

#[test]
fn a_face_that_the_matcher_does_not_know_has_its_likeliest_reason() {
    let unlike = |appearance| QualityMeasures { appearance, likeness: Some(0.9), ..GOOD };
    let natural = GOOD.appearance;
    let limits = QualityPolicy::ENROLMENT.max_appearance;
    for (appearance, reason) in [
        (Appearance { turned: limits.turned - 0.5, ..natural }, QualityReason::NotUpright),
        (Appearance { treated: limits.treated - 0.5, ..natural }, QualityReason::NotNatural),
        (Appearance { covered: limits.covered - 0.5, ..natural }, QualityReason::Occluded),
    ] {
        for policy in [QualityPolicy::ENROLMENT, QualityPolicy::SIGN_IN] {
            assert_eq!(policy.assess(&unlike(appearance)), [reason]);
            assert_eq!(
                policy.assess(&QualityMeasures { likeness: Some(1.1), ..unlike(appearance) }),
                []
            );
        }
    }
    let broken = QualityMeasures { likeness: Some(f32::NAN), ..GOOD };
    assert_eq!(QualityPolicy::SIGN_IN.assess(&broken).len(), 1);
    let broken = QualityMeasures { appearance: Appearance::all(f32::NAN), ..GOOD };
    assert_eq!(QualityPolicy::SIGN_IN.assess(&broken).len(), 4);
    assert_eq!(QualityPolicy::NONE.assess(&unlike(Appearance::all(9.0))), []);
}

#[test]
fn sign_in_takes_what_enrolment_takes() {
    let laughing = QualityMeasures { eye_openness: 0.06, ..GOOD };
    let back = QualityMeasures { pose: Pose { pitch: 45.0, ..GOOD.pose }, ..GOOD };
    let soft = QualityMeasures { sharpness: 0.008, ..GOOD };
    let near = Appearance { turned: 0.2, covered: 0.9, spurious: 0.05, ..GOOD.appearance };
    let near = QualityMeasures { appearance: near, ..GOOD };
    assert_eq!(QualityPolicy::ENROLMENT.assess(&near).len(), 3);
    assert_eq!(QualityPolicy::SIGN_IN.assess(&near), []);
    let faint = QualityMeasures { likeness: Some(0.995), ..GOOD };
    let blinking = QualityMeasures { lids: Some(0.03), ..GOOD };
    for measures in [laughing, back, soft, faint, blinking] {
        assert_eq!(QualityPolicy::ENROLMENT.assess(&measures).len(), 1);
        assert_eq!(QualityPolicy::SIGN_IN.assess(&measures), []);
    }
    let QualityPolicies { enrolment, sign_in } = QualityPolicies::DEFAULT;
    for (strict, lax) in [
        (enrolment.min_eye_distance_px, sign_in.min_eye_distance_px),
        (enrolment.min_margin, sign_in.min_margin),
        (enrolment.min_sharpness, sign_in.min_sharpness),
        (enrolment.min_brightness, sign_in.min_brightness),
        (enrolment.min_eye_openness, sign_in.min_eye_openness),
        (enrolment.min_lids, sign_in.min_lids),
        (-enrolment.max_yaw, -sign_in.max_yaw),
        (enrolment.min_pitch, sign_in.min_pitch),
        (-enrolment.max_pitch, -sign_in.max_pitch),
        (-enrolment.max_roll, -sign_in.max_roll),
        (-enrolment.max_brightness, -sign_in.max_brightness),
        (-enrolment.max_under_exposed, -sign_in.max_under_exposed),
        (-enrolment.max_over_exposed, -sign_in.max_over_exposed),
        (-enrolment.max_appearance.turned, -sign_in.max_appearance.turned),
        (-enrolment.max_appearance.treated, -sign_in.max_appearance.treated),
        (-enrolment.max_appearance.covered, -sign_in.max_appearance.covered),
        (-enrolment.max_appearance.spurious, -sign_in.max_appearance.spurious),
        (enrolment.min_likeness, sign_in.min_likeness),
    ] {
        assert!(strict >= lax);
    }
    // Heads that are lowered as far were not measured.
    let lowered = QualityMeasures { pose: Pose { pitch: -45.0, ..GOOD.pose }, ..GOOD };
    assert_eq!(sign_in.assess(&lowered), [QualityReason::PoseOutOfRange]);
}

#[test]
fn a_head_that_is_thrown_back_may_look_turned_and_covered_and_a_little_treated() {
    let looks = |appearance, likeness| QualityMeasures {
        pose: Pose { pitch: 45.0, ..GOOD.pose },
        appearance,
        likeness,
        ..GOOD
    };
    let odd = Appearance { turned: 3.0, treated: 2.0, covered: 4.0, ..GOOD.appearance };
    let negative = Appearance { treated: 3.0, ..odd };
    for likeness in [None, Some(0.8)] {
        assert_eq!(QualityPolicy::SIGN_IN.assess(&looks(odd, likeness)), []);
        assert_eq!(
            QualityPolicy::SIGN_IN.assess(&looks(negative, likeness)),
            [QualityReason::NotNatural]
        );
    }
}

#[test]
fn not_a_number_fails_closed() {
    let broken = QualityMeasures { sharpness: f32::NAN, margin: f32::NAN, ..GOOD };
    assert_eq!(
        QualityPolicy::ENROLMENT.assess(&broken),
        [QualityReason::FaceCutOff, QualityReason::Blurred]
    );
}

#[test]
fn a_word_is_the_name_of_its_reason() {
    for reason in QualityReason::ALL {
        let name = format!("{reason:?}");
        let words: String = name
            .chars()
            .flat_map(|c| [c.is_uppercase().then_some('_'), Some(c)])
            .flatten()
            .collect();
        assert_eq!(words.to_lowercase(), format!("_{}", reason.as_str()));
    }
}

#[test]
fn the_guide_lists_every_reason_in_order() {
    let (_, table) = GUIDE.split_once("| reason | measure |").expect("the table of reasons");
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let mut listed: Vec<&str> =
        rows.filter_map(|row| Some(row.strip_prefix("| `")?.split_once('`')?.0)).collect();
    listed.dedup();
    assert_eq!(listed, QualityReason::ALL.map(QualityReason::as_str), "docs/quality.md");

    let tolerated = QualityReason::ALL.into_iter().filter(|reason| reason.tolerated_in_motion());
    let tolerated: Vec<String> = tolerated.map(|r| format!("`{}`", r.as_str())).collect();
    let sentence = format!("except for what its steps themselves cause: {}.", tolerated.join(", "));
    let guide = GUIDE.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(guide.contains(&sentence), "docs/quality.md must say: {sentence}");
}
