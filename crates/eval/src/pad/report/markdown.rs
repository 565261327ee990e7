//! The report as Markdown.

use std::fmt::Write;

use super::{PadReport, word};

/// The table of error rates, the reasons, equal error rates, and every error and every file without a response by
/// name.
pub(super) fn markdown(report: &PadReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, report);
    text
}

fn write(text: &mut String, report: &PadReport) -> std::fmt::Result {
    writeln!(
        text,
        "Limits: single image {}, mean of a capture {}.\n",
        report.limits.picture, report.limits.liveness.min_mean_pad
    )?;
    text.push_str(
        "| input | presented | files | presentations | no response | error rate, 95 % | passed |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in report.rows() {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} {} | {} of {} |",
            word(row.medium),
            row.truth,
            row.files,
            row.presentations,
            row.no_response,
            row.metric,
            row.errors,
            row.passed.hits,
            row.passed.trials,
        )?;
    }
    text.push_str("\n| input | presented | reasons |\n| --- | --- | --- |\n");
    for row in report.rows() {
        let listed: Vec<String> =
            row.reasons.iter().map(|(reason, count)| format!("`{reason}` {count}")).collect();
        let listed = if listed.is_empty() { "-".to_owned() } else { listed.join(", ") };
        writeln!(text, "| {} | {} | {listed} |", word(row.medium), row.truth)?;
    }
    for curves in report.tradeoffs() {
        writeln!(text)?;
        for (species, tradeoff) in &curves.species {
            if let Some((rate, threshold)) = tradeoff.equal_error {
                writeln!(
                    text,
                    "By the score of a {} alone, {species} and people fail alike (D-EER) at {:.1} %, \
                     with a threshold of {threshold:.3}.",
                    word(curves.medium),
                    100.0 * rate
                )?;
            }
        }
    }
    files(text, report)
}

/// Every error and every file without a response, by name.
fn files(text: &mut String, report: &PadReport) -> std::fmt::Result {
    let mut listed = String::new();
    for row in report.rows() {
        let (kind, truth) = (word(row.medium), row.truth);
        for (file, count) in &row.wrong {
            let times = if *count > 1 { format!(", {count} times") } else { String::new() };
            writeln!(listed, "- {kind} taken wrongly, {truth}: `{file}`{times}")?;
        }
        for (file, reasons) in &row.unanswered {
            let reasons: Vec<&str> = reasons.iter().copied().collect();
            let reasons = reasons.join(", ");
            writeln!(listed, "- {kind} without a response, {truth}: `{file}`, {reasons}")?;
        }
    }
    if !listed.is_empty() {
        writeln!(text, "\n{}", listed.trim_end())?;
    }
    Ok(())
}
