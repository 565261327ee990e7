//! The report for programs.

use serde_json::{Value, json as object};

use super::{Pair, Report};
use crate::proportion::Proportion;
use crate::verification::rates::AtThreshold;

/// The report as JSON, rates as shares.
#[must_use]
pub fn json(report: &Report) -> Value {
    object!({
        "model": report.model,
        "samples": report.samples,
        "identities": report.identities,
        "mated": report.mated,
        "non_mated": report.non_mated,
        "failures_to_acquire": report.failures.iter()
            .map(|(file, reasons)| object!({ "file": file, "reasons": reasons }))
            .collect::<Vec<_>>(),
        "thresholds": report.thresholds.iter().map(at).collect::<Vec<_>>(),
        "fmr_not_shown": report.not_shown,
        "least_shown_fmr": report.least_shown_fmr(),
        "settled_by_first_stage": report.settled.map(|settled| rate(settled, None)),
        "equal_error": report.equal_error
            .map(|(rate, threshold)| object!({ "rate": rate, "threshold": threshold })),
        "fold_accuracies": report.folds,
        "det": report.det.iter()
            .map(|(fmr, fnmr)| object!({ "fmr": fmr, "fnmr": fnmr }))
            .collect::<Vec<_>>(),
        "groups": report.groups.iter()
            .map(|group| object!({ "name": group.name, "at": at(&group.at) }))
            .collect::<Vec<_>>(),
        "worst_mated": report.worst_mated.iter().map(pair).collect::<Vec<_>>(),
        "worst_non_mated": report.worst_non_mated.iter().map(pair).collect::<Vec<_>>(),
    })
}

fn at(at: &AtThreshold) -> Value {
    object!({
        "target_fmr": at.target,
        "threshold": at.threshold,
        "fmr": rate(at.fmr, at.fmr_interval),
        "fnmr": rate(at.fnmr, at.fnmr_interval),
        "tar": at.tar_percent() / 100.0,
    })
}

fn rate(rate: Proportion, bootstrap: Option<(f64, f64)>) -> Value {
    object!({
        "errors": rate.hits,
        "comparisons": rate.trials,
        "rate": rate.rate(),
        "wilson_95": rate.interval_95(),
        "bootstrap_95": bootstrap,
    })
}

fn pair(Pair { left, right, score }: &Pair) -> Value {
    object!({ "left": left, "right": right, "score": score })
}
