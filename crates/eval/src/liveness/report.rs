//! What each rule saw of captures: as Markdown, as JSON and as a page without anything beside it. Figures
//! and file names alone, no picture and no embedding.

mod curves;
mod html;
mod json;
mod markdown;

use faceauth_domain::liveness::explain::FrameFinding;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::liveness::reason::LivenessReason;

use super::Examined;
use super::words;

/// What was seen so far.
#[derive(Debug, Clone)]
pub struct LivenessReport {
    policy: LivenessPolicy,
    captures: Vec<(String, Result<Examined, String>)>,
}

impl LivenessReport {
    /// A report of nothing yet, by these limits.
    #[must_use]
    pub fn new(policy: LivenessPolicy) -> Self {
        Self { policy, captures: Vec::new() }
    }

    /// Adds a capture of this name, or why it could not be looked at.
    pub fn add(&mut self, name: String, seen: Result<Examined, String>) {
        self.captures.push((name, seen));
    }

    /// The report as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json::json(self)
    }

    /// The report as a page.
    #[must_use]
    pub fn html(&self) -> String {
        html::html(self)
    }
}

/// What there is to say about no reason at all.
const NO_REASON: &str = "No rule refuses this that needs no challenge. When the service refuses such a \
                         capture all the same, the steps are the cause: look at the reasons in the \
                         security events, and at the curve of the head.";

/// Why a capture is refused and what to try: a sentence or two for each reason.
fn sentences(examined: &Examined) -> Vec<(Option<LivenessReason>, &'static str)> {
    let reasons = examined.explanation.reasons();
    if reasons.is_empty() {
        return vec![(None, NO_REASON)];
    }
    reasons.into_iter().map(|reason| (Some(reason), words::advice(reason))).collect()
}

/// The columns of the table by frame.
const COLUMNS: [&str; 13] = [
    "ms",
    "yaw",
    "pitch",
    "roll",
    "turn",
    "depth",
    "face flow",
    "background flow",
    "background change",
    "PAD",
    "first stage",
    "whole matcher",
    "faults",
];

/// The row of a frame.
fn row(examined: &Examined, index: usize, frame: &FrameFinding) -> [String; COLUMNS.len()] {
    let degrees = |value: Option<f32>| value.map_or("-".to_owned(), |v| format!("{v:.1}"));
    let share = |value: Option<f32>| value.map_or("-".to_owned(), |v| format!("{v:.3}"));
    let before = index.checked_sub(1).and_then(|index| examined.transitions.get(index));
    let pad = frame.pad.map_or("-".to_owned(), |pad| {
        if pad.width() > 0.0 {
            format!("{:.3} to {:.3}", pad.least(), pad.most())
        } else {
            format!("{:.3}", pad.middle())
        }
    });
    let faults = if frame.faults.is_empty() { "-".to_owned() } else { frame.faults.join(", ") };
    [
        frame.t_ms.to_string(),
        degrees(frame.pose.map(|pose| pose.yaw)),
        degrees(frame.pose.map(|pose| pose.pitch)),
        degrees(frame.pose.map(|pose| pose.roll)),
        share(frame.relief.map(|relief| relief.turn)),
        share(frame.relief.map(|relief| relief.depth)),
        share(before.and_then(|t| t.face).map(|flow| flow.dx.hypot(flow.dy))),
        share(before.and_then(|t| t.background).map(|flow| flow.dx.hypot(flow.dy))),
        share(before.and_then(|t| t.background_change)),
        pad,
        share(frame.likeness.and_then(|likeness| likeness.first)),
        share(frame.likeness.and_then(|likeness| likeness.whole)),
        faults,
    ]
}
