//! What was measured, as Markdown, as JSON and as a page without anything beside it.

mod html;
mod json;
mod markdown;

pub use self::html::html;
pub use self::json::json;
pub use self::markdown::markdown;

use std::collections::BTreeMap;

use faceauth_domain::policy::MatchPolicy;

use super::acquired::Acquired;
use super::protocol::Protocol;
use super::rates::{self, AtThreshold, TARGET_FMRS};
use super::scores::{Scored, Scores};
use crate::proportion::Proportion;

/// Errors that are listed by file name, of each kind.
const WORST: usize = 20;

/// Everything a report says. Names of files and figures; no picture and no embedding.
#[derive(Debug, Clone)]
pub struct Report {
    /// The model that was measured.
    pub model: String,
    /// Pictures, and those without a usable face by reason.
    pub samples: usize,
    /// People.
    pub identities: usize,
    /// Failures to acquire: file and reasons.
    pub failures: Vec<(String, Vec<String>)>,
    /// Mated comparisons.
    pub mated: usize,
    /// Non-mated comparisons.
    pub non_mated: u64,
    /// What each threshold does: the configured one first, then those of the target rates that the
    /// data can show.
    pub thresholds: Vec<AtThreshold>,
    /// Target rates that too few comparisons were made to show.
    pub not_shown: Vec<f64>,
    /// Equal error rate, and its threshold.
    pub equal_error: Option<(f64, f32)>,
    /// Accuracy of each fold of the protocol.
    pub folds: Vec<f64>,
    /// FMR against FNMR, from loose to strict.
    pub det: Vec<(f64, f64)>,
    /// Share of mated and of non-mated comparisons by score: the lower end of each bin.
    pub histogram: Vec<(f32, f64, f64)>,
    /// Mated comparisons with the lowest scores: two files and the score.
    pub worst_mated: Vec<Pair>,
    /// Non-mated ones with the highest.
    pub worst_non_mated: Vec<Pair>,
    /// FNMR and FMR by group at the configured threshold.
    pub groups: Vec<Group>,
    /// Mated comparisons that the first stage of a cascade accepts alone at the configured
    /// threshold; `None` without a cascade.
    pub settled: Option<Proportion>,
}

/// Two files and the score of their faces.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// A file.
    pub left: String,
    /// Another file.
    pub right: String,
    /// Cosine.
    pub score: f32,
}

/// One group of people, at the configured threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Of comparisons within the group.
    pub at: AtThreshold,
}

/// Bins of the histogram.
const BINS: usize = 80;

/// Points of the curve.
const POINTS: usize = 120;

impl Report {
    /// The false match rate that this many comparisons without an error would show (rule of three).
    #[must_use]
    pub fn least_shown_fmr(&self) -> f64 {
        rates::RULE_OF_THREE / self.non_mated.max(1) as f64
    }

    /// Target rates that are too low to be shown, in words; empty when all were.
    fn not_shown_rates(&self) -> String {
        self.not_shown.iter().map(|rate| format!("{rate:.0e}")).collect::<Vec<_>>().join(", ")
    }

    /// Counts. `matching` signs people in; `groups` says to which group a person belongs.
    #[must_use]
    pub fn new(
        protocol: &Protocol,
        acquired: &[Acquired],
        scores: &Scores,
        matching: &MatchPolicy,
        groups: &BTreeMap<String, String>,
    ) -> Self {
        let mut thresholds = vec![rates::at(protocol, scores, matching.threshold, None)];
        let mut not_shown = Vec::new();
        for target in TARGET_FMRS {
            match rates::threshold_at(scores, target) {
                Some(threshold) => {
                    thresholds.push(rates::at(protocol, scores, threshold, Some(target)));
                }
                None => not_shown.push(target),
            }
        }
        let failures =
            protocol.samples.iter().zip(acquired).filter_map(|(sample, acquired)| match acquired {
                Acquired::Face(_) => None,
                Acquired::Failed(reasons) => Some((sample.name.clone(), reasons.clone())),
            });
        let mut mated: Vec<&Scored> =
            scores.mated.iter().filter(|scored| scored.score.is_some()).collect();
        mated.sort_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
        let strongest = scores.non_mated.strongest.iter();
        Self {
            model: matching.model.as_str().to_owned(),
            settled: matching.cascade.is_some().then(|| settled(scores, matching.threshold)),
            samples: protocol.samples.len(),
            identities: protocol.identities.len(),
            failures: failures.collect(),
            mated: scores.mated.len(),
            non_mated: scores.non_mated.total(),
            thresholds,
            not_shown,
            equal_error: rates::equal_error(scores),
            folds: rates::fold_accuracies(scores, protocol.folds),
            det: det(scores),
            histogram: histogram(scores),
            worst_mated: mated.into_iter().take(WORST).map(|s| pair(protocol, s)).collect(),
            worst_non_mated: strongest.take(WORST).map(|s| pair(protocol, s)).collect(),
            groups: by_group(protocol, acquired, matching, groups),
        }
    }
}

fn settled(scores: &Scores, threshold: f32) -> Proportion {
    let by_first = |scored: &&Scored| scored.first.is_some_and(|first| first >= threshold);
    let hits = scores.mated.iter().filter(by_first).count();
    Proportion { hits, trials: scores.mated.len() }
}

fn pair(protocol: &Protocol, scored: &Scored) -> Pair {
    let name = |sample: usize| protocol.samples[sample].name.clone();
    Pair {
        left: name(scored.left),
        right: name(scored.right),
        score: scored.score.unwrap_or_default(),
    }
}

/// The curve from where one stranger in ten passes to where none of these did.
fn det(scores: &Scores) -> Vec<(f64, f64)> {
    let strongest = &scores.non_mated.strongest;
    let total = scores.non_mated.total() as f64;
    let mates = scores.mated.len() as f64;
    let least = 1.0 / total.max(1.0);
    (0..POINTS)
        .filter_map(|point| {
            let share = point as f64 / (POINTS - 1) as f64;
            // Even steps of the logarithm, from one in ten to one comparison.
            let fmr = (0.1_f64.ln() * (1.0 - share) + least.ln() * share).exp();
            let allowed = (fmr * total) as usize;
            let threshold = strongest.get(allowed)?.score?.next_up();
            let refused = scores.mated.iter().filter(|s| s.score.is_none_or(|s| s < threshold));
            Some((
                scores.non_mated.reaching(threshold) as f64 / total,
                refused.count() as f64 / mates,
            ))
        })
        .collect()
}

fn histogram(scores: &Scores) -> Vec<(f32, f64, f64)> {
    let bins = scores.non_mated.histogram(BINS);
    let mut mated = vec![0_u64; bins.len()];
    for score in scores.mated.iter().filter_map(|scored| scored.score) {
        let index = bins.partition_point(|(low, _)| *low <= score).saturating_sub(1);
        mated[index] += 1;
    }
    let share = |count: u64, of: u64| count as f64 / (of.max(1)) as f64;
    let of = mated.iter().sum();
    bins.iter()
        .zip(mated)
        .map(|((low, non_mated), mated)| {
            (*low, share(mated, of), share(*non_mated, scores.non_mated.scored))
        })
        .collect()
}

/// An interval of rates too small for percentages.
fn powers(interval: Option<(f64, f64)>) -> String {
    interval.map_or("-".to_owned(), |(low, high)| format!("{low:.1e} to {high:.1e}"))
}

/// An interval of other rates.
fn percents(interval: Option<(f64, f64)>) -> String {
    interval.map_or("-".to_owned(), |(low, high)| {
        format!("{:.1} to {:.1} %", 100.0 * low, 100.0 * high)
    })
}

/// The protocol within each group that somebody is in.
fn by_group(
    protocol: &Protocol,
    acquired: &[Acquired],
    matching: &MatchPolicy,
    groups: &BTreeMap<String, String>,
) -> Vec<Group> {
    let names: std::collections::BTreeSet<&String> = groups.values().collect();
    names
        .into_iter()
        .filter_map(|name| {
            let inside = |sample: usize| {
                let identity = &protocol.identities[protocol.samples[sample].identity];
                groups.get(identity) == Some(name)
            };
            if !(0..protocol.samples.len()).any(inside) {
                return None;
            }
            let within = protocol.within(&inside);
            let kept: Vec<Acquired> = (0..protocol.samples.len())
                .filter(|sample| inside(*sample))
                .map(|sample| acquired[sample].clone())
                .collect();
            let scores = super::scores::compare(&within, &kept, matching);
            let at = rates::at(&within, &scores, matching.threshold, None);
            Some(Group { name: name.clone(), at })
        })
        .collect()
}
