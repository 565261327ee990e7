//! A person who performs the steps of a challenge, as views to draw.

use faceauth_domain::challenge::{Action, Challenge, Kinds};

use crate::head::View;

pub mod paces;

/// Milliseconds between two frames of a performance.
pub const FRAME_MS: u32 = 450;

/// How far a motion has gone in the frames of one step: on the way, there, on the way back.
const PHASES: [f32; 3] = [0.55, 1.0, 0.35];

/// How far people turn the head when asked to, in degrees: in the recorded clips 30 to 45.
const TURN: f32 = 32.0;

/// How far they look up, in degrees.
const LOOK_UP: f32 = 26.0;

/// Face height in picture heights, before and after coming closer.
const FAR: f32 = 0.42;
const NEAR: f32 = 0.58;

/// How far the head sways between two frames, in degrees and picture sizes, because nobody holds it
/// quite still.
const SWAY_DEGREES: f32 = 1.2;
const SWAY_SHIFT: f32 = 0.006;

/// A frame to draw.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When it is seen, in milliseconds.
    pub t_ms: u32,
    /// How the head is seen.
    pub view: View,
}

/// Every challenge that may be drawn by default, once.
#[must_use]
pub fn challenges() -> Vec<Challenge> {
    let kinds = Kinds::default();
    let mut challenges: Vec<Challenge> = Vec::new();
    // More than enough draws, evenly spread, to meet each.
    for number in 0..10_000 {
        let mut rest = number;
        let drawn = Challenge::draw(&kinds, |n| {
            let choice = rest % n;
            rest /= n;
            choice
        });
        if !challenges.iter().any(|known| known.steps() == drawn.steps()) {
            challenges.push(drawn);
        }
    }
    challenges
}

/// The frames of a person who performs `actions` in this order, straight for two frames at the
/// start and one at the end. Another `seed` gives another sway and other sensor noise.
#[must_use]
pub fn perform(actions: &[Action], seed: u64) -> Vec<Moment> {
    let mut scale = FAR;
    let mut views = vec![straight(scale), straight(scale)];
    for action in actions {
        for phase in PHASES {
            let mut view = straight(scale);
            match action {
                // Their own left is the right of the image.
                Action::TurnLeft => view.yaw = TURN * phase,
                Action::TurnRight => view.yaw = -TURN * phase,
                Action::LookUp => view.pitch = LOOK_UP * phase,
                // Held shut, on the way there and there.
                Action::Blink => view.eyes_closed = if phase > 0.5 { 1.0 } else { 0.0 },
                Action::MoveCloser => {
                    view.scale = FAR + (NEAR - FAR) * phase.max(scale_share(scale))
                }
            }
            // After coming closer, the person stays there.
            if *action == Action::MoveCloser {
                scale = view.scale;
            }
            views.push(view);
        }
    }
    views.push(straight(scale));
    timed(views, seed)
}

/// The views at regular times, swaying.
#[must_use]
pub fn timed(views: Vec<View>, seed: u64) -> Vec<Moment> {
    views
        .into_iter()
        .zip(0u32..)
        .map(|(view, index)| Moment { t_ms: index * FRAME_MS, view: sway(view, index, seed) })
        .collect()
}

/// The view of frame `index`, of somebody who sways, with noise of its own.
fn sway(mut view: View, index: u32, seed: u64) -> View {
    let phase = index as f32 + seed as f32 * 0.7;
    view.yaw += SWAY_DEGREES * (phase * 1.3).sin();
    view.pitch += SWAY_DEGREES * (phase * 0.9).cos();
    view.shift.0 += SWAY_SHIFT * (phase * 1.7).sin();
    view.shift.1 += SWAY_SHIFT * (phase * 1.1).cos();
    view.noise_seed = (seed << 16) + u64::from(index) + 1;
    view
}

fn straight(scale: f32) -> View {
    View { scale, ..View::default() }
}

/// How far between far and near a scale is.
fn scale_share(scale: f32) -> f32 {
    (scale - FAR) / (NEAR - FAR)
}
