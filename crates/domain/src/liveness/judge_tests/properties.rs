//! What holds for every capture.

use proptest::prelude::*;

use super::{NOW, STEPS, capture, evidence, scored, verdict, whole};
use crate::challenge::Action::{self, Blink, LookUp, MoveCloser, TurnLeft, TurnRight};
use crate::challenge::Challenge;
use crate::liveness::evidence::Relief;
use crate::liveness::judge::judge;
use crate::liveness::policy::LivenessPolicy;
use crate::policy::PadMode;

proptest! {
    #[test]
    fn only_the_asked_order_is_live(
        asked in prop::sample::subsequence(vec![TurnLeft, TurnRight, LookUp, TurnLeft, LookUp], 3),
        done in prop::collection::vec(
            prop::sample::select(vec![TurnLeft, TurnRight, LookUp, Blink, MoveCloser]), 0..6,
        ),
    ) {
        let verdict = verdict(&asked, &capture(&done));
        // What counts of `done`. Blinking, coming closer and repeating a met step do not count,
        // unless the challenge asks for them.
        let mut counted: Vec<Action> = Vec::new();
        for action in done.iter().copied().filter(|action| action.rotates()) {
            if asked.get(counted.len()) == Some(&action) || counted.last() != Some(&action) {
                counted.push(action);
            }
        }
        if verdict.live.is_ok() {
            prop_assert!(counted.starts_with(&asked));
        }
        if counted == asked {
            prop_assert!(verdict.live.is_ok(), "{:?}", verdict.live.err());
        }
    }

    #[test]
    fn a_stricter_limit_never_lets_more_through(
        pad in 0.0f32..1.0, depth in 0.0f32..0.3, likeness in -1.0f32..1.0, raise in 0.0f32..0.5,
    ) {
        let mut observation = capture(&STEPS);
        for frame in 0..observation.frames.len() {
            let face = evidence(&mut observation, frame);
            face.pad = scored(pad);
            if frame == 2 {
                face.whole = Some(whole(&[likeness, 1.0]));
            }
            observation.frames[frame].relief =
                Some(Relief { turn: depth, depth });
        }
        let live = |policy: &LivenessPolicy| {
            let challenge = Challenge::from_steps(STEPS.to_vec());
            judge(&challenge, &observation, NOW, PadMode::Enforce, policy).live.is_ok()
        };
        let policy = LivenessPolicy::DEFAULT;
        let stricter = LivenessPolicy {
            min_mean_pad: policy.min_mean_pad + raise,
            min_depth: policy.min_depth + raise,
            min_identity_turned: policy.min_identity_turned + raise,
            ..policy
        };
        prop_assert!(live(&policy) || !live(&stricter));
    }
}
