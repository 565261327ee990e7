//! The report as Markdown.

use std::fmt::Write;

use super::{Pair, Report, percents, powers};
use crate::verification::rates::{AtThreshold, mean_and_deviation};

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, report);
    text
}

fn write(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "# Verification with {}\n", report.model)?;
    writeln!(
        text,
        "{} pictures of {} people; {} mated and {} non-mated comparisons. No usable face on {} \
         pictures (failure to acquire): counted as refused.\n",
        report.samples,
        report.identities,
        report.mated,
        report.non_mated,
        report.failures.len()
    )?;
    writeln!(
        text,
        "| FMR asked for | least score | FMR | FNMR | TAR | of resampled people: FMR, FNMR |"
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
    for at in &report.thresholds {
        writeln!(text, "{}", row(at))?;
    }
    let shown = report.least_shown_fmr();
    writeln!(
        text,
        "\nIntervals are 95 % (Wilson; bootstrap over people). {} non-mated comparisons without an \
         error would show no more than an FMR below {shown:.1e} (rule of three).",
        report.non_mated
    )?;
    if !report.not_shown.is_empty() {
        let rates = report.not_shown_rates();
        writeln!(text, "Too few comparisons to say anything of an FMR of {rates}.")?;
    }
    if let Some(settled) = report.settled {
        writeln!(text, "The first stage alone accepts {settled} of the mated comparisons.")?;
    }
    overall(text, report)?;
    groups(text, report)?;
    pairs(text, "Mated, with the lowest scores", &report.worst_mated)?;
    pairs(text, "Non-mated, with the highest scores", &report.worst_non_mated)?;
    if !report.failures.is_empty() {
        writeln!(text, "\n## Failures to acquire\n")?;
        for (file, reasons) in &report.failures {
            writeln!(text, "- `{file}`: {}", reasons.join(", "))?;
        }
    }
    Ok(())
}

/// The figures that hold for all thresholds.
fn overall(text: &mut String, report: &Report) -> std::fmt::Result {
    if let Some((rate, threshold)) = report.equal_error {
        writeln!(text, "\nEqual error rate {} at a score of {threshold:.3}.", percent(rate))?;
    }
    if let Some((mean, deviation)) = mean_and_deviation(&report.folds) {
        writeln!(
            text,
            "Accuracy over {} folds {} +- {}.",
            report.folds.len(),
            percent(mean),
            percent(deviation)
        )?;
    }
    Ok(())
}

/// The errors within each group.
fn groups(text: &mut String, report: &Report) -> std::fmt::Result {
    if !report.groups.is_empty() {
        writeln!(text, "\n| group | mated | FNMR | non-mated | FMR |")?;
        writeln!(text, "| --- | --- | --- | --- | --- |")?;
        for group in &report.groups {
            let AtThreshold { fnmr, fmr, .. } = &group.at;
            writeln!(
                text,
                "| {} | {} | {fnmr} | {} | {fmr:e} |",
                group.name, fnmr.trials, fmr.trials
            )?;
        }
    }
    Ok(())
}

fn pairs(text: &mut String, title: &str, pairs: &[Pair]) -> std::fmt::Result {
    writeln!(text, "\n## {title}\n\n| score | | |\n| --- | --- | --- |")?;
    for Pair { left, right, score } in pairs {
        writeln!(text, "| {score:.3} | `{left}` | `{right}` |")?;
    }
    Ok(())
}

fn row(at: &AtThreshold) -> String {
    let target = at.target.map_or("configured".to_owned(), |target| format!("{target:.0e}"));
    format!(
        "| {target} | {:.3} | {:e} | {} | {:.2} % | {}, {} |",
        at.threshold,
        at.fmr,
        at.fnmr,
        at.tar_percent(),
        powers(at.fmr_interval),
        percents(at.fnmr_interval),
    )
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
