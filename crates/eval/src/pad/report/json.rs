//! The report for programs.

use serde_json::{Value, json as object};

use super::{PadReport, word};

/// The report as JSON, rates as shares.
pub(super) fn json(report: &PadReport) -> Value {
    object!({
        "limits": {
            "picture": report.limits.picture,
            "capture_mean": report.limits.liveness.min_mean_pad,
        },
        "presentations": report.rows().map(|row| object!({
            "input": word(row.medium),
            "presented": row.truth.to_string(),
            "files": row.files,
            "presentations": row.presentations,
            "no_response": row.no_response,
            "metric": row.metric,
            "errors": row.errors.hits,
            "answered": row.errors.trials,
            "rate": row.errors.rate(),
            "wilson_95": row.errors.interval_95(),
            "passed": row.passed.hits,
            "reasons": row.reasons,
            "taken_wrongly": row.wrong,
            "unanswered": row.unanswered,
        })).collect::<Vec<_>>(),
        "tradeoffs": report.tradeoffs().iter().map(|curves| object!({
            "input": word(curves.medium),
            "configured": curves.configured,
            "species": curves.species.iter().map(|(species, tradeoff)| object!({
                "presented": species.to_string(),
                "equal_error": tradeoff.equal_error
                    .map(|(rate, threshold)| object!({ "rate": rate, "threshold": threshold })),
                "det": tradeoff.points.iter().map(|point| object!({
                    "threshold": point.threshold,
                    "apcer": point.apcer,
                    "bpcer": point.bpcer,
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
