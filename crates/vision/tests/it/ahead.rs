//! A capture that is looked at in parts, by different workers, shows what it shows at once.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::challenge::Action::{LookUp, TurnLeft, TurnRight};
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::liveness::evidence::Observation;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::head::{Card, Head, Person};
use faceauth_test_support::performance;
use faceauth_vision::VisionError;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::{CaptureInHand, Pipeline, Scrutiny};
use image::RgbImage;

use crate::support::{pipeline, runtime, shipped};

const SIZE: ImageSize = ImageSize { width: 640, height: 480 };

type Timed = (u32, RgbImage);

fn frames(capture: &[Timed]) -> impl Iterator<Item = Result<(u32, Frame), VisionError>> {
    capture.iter().map(|(t_ms, picture)| {
        Ok((*t_ms, Frame::new(picture.clone().into_raw(), SIZE).expect("a picture")))
    })
}

fn scrutiny() -> Scrutiny {
    let policy = LivenessPolicy::DEFAULT;
    Scrutiny::Verdict { policy, lids: false, settlement: CaptureSettlement::Nothing }
}

/// Everything but the embeddings, which are never printed.
fn printed(observation: &Observation) -> String {
    format!("{observation:?}")
}

#[test]
fn parts_show_what_the_whole_shows() {
    let steps = [TurnLeft, LookUp, TurnRight];
    let moments = performance::perform(&steps, 4);
    let (head, card) = (Head::of(Person::Obama), Card::of(Person::Biden));
    let captures: [Vec<Timed>; 2] = [
        moments.iter().map(|m| (m.t_ms, head.render(&m.view, 640, 480))).collect(),
        moments.iter().map(|m| (m.t_ms, card.render(&m.view, 640, 480))).collect(),
    ];
    let other = Pipeline::new(&runtime(), &shipped(), QualityPolicies::DEFAULT, 1);
    let mut other = other.expect("another pipeline");
    let scrutiny = scrutiny();
    for capture in captures {
        let whole = pipeline().observe(frames(&capture), Keep::Nothing, &scrutiny);
        let whole: Observation = whole.expect("inference");
        let cuts = [1, capture.len() / 2, capture.len()];
        let announced = cuts.map(|cut| (cut, Some(capture.len())));
        for (cut, count) in announced.into_iter().chain(cuts.map(|cut| (cut, None))) {
            let mut in_hand = CaptureInHand::new(Keep::Nothing, count);
            for frame in frames(&capture[..cut]) {
                pipeline().look(&mut in_hand, [frame], &scrutiny).expect("inference");
            }
            assert_eq!(in_hand.looked_at(), cut);
            let mut in_hand = in_hand.of(capture.len());
            other.look(&mut in_hand, frames(&capture[cut..]), &scrutiny).expect("inference");
            let parts = other.conclude(in_hand, &scrutiny).expect("inference");
            assert_eq!(printed(&parts), printed(&whole), "cut at {cut}, announced {count:?}");
            for (a, b) in parts.frames.iter().zip(&whole.frames) {
                let (Ok(a), Ok(b)) = (&a.subject, &b.subject) else { continue };
                let first = a.first.as_ref().zip(b.first.as_ref()).expect("a first stage");
                let alike = first.0.embedding.compare(&first.1.embedding).expect("one model");
                assert!(alike.value() > 0.999_99, "{alike:?}");
            }
        }
    }
}
