//! What was measured, as Markdown, as JSON and as a page without anything beside it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::drive::{Arrivals, Run};
use crate::report::chart;
use crate::report::page::{escaped, head};

/// Shares of requests whose latency is reported.
const SHARES: [(f64, &str); 5] =
    [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (1.0, "most")];

/// Points of a latency curve.
const POINTS: usize = 100;

/// Everything a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was measured, for people.
    pub subject: String,
    /// Runs with what they are called.
    pub runs: Vec<(String, Run)>,
    /// Milliseconds of each stage alone, in the order that they run; empty for a service that is
    /// only seen from outside.
    pub stages: Vec<(&'static str, f64)>,
}

impl Report {
    /// The report as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_markdown(&mut text);
        text
    }

    fn write_markdown(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# Load on {}\n", self.subject)?;
        let names: Vec<&str> = SHARES.iter().map(|(_, name)| *name).collect();
        writeln!(
            text,
            "| run | done | a second | {} (ms) | CPU each, ms | resident, MB (most) | not done |",
            names.join(", ")
        )?;
        writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
        for (name, run) in &self.runs {
            let latencies: Vec<String> =
                SHARES.iter().map(|(share, _)| format!("{:.1}", run.latency_ms(*share))).collect();
            writeln!(
                text,
                "| {name} | {} | {:.1} | {} | {} | {} | {} |",
                run.done(),
                run.throughput(),
                latencies.join(", "),
                run.cpu_ms().map_or("-".to_owned(), |ms| format!("{ms:.1}")),
                memory(run),
                failures(run),
            )?;
        }
        writeln!(
            text,
            "\nAn arrival waits from when it was due: time in the queue of the generator counts."
        )?;
        if !self.stages.is_empty() {
            writeln!(text, "\n| stage | ms, one thread | share |\n| --- | --- | --- |")?;
            let sum: f64 = self.stages.iter().map(|(_, ms)| ms).sum();
            for (stage, ms) in &self.stages {
                writeln!(text, "| {stage} | {ms:.2} | {:.0} % |", 100.0 * ms / sum)?;
            }
            writeln!(text, "| **sum** | {sum:.2} | |")?;
        }
        Ok(())
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "subject": self.subject,
            "runs": self.runs.iter().map(|(name, run)| json!({
                "name": name,
                "offered_a_second": match run.plan.arrivals {
                    Arrivals::Closed => None,
                    Arrivals::Open { rate } => Some(rate),
                },
                "callers": run.plan.callers,
                "seconds": run.took.as_secs_f64(),
                "done": run.done(),
                "throughput": run.throughput(),
                "latency_ms": SHARES.iter()
                    .map(|(share, name)| ((*name).to_owned(), json!(run.latency_ms(*share))))
                    .collect::<serde_json::Map<_, _>>(),
                "cpu_ms": run.cpu_ms(),
                "peak_mb": run.cost.map(|cost| cost.peak_mb),
                "end_mb": run.cost.map(|cost| cost.end_mb),
                "failed": run.failed,
            })).collect::<Vec<_>>(),
            "stages_ms": self.stages.iter()
                .map(|(stage, ms)| json!({ "stage": stage, "ms": ms }))
                .collect::<Vec<_>>(),
        })
    }

    /// The report as a page.
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = head(&format!("Load on {}", escaped(&self.subject)));
        // Writing to a string cannot fail.
        let _ = self.write_html(&mut page);
        page
    }

    fn write_html(&self, page: &mut String) -> std::fmt::Result {
        page.push_str("<table><tr><th>run<th>done<th>a second");
        for (_, name) in SHARES {
            write!(page, "<th>{name}, ms")?;
        }
        page.push_str("<th>CPU each, ms<th>resident, MB (most)<th>not done");
        for (name, run) in &self.runs {
            write!(page, "<tr><td>{}<td>{}<td>{:.1}", escaped(name), run.done(), run.throughput())?;
            for (share, _) in SHARES {
                write!(page, "<td>{:.1}", run.latency_ms(share))?;
            }
            let cpu = run.cpu_ms().map_or("-".to_owned(), |ms| format!("{ms:.1}"));
            write!(page, "<td>{cpu}<td>{}<td>{}", memory(run), escaped(&failures(run)))?;
        }
        page.push_str("</table><h2>Latency by the share of requests that stayed below</h2>");
        let curves: Vec<(String, Vec<(f64, f64)>)> = self
            .runs
            .iter()
            .map(|(name, run)| {
                let point = |index: usize| {
                    let share = index as f64 / POINTS as f64;
                    (share, run.latency_ms(share))
                };
                (name.clone(), (0..=POINTS).map(point).collect())
            })
            .collect();
        page.push_str(&chart::latencies(&curves));
        page.push_str(
            "<p>An arrival waits from when it was due: time in the queue of the generator counts.</p>",
        );
        if !self.stages.is_empty() {
            page.push_str("<h2>Stages, one thread</h2>");
            page.push_str(&chart::bars(&self.stages));
        }
        page.push_str("</html>\n");
        Ok(())
    }
}

fn memory(run: &Run) -> String {
    run.cost.map_or("-".to_owned(), |cost| format!("{:.0} ({:.0})", cost.end_mb, cost.peak_mb))
}

fn failures(run: &Run) -> String {
    let each: Vec<String> =
        run.failed.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
    if each.is_empty() { "-".to_owned() } else { each.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use hdrhistogram::Histogram;

    use super::*;
    use crate::load::drive::Plan;
    use crate::load::process::Cost;

    #[test]
    fn a_report_says_what_was_done_and_what_was_not() {
        let mut latency = Histogram::new_with_max(60_000_000, 3).unwrap();
        for us in [10_000, 20_000, 30_000, 40_000] {
            latency.record(us).unwrap();
        }
        let arrivals = Arrivals::Open { rate: 4.0 };
        let time = Duration::from_secs(1);
        let run = Run {
            plan: Plan { arrivals, callers: 8, time, seed: 1 },
            took: Duration::from_secs(2),
            latency,
            failed: BTreeMap::from([("429".to_owned(), 3)]),
            cost: Some(Cost { cpu: Duration::from_millis(80), peak_mb: 120.0, end_mb: 110.0 }),
        };
        let report = Report {
            subject: "<here>".to_owned(),
            runs: vec![("half".to_owned(), run)],
            stages: vec![("decode", 6.0), ("embed", 14.0)],
        };
        let text = report.markdown();
        assert!(text.contains("| half | 4 | 2.0 | 20.0, 40.0,"), "{text}");
        assert!(text.contains("| 20.0 | 110 (120) | 429: 3 |"), "{text}");
        assert!(text.contains("| embed | 14.00 | 70 % |"), "{text}");
        assert_eq!(report.json()["runs"][0]["offered_a_second"], 4.0);
        let page = report.html();
        assert!(page.contains("&lt;here&gt;") && page.contains("<svg") && !page.contains("http"));
    }
}
