//! Which curves a capture has, and with which limits.

use faceauth_domain::liveness::evidence::{Flow, Transition};
use faceauth_domain::liveness::explain::FrameFinding;
use faceauth_domain::liveness::policy::LivenessPolicy;

use crate::liveness::Examined;
use crate::report::timeline::{Curve, Line, Side, Timeline};

/// What is drawn of a capture, in this order.
pub(super) fn timelines(examined: &Examined, policy: &LivenessPolicy) -> Vec<Timeline> {
    vec![
        head(examined, policy),
        pad(examined, policy),
        person(examined, policy),
        shape(examined, policy),
        flow(examined, policy),
        change(examined, policy),
        background(examined, policy),
    ]
}

/// A chart without curves and limits.
fn chart(
    examined: &Examined,
    title: &'static str,
    unit: &'static str,
    range: (f32, f32),
) -> Timeline {
    let frames = &examined.explanation.frames;
    let seconds = |frame: &FrameFinding| frame.t_ms as f32 / 1_000.0;
    Timeline {
        title,
        unit,
        range,
        curves: Vec::new(),
        limits: Vec::new(),
        lost: frames.iter().filter(|frame| !frame.usable).map(seconds).collect(),
        seconds: frames
            .first()
            .zip(frames.last())
            .map_or((0.0, 1.0), |(first, last)| (seconds(first), seconds(last))),
    }
}

/// A value of each frame.
fn by_frame(
    examined: &Examined,
    name: &'static str,
    value: impl Fn(&FrameFinding) -> Option<f32>,
) -> Curve {
    let points = examined
        .explanation
        .frames
        .iter()
        .map(|frame| (frame.t_ms as f32 / 1_000.0, value(frame)))
        .collect();
    Curve { name, points }
}

/// A value of each transition, at the time of its later frame.
fn by_transition(
    examined: &Examined,
    name: &'static str,
    value: impl Fn(&Transition) -> Option<f32>,
) -> Curve {
    let later = examined.explanation.frames.iter().skip(1);
    let points = later
        .zip(&examined.transitions)
        .map(|(frame, transition)| (frame.t_ms as f32 / 1_000.0, value(transition)))
        .collect();
    Curve { name, points }
}

fn limit(value: f32, label: String, side: Side) -> Line {
    Line { value, label, side }
}

fn head(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let (turn, up) = (policy.turn_yaw, policy.look_up_pitch);
    Timeline {
        curves: vec![
            by_frame(examined, "yaw (right of the image is up)", |f| f.pose.map(|pose| pose.yaw)),
            by_frame(examined, "pitch (up is up)", |f| f.pose.map(|pose| pose.pitch)),
            by_frame(examined, "roll (clockwise is up)", |f| f.pose.map(|pose| pose.roll)),
        ],
        limits: vec![
            limit(turn, format!("yaw {turn}: a turn"), Side::Start),
            limit(-turn, format!("yaw -{turn}: a turn"), Side::Start),
            limit(up, format!("pitch {up}: looks up"), Side::End),
        ],
        ..chart(examined, "How the head is held", "degrees from the start", (-45.0, 45.0))
    }
}

fn pad(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let least = policy.min_mean_pad;
    let scores: Vec<f32> =
        examined.explanation.frames.iter().filter_map(|f| Some(f.pad?.middle())).collect();
    let mut limits = vec![limit(least, format!("the mean must reach {least}"), Side::Start)];
    if !scores.is_empty() {
        let mean = scores.iter().sum::<f32>() / scores.len() as f32;
        limits.push(limit(mean, format!("mean {mean:.2}"), Side::End));
    }
    Timeline {
        curves: vec![by_frame(examined, "PAD score", |f| f.pad.map(|pad| pad.middle()))],
        limits,
        ..chart(examined, "Does it look like a person?", "0 an attack, 1 a person", (0.0, 1.0))
    }
}

fn person(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let (frontal, turned) = (policy.min_identity_frontal, policy.min_identity_turned);
    Timeline {
        curves: vec![
            by_frame(examined, "whole matcher", |f| f.likeness.and_then(|l| l.whole)),
            by_frame(examined, "its first stage", |f| f.likeness.and_then(|l| l.first)),
        ],
        limits: vec![
            limit(frontal, format!("frontal: {frontal}"), Side::Start),
            limit(turned, format!("turned: {turned}"), Side::End),
        ],
        ..chart(examined, "Is it one person?", "score against the person", (-0.2, 1.0))
    }
}

fn shape(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let (depth, tilt) = (policy.min_depth, policy.min_tilt);
    Timeline {
        curves: vec![
            by_frame(examined, "turn: seen from another side", |f| f.relief.map(|r| r.turn)),
            by_frame(examined, "depth: not flat", |f| f.relief.map(|r| r.depth)),
        ],
        limits: vec![
            limit(depth, format!("depth at a turn: {depth}"), Side::End),
            limit(tilt, format!("turn that counts: {tilt}"), Side::Start),
        ],
        ..chart(examined, "Has it depth?", "distances between the eyes", (0.0, 0.2))
    }
}

fn flow(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let least = policy.min_flow;
    let length = |flow: Flow| flow.dx.hypot(flow.dy);
    Timeline {
        curves: vec![
            by_transition(examined, "face", |t| t.face.map(length)),
            by_transition(examined, "background", |t| t.background.map(length)),
        ],
        limits: vec![limit(least, format!("compared from {least}"), Side::Start)],
        ..chart(examined, "Do face and background move as one?", "face heights a frame", (0.0, 0.3))
    }
}

fn change(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let still = policy.frozen_change;
    let frames = &examined.explanation.frames;
    let again = examined.recurrences.iter().filter_map(|recurrence| {
        Some((frames.get(recurrence.frame)?.t_ms as f32 / 1_000.0, Some(recurrence.difference)))
    });
    Timeline {
        curves: vec![
            by_transition(examined, "from the frame before", |t| Some(t.change)),
            Curve { name: "from the most alike earlier frame", points: again.collect() },
        ],
        limits: vec![limit(still, format!("the same picture: {still}"), Side::Start)],
        ..chart(examined, "Does the picture change?", "grey levels of 255", (0.0, 10.0))
    }
}

fn background(examined: &Examined, policy: &LivenessPolicy) -> Timeline {
    let most = policy.max_background_change;
    Timeline {
        curves: vec![by_transition(examined, "from the frame before", |t| t.background_change)],
        limits: vec![limit(most, format!("a cut: above {most}"), Side::Start)],
        ..chart(examined, "Is the background cut?", "share that changes", (0.0, 1.0))
    }
}
