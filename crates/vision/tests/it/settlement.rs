//! A sign-in that the first stage of the matcher settles: it lets in whom the whole matcher lets
//! in, and nobody else.

use chrono::{DateTime, TimeDelta};
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::challenge::Action::{self, LookUp, TurnLeft, TurnRight};
use faceauth_domain::challenge::Challenge;
use faceauth_domain::decision::{self, CaptureSettlement, CaptureTerms, Decision, Refusal};
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::liveness::evidence::{Observation, Stage};
use faceauth_domain::liveness::judge::{Circumstances, judge};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::policy::{PadMode, PadPolicy, Policy};
use faceauth_domain::quality::QualityPolicies;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_test_support::head::{Card, Head, Person, View};
use faceauth_test_support::performance;
use faceauth_vision::VisionError;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::Scrutiny;
use image::RgbImage;

use crate::support::{pipeline, shipped};

const SIZE: ImageSize = ImageSize { width: 640, height: 480 };

const STEPS: [Action; 3] = [TurnLeft, LookUp, TurnRight];

const NOW: Circumstances = Circumstances { elapsed: TimeDelta::seconds(60), replayed: 0 };

type Timed = (u32, RgbImage);

fn frame(picture: RgbImage) -> Frame {
    Frame::new(picture.into_raw(), SIZE).expect("a picture")
}

fn performed(person: Person, seed: u64) -> Vec<Timed> {
    let head = Head::of(person);
    let shown = |view: &View| head.render(view, SIZE.width, SIZE.height);
    performance::perform(&STEPS, seed).iter().map(|m| (m.t_ms, shown(&m.view))).collect()
}

/// The account of `person`, enrolled with one picture.
fn enrolled(person: Person) -> Vec<Template> {
    let view = View { yaw: 2.0, pitch: -1.0, ..View::default() };
    let picture = frame(Head::of(person).render(&view, SIZE.width, SIZE.height));
    let evidence = pipeline().reference_in(&picture, Keep::Nothing).expect("inference");
    let embedding = evidence.expect("a usable picture").embedding;
    vec![Template {
        id: TemplateId(Default::default()),
        embedding,
        created_at: DateTime::UNIX_EPOCH,
    }]
}

fn policy() -> Policy {
    let manifest = shipped().manifest;
    Policy {
        matching: manifest.embedding.match_policy(1e-4).expect("a threshold"),
        previous: None,
        pad: PadPolicy { mode: PadMode::Enforce, threshold: manifest.pad.threshold },
        quality: QualityPolicies::DEFAULT,
        liveness: LivenessPolicy::DEFAULT,
        failures: FailurePolicy::DEFAULT,
        require_liveness: true,
    }
}

/// What a sign-in with `capture` comes to, and who judged identity.
fn signed_in(
    capture: &[Timed],
    steps: &[Action],
    templates: &[Template],
    settlement: impl FnOnce(CaptureTerms) -> CaptureSettlement,
) -> (Result<Decision, Vec<LivenessReason>>, Stage) {
    let policy = policy();
    let terms = CaptureTerms {
        challenge: Challenge::from_steps(steps.to_vec()),
        circumstances: NOW,
        templates: templates.to_vec(),
        policy: policy.clone(),
    };
    let challenge = terms.challenge.clone();
    let settlement = settlement(terms);
    let scrutiny = Scrutiny::Verdict { policy: policy.liveness, lids: false, settlement };
    let frames = capture.iter().map(|(t_ms, picture)| Ok((*t_ms, frame(picture.clone()))));
    let observation: Result<Observation, VisionError> =
        pipeline().observe(frames, Keep::Nothing, &scrutiny);
    let observation = observation.expect("inference");
    let verdict = judge(&challenge, &observation, NOW, PadMode::Enforce, &policy.liveness);
    let decided = verdict.live.map(|person| decision::decide_live(&person, templates, &policy));
    (decided, observation.stage)
}

/// As the service signs somebody in, who has to see what the whole matcher sees.
fn settled(capture: &[Timed], steps: &[Action], templates: &[Template]) -> Stage {
    let accept = |terms| CaptureSettlement::Acceptance(Box::new(terms));
    let (by_first, stage) = signed_in(capture, steps, templates, accept);
    let (whole, _) = signed_in(capture, steps, templates, |_| CaptureSettlement::Nothing);
    match (by_first, whole) {
        (
            Ok(Decision::Accepted { template, .. }),
            Ok(Decision::Accepted { template: other, .. }),
        ) => {
            assert_eq!(template, other);
        }
        (by_first, whole) => assert_eq!(by_first, whole),
    }
    stage
}

#[test]
fn who_is_known_by_the_first_stage_is_spared_the_whole_matcher() {
    for (person, seed) in Person::ALL.into_iter().zip(20..) {
        let capture = performed(person, seed);
        assert_eq!(settled(&capture, &STEPS, &enrolled(person)), Stage::First, "{person:?}");
    }
}

#[test]
fn a_refusal_takes_the_whole_matcher_whoever_was_seen() {
    let templates = enrolled(Person::Obama);
    let capture = performed(Person::Obama, 21);
    // Another person's account, no account, other steps, and a print.
    assert_eq!(settled(&capture, &STEPS, &enrolled(Person::Biden)), Stage::Whole);
    assert_eq!(settled(&capture, &STEPS, &[]), Stage::Whole);
    assert_eq!(settled(&capture, &[TurnRight, LookUp, TurnLeft], &templates), Stage::Whole);
    let card = Card::of(Person::Obama);
    let moments = performance::perform(&STEPS, 22);
    let print: Vec<Timed> =
        moments.iter().map(|m| (m.t_ms, card.render(&m.view, SIZE.width, SIZE.height))).collect();
    assert_eq!(settled(&print, &STEPS, &templates), Stage::Whole);
    let accept = |terms| CaptureSettlement::Acceptance(Box::new(terms));
    let (decided, _) = signed_in(&capture, &STEPS, &enrolled(Person::Biden), accept);
    assert_eq!(decided, Ok(Decision::Rejected(Refusal::NonMatch)));
}

#[test]
fn the_owner_in_some_frames_lets_nobody_else_in() {
    let templates = enrolled(Person::Obama);
    let owner = performed(Person::Obama, 23);
    let other = performed(Person::Biden, 23);
    for index in 0..owner.len() {
        // The owner except for one frame, and another person except for one.
        let (mut one, mut all) = (owner.clone(), other.clone());
        one[index] = other[index].clone();
        all[index] = owner[index].clone();
        for capture in [one, all] {
            assert_eq!(settled(&capture, &STEPS, &templates), Stage::Whole, "{index}");
        }
    }
}
