//! The report as Markdown.

use std::fmt::Write;

use super::{PadReport, word};

/// The table of error rates, the reasons, equal error rates and every error by file name.
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
    let mut first = true;
    for row in report.rows() {
        for (file, count) in &row.wrong {
            if std::mem::take(&mut first) {
                text.push('\n');
            }
            let times = if *count > 1 { format!(", {count} times") } else { String::new() };
            let kind = word(row.medium);
            writeln!(text, "- {kind} taken wrongly, {}: `{file}`{times}", row.truth)?;
        }
    }
    Ok(())
}
