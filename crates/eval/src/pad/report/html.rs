//! The report as a page that needs nothing beside it.

use std::fmt::Write;

use super::{PadReport, word};
use crate::report::chart;
use crate::report::page::{escaped, head};

/// The report as a page.
pub(super) fn html(report: &PadReport) -> String {
    let mut page = head("Presentation attack detection");
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &PadReport) -> std::fmt::Result {
    write!(
        page,
        "<p>APCER is the share of a species that was taken for a person, BPCER the share of people \
         who were taken for an attack (ISO/IEC 30107-3), of the presentations that got a response. \
         Limits: single image {}, mean of a capture {}.</p>\
         <table><tr><th>input<th>presented<th>files<th>presentations<th>no response\
         <th>error rate, 95 %<th>passed<th>reasons",
        report.limits.picture, report.limits.liveness.min_mean_pad
    )?;
    for row in report.rows() {
        let reasons: Vec<String> =
            row.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        write!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{} {}<td>{} of {}<td>{}",
            word(row.medium),
            escaped(&row.truth.to_string()),
            row.files,
            row.presentations,
            row.no_response,
            row.metric,
            row.errors,
            row.passed.hits,
            row.passed.trials,
            reasons.join(", "),
        )?;
    }
    page.push_str("</table>");
    curves(page, report)?;
    files(page, report)?;
    page.push_str("</ul></html>\n");
    Ok(())
}

/// The trade-off between attacks that pass and people who are refused.
fn curves(page: &mut String, report: &PadReport) -> std::fmt::Result {
    for curves in report.tradeoffs() {
        let drawn: Vec<(String, Vec<chart::PadPoint>)> = curves
            .species
            .iter()
            .map(|(species, tradeoff)| {
                let points = tradeoff.points.iter().map(|p| (p.threshold, p.apcer, p.bpcer));
                (species.to_string(), points.collect())
            })
            .collect();
        write!(
            page,
            "<h2>Attacks that pass against people who are refused, by the score of a {} alone</h2>{}",
            word(curves.medium),
            chart::pad_det(&drawn, curves.configured)
        )?;
        for (species, tradeoff) in &curves.species {
            if let Some((rate, threshold)) = tradeoff.equal_error {
                let (species, rate) = (escaped(&species.to_string()), 100.0 * rate);
                write!(
                    page,
                    "<p>{species}: equal error rate (D-EER) {rate:.1} % at a score of {threshold:.3}.</p>"
                )?;
            }
        }
    }
    Ok(())
}

/// Every error and every file without a response, by name.
fn files(page: &mut String, report: &PadReport) -> std::fmt::Result {
    page.push_str("<h2>Taken wrongly</h2><ul>");
    for row in report.rows() {
        for (file, count) in &row.wrong {
            let (file, truth) = (escaped(file), escaped(&row.truth.to_string()));
            write!(page, "<li>{}, {truth}: <code>{file}</code>, {count}", word(row.medium))?;
        }
    }
    page.push_str("</ul><h2>Without a response</h2><ul>");
    for row in report.rows() {
        for (file, reasons) in &row.unanswered {
            let (file, truth) = (escaped(file), escaped(&row.truth.to_string()));
            let reasons: Vec<&str> = reasons.iter().copied().collect();
            let (medium, reasons) = (word(row.medium), reasons.join(", "));
            write!(page, "<li>{medium}, {truth}: <code>{file}</code>, {reasons}")?;
        }
    }
    Ok(())
}
