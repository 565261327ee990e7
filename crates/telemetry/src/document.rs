//! docs/metrics.md, written from the table.

use crate::metrics::{Kind, Metric, TABLE};

/// What stands above the table.
const HEAD: &str = "\
# Metrics

FaceAuth serves these metrics in the text format of Prometheus. Set `server.metrics_bind` to an
address of its own, and scrape `/metrics` there. The public port never serves them. Without this
setting nothing is measured.

Labels have a closed list of words. No label carries a person, a name or an address.
[Alerts, recording rules and a dashboard](../deploy/observability) use these names.

This page is written from the table in `crates/telemetry/src/metrics.rs`. To write it again:
`FACEAUTH_WRITE_METRICS=1 ./dev run cargo test -p faceauth-telemetry`.
";

/// What the HTTP surface says of its labels.
const ELSEWHERE: [(&str, &str); 3] = [
    ("method", "the method of the route, or `other`"),
    ("route", "a path of the [API](api.md) with its `{parameters}`, or `none`"),
    ("code", "an [error code](api.md)"),
];

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for metric in TABLE {
        page.push_str(&section(metric));
    }
    page
}

fn section(metric: &Metric) -> String {
    let kind = match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram, in seconds",
    };
    let mut section =
        format!("\n## `{}`\n\n{}\n\nKind: {kind}.\n", metric.name, filled(metric.help));
    for (label, words) in metric.labels.iter().zip((metric.words)()) {
        let words = match words {
            Some(words) if *label != "version" => {
                let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                quoted.join(", ")
            }
            // The page would change with every release.
            Some(_) => "the version of the program".to_owned(),
            None => ELSEWHERE
                .iter()
                .find(|(name, _)| name == label)
                .map_or_else(String::new, |(_, words)| (*words).to_owned()),
        };
        let listed = filled(&format!("- label `{label}`: {words}"));
        section.push_str(&format!("\n{}\n", listed.replace('\n', "\n  ")));
    }
    section
}

/// `text` in lines of at most 96 columns.
fn filled(text: &str) -> String {
    const COLUMNS: usize = 96;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().map_or(0, |line| line.len());
        if line > 0 && line + 1 + word.len() > COLUMNS {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_page_says_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
        if std::env::var_os("FACEAUTH_WRITE_METRICS").is_some() {
            std::fs::write(&path, page()).expect("docs/metrics.md is written");
        }
        let written = std::fs::read_to_string(&path).expect("docs/metrics.md");
        assert_eq!(written, page(), "write docs/metrics.md again, as its head says");
    }

    #[test]
    fn labels_that_are_listed_elsewhere_are_described() {
        for metric in TABLE {
            for (label, words) in metric.labels.iter().zip((metric.words)()) {
                let described = ELSEWHERE.iter().any(|(name, _)| name == label);
                assert!(words.is_some() || described, "{label} of {}", metric.name);
            }
        }
    }
}
