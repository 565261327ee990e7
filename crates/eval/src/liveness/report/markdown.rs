//! The report as Markdown.

use std::fmt::Write;

use super::{COLUMNS, LivenessReport, row, sentences};
use crate::liveness::{Examined, words};

pub(super) fn markdown(report: &LivenessReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, report);
    text
}

fn write(text: &mut String, report: &LivenessReport) -> std::fmt::Result {
    for (name, seen) in &report.captures {
        writeln!(text, "## {name}\n")?;
        match seen {
            Ok(examined) => capture(text, examined)?,
            Err(why) => writeln!(text, "Not looked at: {why}\n")?,
        }
    }
    Ok(())
}

fn capture(text: &mut String, examined: &Examined) -> std::fmt::Result {
    for (reason, sentence) in sentences(examined) {
        match reason {
            Some(reason) => writeln!(text, "- refused, `{}`: {sentence}", reason.as_str())?,
            None => writeln!(text, "- {sentence}")?,
        }
    }
    text.push_str("\n| rule | measured | limit | refuses |\n| --- | --- | --- | --- |\n");
    for finding in &examined.explanation.findings {
        let reasons: Vec<&str> = finding.reasons.iter().map(|reason| reason.as_str()).collect();
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            words::label(finding.rule),
            words::figure_or_dash(finding.measured),
            words::limit(finding.limit),
            if reasons.is_empty() { "no".to_owned() } else { reasons.join(", ") },
        )?;
    }
    writeln!(text, "\n| {} |\n|{}", COLUMNS.join(" | "), " --- |".repeat(COLUMNS.len()))?;
    for (index, frame) in examined.explanation.frames.iter().enumerate() {
        writeln!(text, "| {} |", row(examined, index, frame).join(" | "))?;
    }
    text.push('\n');
    Ok(())
}
