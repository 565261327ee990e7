//! Whether a face and what is behind it move as one: a picture that is held into the camera with its
//! own background. A camera in the hand moves both too, but the head turns before it.
//!
//! Following points is a tenth of what a capture costs. So this file also says when the transitions
//! that were not looked at can no longer change the verdict.

use super::evidence::{Flow, Transition};
use super::policy::LivenessPolicy;

/// In how many transitions face and background move as one.
pub(super) struct Joint {
    pub together: usize,
    /// Transitions in which the face moves far enough to say.
    pub compared: usize,
}

/// Compares the motion of the face with that of the background.
pub(super) fn joint(transitions: &[Transition], policy: &LivenessPolicy) -> Joint {
    let compared: Vec<bool> = transitions
        .iter()
        .filter_map(|t| Some((t.face.filter(|face| moves(face, policy))?, t.background?)))
        .map(|(face, background)| {
            let apart = (face.dx - background.dx).hypot(face.dy - background.dy);
            apart <= policy.max_joint_flow * length(&face)
        })
        .collect();
    Joint { together: compared.iter().filter(|joint| **joint).count(), compared: compared.len() }
}

/// Whether a face moves far enough to compare it with what is behind it.
#[must_use]
pub fn moves(face: &Flow, policy: &LivenessPolicy) -> bool {
    length(face) >= policy.min_flow
}

fn length(flow: &Flow) -> f32 {
    flow.dx.hypot(flow.dy)
}

/// Whether face and background move as one, in most of the transitions that say something and in
/// enough of them. `to_come` transitions are not among `transitions` yet, and may say anything or
/// nothing. `None` while either is possible.
#[must_use]
pub fn is_joint(
    transitions: &[Transition],
    to_come: usize,
    policy: &LivenessPolicy,
) -> Option<bool> {
    let Joint { together, compared } = joint(transitions, policy);
    let verdict =
        |together: usize, compared| together >= policy.joint_transitions && 2 * together > compared;
    if verdict(together, compared + to_come) {
        Some(true)
    } else if verdict(together + to_come, compared + to_come) {
        None
    } else {
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: LivenessPolicy = LivenessPolicy::DEFAULT;

    /// What a transition says: both move as one, the face alone moves, or nothing moves.
    #[derive(Debug, Clone, Copy)]
    enum Says {
        Together,
        Apart,
        Nothing,
    }

    fn transition(says: Says) -> Transition {
        let flow = |dx| Some(Flow { dx, dy: 0.0, points: 50 });
        let (face, background) = match says {
            Says::Together => (flow(0.2), flow(0.19)),
            Says::Apart => (flow(0.2), flow(0.0)),
            Says::Nothing => (flow(0.01), flow(0.01)),
        };
        Transition { change: 5.0, background_change: None, face, background }
    }

    #[test]
    fn half_of_the_transitions_settle_what_is_clear() {
        let apart = [transition(Says::Apart); 6];
        assert_eq!(is_joint(&apart[..5], 6, &POLICY), None);
        assert_eq!(is_joint(&apart, 5, &POLICY), Some(false));
        let together = [transition(Says::Together); 6];
        assert_eq!(is_joint(&together[..5], 6, &POLICY), None);
        assert_eq!(is_joint(&together, 5, &POLICY), Some(true));
        // Too few to say anything, whatever they say.
        let still = [transition(Says::Nothing); 9];
        assert_eq!(is_joint(&still[..8], 3, &POLICY), None);
        assert_eq!(is_joint(&still, 2, &POLICY), Some(false));
    }

    fn says() -> impl Strategy<Value = Says> {
        prop_oneof![Just(Says::Together), Just(Says::Apart), Just(Says::Nothing)]
    }

    proptest! {
        #[test]
        fn what_is_settled_is_the_verdict_over_all_transitions(
            said in prop::collection::vec(says(), 0..30),
            seen in 0usize..30,
        ) {
            let all: Vec<Transition> = said.into_iter().map(transition).collect();
            let seen = seen.min(all.len());
            let whole = is_joint(&all, 0, &POLICY);
            prop_assert!(whole.is_some());
            if let Some(settled) = is_joint(&all[..seen], all.len() - seen, &POLICY) {
                prop_assert_eq!(Some(settled), whole);
            }
        }

        #[test]
        fn what_is_settled_with_more_to_come_is_settled_with_less(
            said in prop::collection::vec(says(), 0..30),
            to_come in 1usize..30,
        ) {
            let seen: Vec<Transition> = said.into_iter().map(transition).collect();
            if let Some(settled) = is_joint(&seen, to_come, &POLICY) {
                prop_assert_eq!(is_joint(&seen, to_come - 1, &POLICY), Some(settled));
            }
        }
    }
}
