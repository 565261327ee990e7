//! Who may sign in, and the reasons of refusals.

use super::*;
use crate::embedding::ModelId;
use crate::face::Face;
use crate::failures::FailurePolicy;
use crate::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
use crate::liveness::policy::LivenessPolicy;
use crate::policy::{Cascade, PreviousModel};
use crate::quality::{QualityMeasures, QualityPolicies};
use proptest::prelude::*;
use uuid::Uuid;

fn policy(threshold: f32, mode: PadMode) -> Policy {
    Policy {
        matching: MatchPolicy { model: ModelId::new("m"), threshold, fmr: 1e-4, cascade: None },
        previous: None,
        pad: PadPolicy { mode, threshold: 0.5 },
        quality: QualityPolicies::DEFAULT,
        liveness: LivenessPolicy::DEFAULT,
        failures: FailurePolicy::DEFAULT,
        require_liveness: false,
    }
}

fn embedding(model: &str, values: &[f32]) -> Embedding {
    Embedding::normalised(ModelId::new(model), values.to_vec()).unwrap()
}

fn evidence(values: &[f32], pad: f32) -> Evidence {
    let pose = Pose::default();
    Evidence {
        face: Face {
            bounding_box: BoundingBox { x: 0.0, y: 0.0, width: 9.0, height: 9.0 },
            detection_score: 0.9,
            landmarks: FiveLandmarks::from_array([Point::default(); 5]),
            pose,
            measures: QualityMeasures::GOOD,
            reasons: Vec::new(),
        },
        embedding: embedding("m", values),
        previous: Some(embedding("old", values)),
        pad: PadScore::new(pad),
        image: None,
    }
}

fn template(model: &str, values: &[f32]) -> Template {
    Template {
        id: TemplateId(Uuid::from_u128(values.len() as u128)),
        embedding: embedding(model, values),
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn several_templates_count_by_their_mean() {
    let probe = evidence(&[1.0, 0.0], 1.0);
    let decided =
        |templates: &[Template]| match decide(&probe, templates, &policy(0.4, PadMode::Enforce)) {
            Decision::Accepted { template, score, .. } => Some((template, score.value())),
            Decision::Rejected(_) => None,
        };
    let near = Template { id: TemplateId(Uuid::from_u128(7)), ..template("m", &[1.0, 0.0]) };
    let (across, away) = (template("m", &[0.0, 1.0]), template("m", &[-1.0, 0.0]));
    // Half of 1 and 0; the nearest template is named. Those of another model do not count.
    let both = [across.clone(), near.clone(), template("other", &[-1.0, 0.0])];
    assert_eq!(decided(&both), Some((near.id, 0.5)));
    // One template that happens to be near is not enough.
    assert_eq!(decided(&[near, across, away]), None);
}

#[test]
fn every_refusal_has_its_reason() {
    let probe = evidence(&[1.0, 0.0], 0.2);
    let same = [template("m", &[1.0, 0.0])];
    let record = policy(0.4, PadMode::Record);
    let refuse = |templates: &[Template], policy: &Policy| match decide(&probe, templates, policy) {
        Decision::Rejected(refusal) => Some(refusal),
        Decision::Accepted { .. } => None,
    };
    assert_eq!(refuse(&same, &record), None);
    assert_eq!(refuse(&same, &policy(0.4, PadMode::Enforce)), Some(Refusal::PresentationAttack));
    assert_eq!(refuse(&[], &record), Some(Refusal::NoTemplate));
    assert_eq!(refuse(&[template("m", &[0.0, 1.0])], &record), Some(Refusal::NonMatch));
    let strict = Policy { require_liveness: true, ..record };
    assert_eq!(refuse(&same, &strict), Some(Refusal::LivenessRequired));
}

#[test]
fn a_template_of_another_model_is_never_compared() {
    let other = [template("other", &[1.0, 0.0])];
    let record = policy(0.4, PadMode::Record);
    let decision = decide(&evidence(&[1.0, 0.0], 1.0), &other, &record);
    assert_eq!(decision, Decision::Rejected(Refusal::NoTemplate));
}

#[test]
fn people_of_the_previous_model_sign_in_and_strong_live_matches_are_worth_a_template() {
    let previous = PreviousModel {
        matching: MatchPolicy {
            model: ModelId::new("old"),
            threshold: 0.4,
            fmr: 1e-4,
            cascade: None,
        },
        strong: 0.9,
    };
    let moving = Policy { previous: Some(previous), ..policy(0.4, PadMode::Record) };
    let live = |values: &[f32], assurance| LivePerson {
        embedding: embedding("m", values),
        previous: Some(embedding("old", values)),
        assurance,
        image: None,
    };
    let upgrade = |person: &LivePerson, templates: &[Template], policy: &Policy| match decide_live(
        person, templates, policy,
    ) {
        Decision::Accepted { upgrade, .. } => Ok(upgrade),
        Decision::Rejected(refusal) => Err(refusal),
    };
    let old = [template("old", &[1.0, 0.0])];
    let (strong, weak) = ([1.0, 0.1], [1.0, 1.0]);
    let person = |values| live(values, Assurance::FaceLiveness);
    assert_eq!(upgrade(&person(&strong), &old, &moving), Ok(true));
    assert_eq!(upgrade(&person(&weak), &old, &moving), Ok(false));
    assert_eq!(upgrade(&live(&strong, Assurance::FaceLivenessReduced), &old, &moving), Ok(false));
    assert_eq!(upgrade(&person(&[0.0, 1.0]), &old, &moving), Err(Refusal::NonMatch));
    // A person with a template of the current model is compared with that alone.
    let both = [old[0].clone(), template("m", &[0.0, 1.0, 0.0])];
    let wide = |v: [f32; 3]| LivePerson { embedding: embedding("m", &v), ..person(&strong) };
    assert_eq!(upgrade(&wide([1.0, 0.0, 0.0]), &both, &moving), Err(Refusal::NonMatch));
    assert_eq!(upgrade(&wide([0.0, 1.0, 0.0]), &both, &moving), Ok(false));
    // When the previous model is removed from the manifest, its templates no longer count.
    let moved = policy(0.4, PadMode::Record);
    assert_eq!(upgrade(&person(&strong), &old, &moved), Err(Refusal::NoTemplate));
    assert_eq!(upgrade(&person(&strong), &[], &moving), Err(Refusal::NoTemplate));
    // A picture alone may sign in, but never writes a template.
    let picture = decide(&evidence(&strong, 1.0), &old, &moving);
    assert!(matches!(picture, Decision::Accepted { upgrade: false, .. }));
}

#[test]
fn the_first_stage_decides_only_what_would_be_accepted() {
    let cascade = Cascade { model: ModelId::new("first"), part: 0..2, margin: 0.1 };
    let cascading = |mode| {
        let plain = policy(0.4, mode);
        let matching = MatchPolicy { cascade: Some(cascade.clone()), ..plain.matching };
        Policy { matching, ..plain }
    };
    let record = cascading(PadMode::Record);
    let (same, other) = (embedding("first", &[1.0, 0.0]), embedding("first", &[0.0, 1.0]));
    let templates = [template("m", &[1.0, 0.0, 0.2])];
    let pad = PadScore::new(0.2);
    assert!(settles(&same, pad, &templates, &record));
    assert!(!settles(&other, pad, &templates, &record));
    assert!(!settles(&same, pad, &[], &record));
    // An attack runs through all models, whoever it shows.
    assert!(!settles(&same, pad, &templates, &cascading(PadMode::Enforce)));
    assert!(settles(&same, PadScore::new(0.9), &templates, &cascading(PadMode::Enforce)));
    // So does every picture where a picture alone signs nobody in, and where there is no cascade.
    let strict = Policy { require_liveness: true, ..record.clone() };
    assert!(!settles(&same, pad, &templates, &strict));
    assert!(!settles(&same, pad, &templates, &policy(0.4, PadMode::Record)));
    // What settled is what is decided.
    let probe = Evidence { embedding: same, ..evidence(&[1.0, 0.0], 0.2) };
    let Decision::Accepted { score, .. } = decide(&probe, &templates, &record) else {
        panic!("what settles is accepted")
    };
    assert!((score.value() - 0.9).abs() < 1e-6);
}

#[test]
fn a_locked_name_lets_nobody_in() {
    let record = policy(0.4, PadMode::Record);
    let (probe, same) = (evidence(&[1.0, 0.0], 1.0), [template("m", &[1.0, 0.0])]);
    let accepted = decide(&probe, &same, &record);
    assert_eq!(unless_locked(accepted, false), accepted);
    for decided in [accepted, decide(&probe, &[], &record)] {
        assert_eq!(unless_locked(decided, true), Decision::Rejected(Refusal::Locked));
    }
    let attack = Decision::Rejected(Refusal::PresentationAttack);
    assert_eq!(unless_locked(attack, true), attack);
}

proptest! {
    #[test]
    fn a_raised_threshold_never_turns_reject_into_accept(
        probe in prop::collection::vec(0.1f32..1.0, 4),
        stored in prop::collection::vec(0.1f32..1.0, 4),
        low in 0.0f32..1.0,
        raise in 0.0f32..1.0,
    ) {
        let accepted = |threshold| matches!(
            decide(
                &evidence(&probe, 1.0),
                &[template("m", &stored)],
                &policy(threshold, PadMode::Enforce),
            ),
            Decision::Accepted { .. }
        );
        prop_assert!(accepted(low) || !accepted(low + raise));
    }
}
