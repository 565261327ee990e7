//! The report as a page that needs nothing beside it.

use std::fmt::Write;

use super::{Pair, Report, percents, powers};
use crate::report::chart;
use crate::report::page::{escaped, head};
use crate::verification::rates::{AtThreshold, mean_and_deviation};

/// The report as a page.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> std::fmt::Result {
    let title = format!("Verification with {}", escaped(&report.model));
    write!(
        page,
        "{}\
         <p>{} pictures of {} people; {} mated and {} non-mated comparisons. No usable face on {} \
         pictures (failure to acquire): counted as refused.</p>",
        head(&title),
        report.samples,
        report.identities,
        report.mated,
        report.non_mated,
        report.failures.len()
    )?;
    page.push_str(
        "<table><tr><th>FMR asked for<th>least score<th>FMR, 95 %<th>FNMR, 95 %<th>TAR\
         <th>of resampled people: FMR<th>FNMR",
    );
    for at in &report.thresholds {
        row(page, at)?;
    }
    write!(
        page,
        "</table><p>{} non-mated comparisons without an error would show no more than an FMR below \
         {:.1e} (rule of three). ",
        report.non_mated,
        report.least_shown_fmr()
    )?;
    if !report.not_shown.is_empty() {
        let rates = report.not_shown_rates();
        write!(page, "Too few comparisons to say anything of an FMR of {rates}.")?;
    }
    if let Some(settled) = report.settled {
        write!(page, "The first stage alone accepts {settled} of the mated comparisons.")?;
    }
    overall(page, report)?;
    let configured = report.thresholds.first().map_or(0.0, |at| at.threshold);
    write!(
        page,
        "<h2>Strangers who pass against users who fail</h2>{}<h2>Scores</h2>{}",
        chart::det(&report.det),
        chart::histogram(&report.histogram, configured)
    )?;
    groups(page, report)?;
    pairs(page, "Mated, with the lowest scores", &report.worst_mated)?;
    pairs(page, "Non-mated, with the highest scores", &report.worst_non_mated)?;
    page.push_str("<h2>Failures to acquire</h2><ul>");
    for (file, reasons) in &report.failures {
        write!(page, "<li><code>{}</code>: {}", escaped(file), reasons.join(", "))?;
    }
    page.push_str("</ul></html>\n");
    Ok(())
}

/// The figures that hold for all thresholds.
fn overall(page: &mut String, report: &Report) -> std::fmt::Result {
    if let Some((rate, threshold)) = report.equal_error {
        write!(page, "<p>Equal error rate {:.2} % at a score of {threshold:.3}. ", 100.0 * rate)?;
    }
    if let Some((mean, deviation)) = mean_and_deviation(&report.folds) {
        let (mean, deviation) = (100.0 * mean, 100.0 * deviation);
        write!(
            page,
            "Accuracy over {} folds {mean:.2} &plusmn; {deviation:.2} %.",
            report.folds.len()
        )?;
    }
    Ok(())
}

/// The errors within each group.
fn groups(page: &mut String, report: &Report) -> std::fmt::Result {
    if !report.groups.is_empty() {
        page.push_str("<h2>By group</h2><table><tr><th>group<th>mated<th>FNMR<th>non-mated<th>FMR");
        for group in &report.groups {
            let AtThreshold { fnmr, fmr, .. } = &group.at;
            let name = escaped(&group.name);
            write!(
                page,
                "<tr><td>{name}<td>{}<td>{fnmr}<td>{}<td>{fmr:e}",
                fnmr.trials, fmr.trials
            )?;
        }
        page.push_str("</table>");
    }
    Ok(())
}

fn row(page: &mut String, at: &AtThreshold) -> std::fmt::Result {
    let target = at.target.map_or("configured".to_owned(), |target| format!("{target:.0e}"));
    write!(
        page,
        "<tr><td>{target}<td>{:.3}<td>{:e}<td>{}<td>{:.2} %<td>{}<td>{}",
        at.threshold,
        at.fmr,
        at.fnmr,
        at.tar_percent(),
        powers(at.fmr_interval),
        percents(at.fnmr_interval),
    )
}

fn pairs(page: &mut String, title: &str, pairs: &[Pair]) -> std::fmt::Result {
    write!(page, "<h2>{title}</h2><table>")?;
    for Pair { left, right, score } in pairs {
        let (left, right) = (escaped(left), escaped(right));
        write!(page, "<tr><td>{score:.3}<td><code>{left}</code><td><code>{right}</code>")?;
    }
    page.push_str("</table>");
    Ok(())
}
