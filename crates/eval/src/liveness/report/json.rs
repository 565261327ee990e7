//! The report for programs.

use faceauth_domain::liveness::evidence::{Flow, Transition};
use faceauth_domain::liveness::explain::{Finding, FrameFinding, Limit};
use serde_json::{Value, json as object};

use super::LivenessReport;
use crate::liveness::{Examined, words};

/// The report as JSON.
pub(super) fn json(report: &LivenessReport) -> Value {
    let captures = report.captures.iter().map(|(name, seen)| match seen {
        Ok(examined) => capture(name, examined),
        Err(why) => object!({ "name": name, "problem": why }),
    });
    object!({ "captures": captures.collect::<Vec<_>>() })
}

fn capture(name: &str, examined: &Examined) -> Value {
    let Examined { explanation, transitions, recurrences } = examined;
    object!({
        "name": name,
        "reasons": explanation.reasons().iter().map(|reason| reason.as_str()).collect::<Vec<_>>(),
        "rules": explanation.findings.iter().map(rule).collect::<Vec<_>>(),
        "frames": explanation.frames.iter().map(frame).collect::<Vec<_>>(),
        "transitions": transitions.iter().map(transition).collect::<Vec<_>>(),
        "recurrences": recurrences.iter().map(|recurrence| object!({
            "frame": recurrence.frame,
            "earlier": recurrence.earlier,
            "difference": recurrence.difference,
        })).collect::<Vec<_>>(),
    })
}

fn rule(finding: &Finding) -> Value {
    let (least, most) = match finding.limit {
        Limit::AtLeast(value) => (Some(value), None),
        Limit::AtMost(value) => (None, Some(value)),
    };
    object!({
        "rule": words::key(finding.rule),
        "measured": finding.measured,
        "at_least": least,
        "at_most": most,
        "reasons": finding.reasons.iter().map(|reason| reason.as_str()).collect::<Vec<_>>(),
    })
}

fn frame(frame: &FrameFinding) -> Value {
    object!({
        "t_ms": frame.t_ms,
        "usable": frame.usable,
        "faults": frame.faults,
        "pose": frame.pose.map(|pose| object!({
            "yaw": pose.yaw,
            "pitch": pose.pitch,
            "roll": pose.roll,
        })),
        "relief": frame.relief.map(|relief| object!({
            "turn": relief.turn,
            "depth": relief.depth,
        })),
        "pad": frame.pad.map(|pad| object!({ "least": pad.least(), "most": pad.most() })),
        "score": frame.likeness.map(|likeness| object!({
            "first_stage": likeness.first,
            "whole": likeness.whole,
            "frontal": likeness.frontal,
        })),
    })
}

fn transition(transition: &Transition) -> Value {
    let flow = |flow: Option<Flow>| {
        flow.map(|flow| object!({ "dx": flow.dx, "dy": flow.dy, "points": flow.points }))
    };
    object!({
        "change": transition.change,
        "background_change": transition.background_change,
        "face": flow(transition.face),
        "background": flow(transition.background),
    })
}
