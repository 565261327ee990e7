//! Thresholds for a manifest from what was measured.

use std::path::Path;

use anyhow::{Context, ensure};
use toml_edit::{DocumentMut, Item, Table, value};

use super::protocol::Protocol;
use super::rates::{self, AtThreshold, RULE_OF_THREE};
use super::scores::Scores;

/// Steps in which thresholds are written: far below what moves an error rate. Rounded up, so that
/// no more strangers pass than were counted.
const STEP: f64 = 1e-4;

/// The least score for each of the false match rates `targets`, with what it does.
///
/// # Errors
/// When there are too few comparisons to show a rate.
pub fn thresholds(
    protocol: &Protocol,
    scores: &Scores,
    targets: &[f64],
) -> anyhow::Result<Vec<AtThreshold>> {
    let one = |target: &f64| {
        ensure!(*target > 0.0 && *target < 1.0, "an FMR lies between 0 and 1, not {target}");
        let least = (RULE_OF_THREE / target).ceil() as u64;
        let exact = rates::threshold_at(scores, *target).with_context(|| {
            let made = scores.non_mated.total();
            format!(
                "{made} non-mated comparisons cannot show an FMR of {target:e}: at least {least} \
                 are needed (rule of three); compare every picture with every other, or add people"
            )
        })?;
        let rounded = ((f64::from(exact) / STEP).ceil() * STEP * 1e4).round() / 1e4;
        // Narrowing is meant: scores are single precision.
        Ok(rates::at(protocol, scores, rounded as f32, Some(*target)))
    };
    targets.iter().map(one).collect()
}

/// The evidence for a threshold in one sentence.
#[must_use]
pub fn evidence(images: &Path, protocol: &Protocol, scores: &Scores, at: &AtThreshold) -> String {
    let folder = images.file_name().unwrap_or(images.as_os_str()).to_string_lossy();
    let interval = |interval: Option<(f64, f64)>| match interval {
        Some((low, high)) => format!("{low:.1e} to {high:.1e}"),
        None => "not known".to_owned(),
    };
    format!(
        "{folder}: {} pictures of {} people; FMR {:.2e} of {} non-mated pairs (95 % of resampled \
         people {}); FNMR {} of {} mated pairs, failures to acquire counted",
        protocol.samples.len(),
        protocol.identities.len(),
        at.fmr.rate().unwrap_or_default(),
        scores.non_mated.total(),
        interval(at.fmr_interval.or(at.fmr.interval_95())),
        at.fnmr,
        at.fnmr.trials,
    )
}

/// The manifest `text` with these thresholds for its matcher, each with its evidence. Thresholds of
/// other rates stay, and so does everything else, comments too.
///
/// # Errors
/// When the text is no manifest.
pub fn written(text: &str, thresholds: &[(AtThreshold, String)]) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().context("the manifest is no TOML")?;
    let tables = document
        .get_mut("embedding")
        .and_then(|embedding| embedding.get_mut("thresholds"))
        .and_then(Item::as_array_of_tables_mut)
        .context("the manifest has no [[embedding.thresholds]]")?;
    for (at, evidence) in thresholds {
        let Some(target) = at.target else { continue };
        let same = |table: &Table| {
            table.get("fmr").and_then(Item::as_float).is_some_and(|fmr| close(fmr, target))
        };
        if !tables.iter().any(same) {
            let mut table = Table::new();
            table.insert("fmr", value(target));
            tables.push(table);
        }
        if let Some(table) = tables.iter_mut().find(|table| same(table)) {
            table.insert("cosine", value((f64::from(at.threshold) * 1e4).round() / 1e4));
            table.insert("data", value(evidence.as_str()));
        }
    }
    Ok(document.to_string())
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= right * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proportion::Proportion;

    fn at(target: f64, threshold: f32) -> (AtThreshold, String) {
        let rate = Proportion { hits: 1, trials: 10 };
        let at = AtThreshold {
            target: Some(target),
            threshold,
            fmr: rate,
            fnmr: rate,
            fmr_interval: None,
            fnmr_interval: None,
        };
        (at, "here".to_owned())
    }

    #[test]
    fn only_the_thresholds_that_were_measured_are_written() {
        let text = "# ours\nschema = 1\n[embedding]\nid = \"m\" # kept\n\n# Least cosine.\n\
                    [[embedding.thresholds]]\nfmr = 1e-3\ncosine = 0.1\ndata = \"there\"\n\n\
                    [[embedding.thresholds]]\nfmr = 1e-4\ncosine = 0.2\ndata = \"there\"\n\n\
                    [pad]\nid = \"p\"\n";
        let written = written(text, &[at(1e-4, 0.4213), at(1e-5, 0.5)]).unwrap();
        for kept in ["# ours", "id = \"m\" # kept", "# Least cosine.", "fmr = 1e-3\ncosine = 0.1"] {
            assert!(written.contains(kept), "{written}");
        }
        assert!(written.contains("fmr = 1e-4\ncosine = 0.4213\ndata = \"here\""), "{written}");
        let parsed: DocumentMut = written.parse().unwrap();
        let tables = parsed["embedding"]["thresholds"].as_array_of_tables().unwrap();
        assert_eq!(tables.len(), 3);
        let last = tables.iter().last().unwrap();
        assert_eq!((last["fmr"].as_float(), last["cosine"].as_float()), (Some(1e-5), Some(0.5)));
        assert!(super::written("schema = 1", &[]).is_err());
    }
}
