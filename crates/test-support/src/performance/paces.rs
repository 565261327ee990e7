//! People who follow the prompts of the page, each at a pace of their own, without coming back to
//! the middle between two steps. The page asks for the next step once it has seen the last one.

use faceauth_domain::challenge::Action;

use super::{FAR, LOOK_UP, Moment, NEAR, TURN, sway};
use crate::head::View;

/// How somebody moves.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// A word for it.
    pub name: &'static str,
    /// Milliseconds from a prompt to the first movement.
    pub reaction_ms: u32,
    /// Milliseconds of a whole motion, as a turn from the middle.
    pub motion_ms: u32,
    /// How far they go, as a share of what people usually do.
    pub extent: f32,
    /// Milliseconds for which they stop half way.
    pub hesitation_ms: u32,
    /// How far they go before they come back to `extent`, as a share of it.
    pub overshoot: f32,
}

/// Who reacts after a third of a second and moves as people in recorded clips do.
const USUAL: Pace = Pace {
    name: "usual",
    reaction_ms: 350,
    motion_ms: 440,
    extent: 1.0,
    hesitation_ms: 0,
    overshoot: 1.0,
};

impl Pace {
    /// The usual pace and five others.
    pub const ALL: [Self; 6] = [
        USUAL,
        Self { name: "quick", reaction_ms: 200, motion_ms: 240, ..USUAL },
        Self { name: "slow", reaction_ms: 900, motion_ms: 1_100, ..USUAL },
        Self { name: "hesitating", reaction_ms: 500, hesitation_ms: 700, ..USUAL },
        Self { name: "overshooting", reaction_ms: 300, motion_ms: 350, overshoot: 1.25, ..USUAL },
        Self { name: "small", extent: 0.84, ..USUAL },
    ];
}

/// Limits and times of the page (`frontend/src/liveness/challenge.ts`).
const PAGE_TURNED: f32 = 23.0;
const PAGE_RAISED: f32 = 16.0;
const PAGE_BACK_YAW: f32 = 9.0;
const PAGE_BACK_PITCH: f32 = 7.0;
const PAGE_CLOSER: f32 = 1.33;
const PAGE_HOLD_MS: u32 = 250;
const PAGE_STRAIGHT_MS: u32 = 600;

/// Frames of the page (`frontend/src/liveness/select.ts`, `machine.ts`).
const FRAMES: usize = 18;
const PAGE_REACTION_MS: u32 = 200;
const STILL_PACE_MS: u32 = 125;
const MOTION_PACE_MS: u32 = 100;

/// Steps of time in which the head is followed.
const TICK_MS: u32 = 10;

/// How the head is held.
#[derive(Debug, Clone, Copy)]
struct Held {
    yaw: f32,
    pitch: f32,
    scale: f32,
}

/// The frames that the page sends of a person who follows its prompts for `actions`.
///
/// # Panics
/// When the page would not see a step, because the motion is too small.
#[must_use]
pub fn follow(actions: &[Action], pace: &Pace, seed: u64) -> Vec<Moment> {
    let mut track = vec![Held { yaw: 0.0, pitch: 0.0, scale: FAR }];
    let at = |ms: u32| (ms / TICK_MS) as usize;
    // Frames that are always sent: the look ahead, and the first and the last frame of each step.
    let ahead = 0..PAGE_STRAIGHT_MS + PAGE_REACTION_MS;
    let mut kept: Vec<u32> = ahead.step_by(STILL_PACE_MS as usize).collect();
    let mut prompt = PAGE_STRAIGHT_MS;
    for action in actions {
        let begins = prompt + pace.reaction_ms;
        let from = *track.last().expect("a head is somewhere");
        track.resize(at(begins), from);
        perform(&mut track, *action, pace);
        let there = *track.last().expect("a head is somewhere");
        let first = (at(prompt)..track.len())
            .find(|index| seen(*action, &track[*index]))
            .unwrap_or_else(|| panic!("{action} is too small at the pace {}", pace.name));
        let first = u32::try_from(first).expect("a minute at most") * TICK_MS;
        prompt = first + PAGE_HOLD_MS;
        track.resize(track.len().max(at(prompt) + 1), there);
        kept.extend([first + TICK_MS, prompt]);
    }
    let last = prompt;
    let taken = (PAGE_STRAIGHT_MS..last).step_by(MOTION_PACE_MS as usize);
    chosen(kept, taken.collect())
        .into_iter()
        .zip(0u32..)
        .map(|(t_ms, index)| {
            let Held { yaw, pitch, scale } = track[at(t_ms).min(track.len() - 1)];
            let view = View { yaw, pitch, scale, ..View::default() };
            Moment { t_ms, view: sway(view, index, seed) }
        })
        .collect()
}

/// Adds the way to what `action` asks for.
fn perform(track: &mut Vec<Held>, action: Action, pace: &Pace) {
    let from = *track.last().expect("a head is somewhere");
    let straight = Held { yaw: 0.0, pitch: 0.0, scale: from.scale };
    let goal = |extent: f32| match action {
        // Their own left is the right of the image.
        Action::TurnLeft => Held { yaw: TURN * extent, ..straight },
        Action::TurnRight => Held { yaw: -TURN * extent, ..straight },
        Action::LookUp => Held { pitch: LOOK_UP * extent, ..straight },
        // Nobody overshoots into the camera, and a face that has come closer by less is not closer.
        Action::MoveCloser => Held { scale: NEAR, ..straight },
        Action::Blink => straight,
    };
    let far = pace.extent * pace.overshoot;
    // From one side to the other it is twice as far.
    let way = ((goal(far).yaw - from.yaw).abs() / TURN).max(1.0);
    go(track, goal(far), (pace.motion_ms as f32 * way) as u32, pace.hesitation_ms);
    if far > pace.extent {
        go(track, goal(pace.extent), pace.motion_ms / 2, 0);
    }
}

/// Moves smoothly from where the head is to `to`, and stops half way for `hesitation_ms`.
fn go(track: &mut Vec<Held>, to: Held, milliseconds: u32, hesitation_ms: u32) {
    let from = *track.last().expect("a head is somewhere");
    let between = |share: f32| {
        let smooth = share * share * (3.0 - 2.0 * share);
        let mix = |a: f32, b: f32| a + (b - a) * smooth;
        Held {
            yaw: mix(from.yaw, to.yaw),
            pitch: mix(from.pitch, to.pitch),
            scale: mix(from.scale, to.scale),
        }
    };
    let ticks = milliseconds / TICK_MS;
    for tick in 1..=ticks {
        track.push(between(tick as f32 / ticks as f32));
        if tick == ticks / 2 {
            let stay = vec![between(0.5); (hesitation_ms / TICK_MS) as usize];
            track.extend(stay);
        }
    }
}

/// Whether the page sees `action` done.
fn seen(action: Action, held: &Held) -> bool {
    let ahead = held.yaw.abs() <= PAGE_BACK_YAW;
    match action {
        Action::TurnLeft => held.yaw >= PAGE_TURNED,
        Action::TurnRight => held.yaw <= -PAGE_TURNED,
        Action::LookUp => ahead && held.pitch >= PAGE_RAISED,
        Action::MoveCloser => {
            ahead && held.pitch <= PAGE_BACK_PITCH && held.scale >= PAGE_CLOSER * FAR
        }
        Action::Blink => true,
    }
}

/// The times of the frames that are sent: those that are `kept`, and of those `taken` as many as
/// there is room for, in the widest gaps.
fn chosen(mut kept: Vec<u32>, mut taken: Vec<u32>) -> Vec<u32> {
    kept.sort_unstable();
    while kept.len() < FRAMES {
        let gap = kept
            .windows(2)
            .filter(|pair| taken.iter().any(|time| pair[0] < *time && *time < pair[1]))
            .max_by_key(|pair| pair[1] - pair[0]);
        let Some([before, after]) = gap else { break };
        let middle = u32::midpoint(*before, *after);
        let inside = taken.iter().copied().filter(|time| before < time && time < after);
        let Some(nearest) = inside.min_by_key(|time| time.abs_diff(middle)) else { break };
        taken.retain(|time| *time != nearest);
        kept.push(nearest);
        kept.sort_unstable();
    }
    kept.dedup_by(|later, earlier| *later - *earlier < 20);
    kept
}
