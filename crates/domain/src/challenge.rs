//! What a person at the camera is asked to do, and what remembers that they were asked.
//!
//! The server draws the steps at random, so a recording made before the session began
//! shows the wrong ones in the wrong order. A session lives for [`SESSION_TTL`] and
//! allows [`MAX_ATTEMPTS`]; every attempt has steps and a nonce of its own, and a nonce
//! is good for one submission.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::user::Username;

/// How long a session can be answered. Two minutes are enough to read, position oneself
/// and perform three times; Amazon Rekognition gives three minutes, Azure ten.
pub const SESSION_TTL: TimeDelta = TimeDelta::seconds(120);

/// Captures that a session may judge. Each is one more chance for an attacker with a recording, so
/// there are few.
pub const MAX_ATTEMPTS: u8 = 3;

/// Steps of a challenge. Three of four kinds without immediate repetition make 33
/// sequences; a fourth step would triple them and lose people.
pub const STEPS: usize = 3;

/// Least kinds of step a session must be able to draw from: with one kind there would be
/// nothing to guess.
pub const MIN_KINDS: usize = 2;

/// Time for one step in milliseconds, from the end of the one before it (of the first:
/// from the first frame). Three of them fit into the longest clip.
pub const STEP_WITHIN_MS: u32 = 6_000;

/// One kind of step. Sides are the person's own: a person who turns to their left faces the right
/// of an unmirrored image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Turn the head to one's own left, and back.
    TurnLeft,
    /// Turn the head to one's own right, and back.
    TurnRight,
    /// Raise the chin, and lower it again.
    LookUp,
    /// Close both eyes, and keep them closed until told.
    Blink,
    /// Bring the face closer to the camera, and stay there.
    MoveCloser,
}

impl Action {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::TurnLeft, Self::TurnRight, Self::LookUp, Self::Blink, Self::MoveCloser];

    /// The kinds that a challenge is drawn from unless the session asks for others. Closing the eyes
    /// is left out, because it shows no depth (`docs/measurements/liveness.md`).
    pub const DEFAULT: [Self; 4] =
        [Self::TurnLeft, Self::TurnRight, Self::LookUp, Self::MoveCloser];

    /// The word that stands for it in JSON and in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TurnLeft => "turn_left",
            Self::TurnRight => "turn_right",
            Self::LookUp => "look_up",
            Self::Blink => "blink",
            Self::MoveCloser => "move_closer",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }

    /// Whether the head rotates out of the image plane, which shows its depth.
    #[must_use]
    pub fn rotates(self) -> bool {
        matches!(self, Self::TurnLeft | Self::TurnRight | Self::LookUp)
    }

    /// Whether a challenge may contain it more than once. Nobody can come closer again and again.
    fn repeatable(self) -> bool {
        self != Self::MoveCloser
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kinds of step a session may draw from: what the person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(Vec<Action>);

/// Too few different kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name at least {MIN_KINDS} different kinds of step")]
pub struct TooFewKinds;

impl Kinds {
    /// Takes each kind once.
    ///
    /// # Errors
    /// [`TooFewKinds`] when fewer than [`MIN_KINDS`] remain.
    pub fn new(actions: &[Action]) -> Result<Self, TooFewKinds> {
        let mut kinds = actions.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() < MIN_KINDS { Err(TooFewKinds) } else { Ok(Self(kinds)) }
    }

    /// Each kind once.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.0
    }

    /// Whether a challenge drawn from them may ask for closed eyes.
    #[must_use]
    pub fn close_eyes(&self) -> bool {
        self.0.contains(&Action::Blink)
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self(Action::DEFAULT.to_vec())
    }
}

/// The ordered steps of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(Vec<Action>);

impl Challenge {
    /// Draws [`STEPS`] steps from `kinds`. `random(n)` gives a uniform number below `n`.
    ///
    /// Every allowed sequence is equally likely. With three kinds or more, no step follows itself.
    /// Nobody has to come closer twice. When a kind [rotates](Action::rotates) the head, at least
    /// one such step is drawn.
    pub fn draw(kinds: &Kinds, mut random: impl FnMut(usize) -> usize) -> Self {
        let sequences = sequences(kinds);
        // Two kinds or more always leave a sequence: `move_closer` can stand only once.
        let index = random(sequences.len()).min(sequences.len().saturating_sub(1));
        Self(sequences.into_iter().nth(index).unwrap_or_default())
    }

    /// The challenge with these steps, as it was drawn before; for rows and tests.
    #[must_use]
    pub fn from_steps(steps: Vec<Action>) -> Self {
        Self(steps)
    }

    /// The steps in the order they must be performed.
    #[must_use]
    pub fn steps(&self) -> &[Action] {
        &self.0
    }

    /// Whether a step shows the depth of the head.
    #[must_use]
    pub fn rotates(&self) -> bool {
        self.0.iter().any(|action| action.rotates())
    }

    /// Whether a step asks for closed eyes.
    #[must_use]
    pub fn closes_eyes(&self) -> bool {
        self.0.contains(&Action::Blink)
    }
}

/// Every sequence of [`STEPS`] steps that is allowed for a person who can do `kinds`.
fn sequences(kinds: &Kinds) -> Vec<Vec<Action>> {
    let Kinds(kinds) = kinds;
    let repeat = kinds.len() < 3;
    let rotation = kinds.iter().any(|action| action.rotates());
    let mut sequences = vec![Vec::new()];
    for _ in 0..STEPS {
        sequences = sequences
            .iter()
            .flat_map(|begun: &Vec<Action>| {
                kinds
                    .iter()
                    .filter(|next| repeat || begun.last() != Some(next))
                    .filter(|next| next.repeatable() || !begun.contains(next))
                    .map(|next| [begun.as_slice(), &[*next]].concat())
            })
            .collect();
    }
    sequences.retain(|steps| {
        let varied = steps.iter().any(|step| Some(step) != steps.first());
        varied && (!rotation || steps.iter().any(|step| step.rotates()))
    });
    sequences
}

/// What a session is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in.
    Verify,
    /// Enrolling a face, of a new account or another one of an existing account.
    Register,
}

impl Purpose {
    /// The word that stands for it in JSON, rows and tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Register => "register",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Verify, Self::Register].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// What a session was made for. What is `None` was left open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Binding {
    /// For whom.
    pub username: Option<Username>,
    /// For what.
    pub purpose: Option<Purpose>,
}

impl Binding {
    /// Whether a session bound like this may be used by `username` for `purpose`.
    #[must_use]
    pub fn allows(&self, username: &Username, purpose: Purpose) -> bool {
        self.username.as_ref().is_none_or(|bound| bound.key() == username.key())
            && self.purpose.is_none_or(|bound| bound == purpose)
    }
}

/// A session whose current nonce this caller alone has spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedChallenge {
    /// The session.
    pub session: Uuid,
    /// What it was made for.
    pub binding: Binding,
    /// The kinds its challenges are drawn from.
    pub kinds: Kinds,
    /// The steps that were asked for.
    pub challenge: Challenge,
    /// When they were handed out. Nothing recorded before can be an answer.
    pub issued_at: DateTime<Utc>,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Attempts that remain after this one.
    pub attempts_left: u8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action::{Blink, LookUp, MoveCloser, TurnLeft, TurnRight};

    fn kinds(actions: &[Action]) -> Kinds {
        Kinds::new(actions).unwrap()
    }

    #[test]
    fn words_and_actions_are_one_to_one() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(action));
        }
        assert_eq!(Action::parse("jump"), None);
        assert_eq!(Purpose::parse("register"), Some(Purpose::Register));
    }

    #[test]
    fn a_session_draws_from_two_kinds_at_least() {
        assert_eq!(Kinds::new(&[Blink, Blink]), Err(TooFewKinds));
        assert_eq!(Kinds::new(&[]), Err(TooFewKinds));
        assert!(Kinds::new(&[Blink, MoveCloser]).is_ok());
    }

    #[test]
    fn every_pair_of_kinds_leaves_sequences_to_guess() {
        for a in Action::ALL {
            for b in Action::ALL.into_iter().filter(|b| *b != a) {
                let sequences = sequences(&kinds(&[a, b]));
                assert!(sequences.len() >= 3, "{a} {b}: {sequences:?}");
            }
        }
        assert_eq!(sequences(&Kinds::default()).len(), 33);
        assert_eq!(sequences(&kinds(&Action::ALL)).len(), 75);
    }

    #[test]
    fn every_sequence_can_be_performed_and_shows_depth() {
        for steps in sequences(&Kinds::default()) {
            assert_eq!(steps.len(), STEPS);
            assert!(steps.iter().filter(|step| **step == MoveCloser).count() <= 1);
            assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(Challenge::from_steps(steps).rotates());
        }
    }

    #[test]
    fn the_draw_is_even() {
        let all = sequences(&Kinds::default());
        for (index, steps) in all.iter().enumerate() {
            let drawn = Challenge::draw(&Kinds::default(), |n| {
                assert_eq!(n, all.len());
                index
            });
            assert_eq!(drawn.steps(), steps);
        }
        // A broken source of randomness is no panic.
        assert_eq!(Challenge::draw(&Kinds::default(), |n| n).steps().len(), STEPS);
    }

    #[test]
    fn people_who_cannot_turn_are_not_asked_to() {
        let still = kinds(&[Blink, MoveCloser]);
        for steps in sequences(&still) {
            assert!(!steps.contains(&TurnLeft) && !steps.contains(&TurnRight));
            assert!(!steps.contains(&LookUp));
        }
    }

    #[test]
    fn a_binding_holds_what_it_names() {
        let name = |text: &str| Username::parse(text).unwrap();
        let open = Binding::default();
        assert!(open.allows(&name("ada"), Purpose::Verify));
        let bound = Binding { username: Some(name("Ada")), purpose: Some(Purpose::Verify) };
        assert!(bound.allows(&name("ada"), Purpose::Verify));
        assert!(!bound.allows(&name("grace"), Purpose::Verify));
        assert!(!bound.allows(&name("ada"), Purpose::Register));
    }
}
