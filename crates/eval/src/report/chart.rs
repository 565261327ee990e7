//! Charts as SVG, drawn by hand: a report must open anywhere, for years.

use std::fmt::Write;

/// Size of a chart and of its margins, in SVG units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 62.0;
const BOTTOM: f64 = 44.0;
const EDGE: f64 = 24.0;

/// Where a value between 0 and 1 lies.
fn x(share: f64) -> f64 {
    LEFT + share * (WIDTH - LEFT - EDGE)
}

fn y(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - EDGE)
}

/// Lowest share on an axis of the curve.
const LOWEST: f64 = 1e-6;

/// Share of the way from [`LOWEST`] to 1, in steps of ten.
fn logarithmic(rate: f64) -> f64 {
    1.0 - rate.max(LOWEST).log10() / LOWEST.log10()
}

/// FNMR against FMR, both axes logarithmic: a detection error tradeoff curve.
#[must_use]
pub fn det(points: &[(f64, f64)]) -> String {
    let mut svg = open("FNMR against FMR");
    for power in 0..=6 {
        let at = logarithmic(10_f64.powi(-power));
        let label = if power == 0 { "1".to_owned() } else { format!("1e-{power}") };
        line(&mut svg, (x(at), y(0.0)), (x(at), y(1.0)));
        text(&mut svg, (x(at), HEIGHT - BOTTOM + 18.0), "middle", &label);
        if power <= 4 {
            let at = (logarithmic(10_f64.powi(-power)) - FNMR_FLOOR) / (1.0 - FNMR_FLOOR);
            line(&mut svg, (x(0.0), y(at)), (x(1.0), y(at)));
            text(&mut svg, (LEFT - 8.0, y(at) + 4.0), "end", &label);
        }
    }
    text(&mut svg, (x(0.5), HEIGHT - 6.0), "middle", "FMR: strangers who pass");
    text(&mut svg, (x(0.0), EDGE - 8.0), "start", "FNMR: users who fail");
    let path: Vec<String> = points
        .iter()
        .filter(|(fmr, _)| *fmr >= LOWEST)
        .map(|(fmr, fnmr)| {
            let up = (logarithmic(fnmr.max(1e-4)) - FNMR_FLOOR) / (1.0 - FNMR_FLOOR);
            format!("{:.1},{:.1}", x(logarithmic(*fmr)), y(up))
        })
        .collect();
    let _ = write!(svg, "<polyline class=\"curve\" points=\"{}\"/></svg>", path.join(" "));
    svg
}

/// The FNMR axis begins at 1e-4: four of the six powers of ten.
const FNMR_FLOOR: f64 = 2.0 / 6.0;

/// Shares of mated and non-mated comparisons by score.
#[must_use]
pub fn histogram(bins: &[(f32, f64, f64)], threshold: f32) -> String {
    let mut svg = open("Scores of mated and non-mated comparisons");
    let highest = bins.iter().map(|(_, a, b)| a.max(*b)).fold(f64::MIN_POSITIVE, f64::max);
    let across = |score: f64| x(f64::midpoint(score, 1.0));
    let width = (x(1.0) - x(0.0)) / bins.len().max(1) as f64;
    for (low, mated, non_mated) in bins {
        for (class, share) in [("others", non_mated), ("mates", mated)] {
            let top = y(share / highest);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
                across(f64::from(*low)),
                y(0.0) - top
            );
        }
    }
    for tenth in [-10, -5, 0, 5, 10] {
        let score = f64::from(tenth) / 10.0;
        text(&mut svg, (across(score), HEIGHT - BOTTOM + 18.0), "middle", &format!("{score}"));
    }
    let at = across(f64::from(threshold));
    let _ = write!(
        svg,
        "<line class=\"threshold\" x1=\"{at:.1}\" y1=\"{:.1}\" x2=\"{at:.1}\" y2=\"{:.1}\"/>",
        y(0.0),
        y(1.0)
    );
    text(&mut svg, (x(0.5), HEIGHT - 6.0), "middle", "score; the line is the configured threshold");
    svg.push_str("</svg>");
    svg
}

/// Threshold, APCER and BPCER.
pub type PadPoint = (f32, f64, f64);

/// BPCER against APCER, a curve for each species, both axes linear: the few recordings of attacks that
/// anybody has make steps, which a logarithm would only stretch.
#[must_use]
pub fn pad_det(curves: &[(String, Vec<PadPoint>)], configured: f32) -> String {
    let mut svg = open("BPCER against APCER");
    for tenth in (0..=10).step_by(2) {
        let at = f64::from(tenth) / 10.0;
        let label = format!("{} %", tenth * 10);
        line(&mut svg, (x(at), y(0.0)), (x(at), y(1.0)));
        text(&mut svg, (x(at), HEIGHT - BOTTOM + 18.0), "middle", &label);
        line(&mut svg, (x(0.0), y(at)), (x(1.0), y(at)));
        text(&mut svg, (LEFT - 8.0, y(at) + 4.0), "end", &label);
    }
    let label = "APCER: attacks that pass; the dot is the configured threshold";
    text(&mut svg, (x(0.5), HEIGHT - 6.0), "middle", label);
    text(&mut svg, (x(0.0), EDGE - 8.0), "start", "BPCER: people who are refused");
    for (index, (species, points)) in curves.iter().enumerate() {
        let path = points.iter().map(|(_, apcer, bpcer)| (x(*apcer), y(*bpcer)));
        curve(&mut svg, &path.collect::<Vec<_>>(), species, (index, curves.len()));
        // The first threshold at or above the configured one decides as it does.
        if let Some((_, apcer, bpcer)) =
            points.iter().find(|(threshold, ..)| *threshold >= configured)
        {
            let (across, down) = (x(*apcer), y(*bpcer));
            let _ = write!(
                svg,
                "<circle class=\"mates\" cx=\"{across:.1}\" cy=\"{down:.1}\" r=\"5\"/>"
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// One of several curves, with its name in the upper left. Later ones are lighter.
fn curve(svg: &mut String, points: &[(f64, f64)], name: &str, (index, of): (usize, usize)) {
    let opacity = 1.0 - 0.7 * index as f64 / of.max(1) as f64;
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let row = EDGE + 14.0 * (index as f64 + 1.0);
    let (from, to) = (LEFT + 10.0, LEFT + 34.0);
    let _ = write!(
        svg,
        "<polyline class=\"curve\" stroke-opacity=\"{opacity:.2}\" points=\"{}\"/>\
         <line class=\"curve\" stroke-opacity=\"{opacity:.2}\" x1=\"{from:.1}\" y1=\"{row:.1}\" \
         x2=\"{to:.1}\" y2=\"{row:.1}\"/>",
        path.join(" ")
    );
    text(svg, (LEFT + 40.0, row + 4.0), "start", &super::page::escaped(name));
}

/// Latency in milliseconds against the share of requests that stayed below; a curve for each run.
#[must_use]
pub fn latencies(curves: &[(String, Vec<(f64, f64)>)]) -> String {
    let mut svg = open("Latency by share of requests");
    let points = || curves.iter().flat_map(|(_, points)| points);
    let highest = points().map(|(_, ms)| *ms).fold(1.0, f64::max);
    for quarter in 0..=4 {
        let at = f64::from(quarter) / 4.0;
        line(&mut svg, (x(0.0), y(at)), (x(1.0), y(at)));
        text(&mut svg, (LEFT - 8.0, y(at) + 4.0), "end", &format!("{:.0}", at * highest));
        line(&mut svg, (x(at), y(0.0)), (x(at), y(1.0)));
        let label = format!("{} %", quarter * 25);
        text(&mut svg, (x(at), HEIGHT - BOTTOM + 18.0), "middle", &label);
    }
    text(&mut svg, (x(0.5), HEIGHT - 6.0), "middle", "requests that stayed below; milliseconds");
    for (index, (name, points)) in curves.iter().enumerate() {
        let path = points.iter().map(|(share, ms)| (x(*share), y(ms / highest)));
        curve(&mut svg, &path.collect::<Vec<_>>(), name, (index, curves.len()));
    }
    svg.push_str("</svg>");
    svg
}

/// Milliseconds by stage, longest bar across the chart.
#[must_use]
pub fn bars(stages: &[(&'static str, f64)]) -> String {
    let mut svg = open("Milliseconds by stage");
    let longest = stages.iter().map(|(_, ms)| *ms).fold(f64::MIN_POSITIVE, f64::max);
    let height = (HEIGHT - 2.0 * EDGE) / stages.len().max(1) as f64;
    // Names stand left of the bars, figures right of them.
    let (from, to) = (LEFT + 90.0, WIDTH - 70.0);
    for (index, (stage, ms)) in stages.iter().enumerate() {
        let top = EDGE + height * index as f64;
        let length = (to - from) * ms / longest;
        let middle = top + height / 2.0 + 4.0;
        let _ = write!(
            svg,
            "<rect class=\"mates\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"{:.1}\"/>",
            top + 2.0,
            height - 4.0
        );
        text(&mut svg, (from - 8.0, middle), "end", stage);
        text(&mut svg, (from + length + 6.0, middle), "start", &format!("{ms:.2} ms"));
    }
    svg.push_str("</svg>");
    svg
}

fn open(title: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">")
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let _ = write!(
        svg,
        "<line class=\"grid\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, words: &str) {
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{words}</text>",
        at.0, at.1
    );
}
