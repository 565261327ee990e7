//! The report as a page that needs nothing beside it.

use std::fmt::Write;

use faceauth_domain::liveness::policy::LivenessPolicy;

use super::{COLUMNS, LivenessReport, curves, row, sentences};
use crate::liveness::{Examined, words};
use crate::report::page::{escaped, head};

/// What a stranger has to know before the curves.
const INTRODUCTION: &str = "<p>Each capture was looked at frame by frame, with every model. Nobody was asked for \
    steps, so only the rules are shown that need none. Curves show a dot for each frame. Dashed lines \
    are limits. A grey bar is a frame without a usable face.</p>";

/// The words of the curves and the table.
const WORDS: &str = "<h2>Words</h2><dl>\
    <dt>yaw, pitch, roll<dd>How the head is turned, raised and tilted, in degrees from how it was held at \
    the start.\
    <dt>turn, depth<dd>How differently the face is seen than in the most frontal frame, in distances between \
    the eyes. A photo that is tilted has turn and no depth.\
    <dt>flow<dd>How far the face and the background moved since the frame before, in heights of the face. \
    A photo that is held up moves with its background.\
    <dt>PAD<dd>Presentation attack detection: 1 looks like a person, 0 like a print, a screen or a mask. The \
    mean over all frames counts.\
    <dt>score, first stage, whole matcher<dd>How like the person of this capture the face is, from -1 to 1. \
    The person is taken from the most frontal frames.\
    <dt>faults<dd>What is wrong with a frame, in the words of the API. <code>pose_out_of_range</code>, \
    <code>blurred</code> and <code>eyes_closed</code> are tolerated while the head moves.</dl>";

pub(super) fn html(report: &LivenessReport) -> String {
    let mut page = head("What liveness saw");
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &LivenessReport) -> std::fmt::Result {
    page.push_str(INTRODUCTION);
    page.push_str("<div class=\"wide\"><table><tr><th>capture<th>frames<th>refused because of");
    for (index, (name, seen)) in report.captures.iter().enumerate() {
        let (frames, verdict) = match seen {
            Ok(examined) => (examined.explanation.frames.len().to_string(), verdict(examined)),
            Err(_) => ("-".to_owned(), "not looked at".to_owned()),
        };
        let name = escaped(name);
        write!(page, "<tr><td><a href=\"#c{index}\">{name}</a><td>{frames}<td>{verdict}")?;
    }
    page.push_str("</table></div>");
    for (index, (name, seen)) in report.captures.iter().enumerate() {
        write!(page, "<section id=\"c{index}\"><h2>{}</h2>", escaped(name))?;
        match seen {
            Ok(examined) => capture(page, examined, &report.policy)?,
            Err(why) => write!(page, "<p>Not looked at: {}</p>", escaped(why))?,
        }
        page.push_str("</section>");
    }
    page.push_str(WORDS);
    page.push_str("</html>\n");
    Ok(())
}

fn verdict(examined: &Examined) -> String {
    let reasons = examined.explanation.reasons();
    let reasons: Vec<String> =
        reasons.iter().map(|reason| format!("<code>{}</code>", reason.as_str())).collect();
    if reasons.is_empty() { "nothing".to_owned() } else { reasons.join(", ") }
}

fn capture(page: &mut String, examined: &Examined, policy: &LivenessPolicy) -> std::fmt::Result {
    page.push_str("<ul>");
    for (reason, sentence) in sentences(examined) {
        match reason {
            Some(reason) => {
                write!(page, "<li><b>Refused, <code>{}</code>.</b> {sentence}", reason.as_str())?;
            }
            None => write!(page, "<li>{sentence}")?,
        }
    }
    page.push_str("</ul><div class=\"charts\">");
    for timeline in curves::timelines(examined, policy) {
        page.push_str(&timeline.figure());
    }
    page.push_str("</div><div class=\"wide\"><table><tr><th>rule<th>measured<th>limit<th>refuses");
    for finding in &examined.explanation.findings {
        let refuses = finding.reasons.first();
        let class = if refuses.is_some() { " class=\"refuses\"" } else { "" };
        write!(
            page,
            "<tr{class}><td>{}<td>{}<td>{}<td>{}",
            words::label(finding.rule),
            words::figure_or_dash(finding.measured),
            words::limit(finding.limit),
            refuses.map_or("no", |reason| reason.as_str()),
        )?;
    }
    page.push_str("</table></div><details><summary>Every frame in figures</summary>");
    write!(page, "<div class=\"wide\"><table><tr><th>{}", COLUMNS.join("<th>"))?;
    for (index, frame) in examined.explanation.frames.iter().enumerate() {
        write!(page, "<tr><td>{}", row(examined, index, frame).join("<td>"))?;
    }
    page.push_str("</table></div></details>");
    Ok(())
}
