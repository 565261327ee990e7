//! Every comparison of a protocol, counted.

use faceauth_domain::embedding::Embedding;
use faceauth_domain::policy::{Cascade, MatchPolicy};

use super::acquired::Acquired;
use super::protocol::{Comparison, Comparisons, Protocol};

/// Width of a bin of the histogram of non-mated scores: far below what moves an error rate.
const BIN: f32 = 1e-4;

/// Bins from -1 to 1.
const BINS: usize = 20_001;

/// Share of the non-mated comparisons whose scores are kept one by one: those that decide every
/// rate from this one down.
const KEPT_SHARE: f64 = 1.05e-2;

/// Fewest that are kept, if there are as many: small sets can show no other rates.
const KEPT_LEAST: u64 = 10_000;

/// A comparison and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Numbers of the samples.
    pub left: usize,
    /// See above.
    pub right: usize,
    /// Fold of the protocol.
    pub fold: usize,
    /// Comparison score; `None` when one of the pictures has no usable face.
    pub score: Option<f32>,
    /// What the first stage of a cascade makes of it alone: [`Self::score`] is at least that.
    pub first: Option<f32>,
}

/// What was compared, mated and non-mated apart.
#[derive(Debug, Clone)]
pub struct Scores {
    /// Every mated comparison.
    pub mated: Vec<Scored>,
    /// The non-mated ones.
    pub non_mated: NonMated,
    /// Whether every sample was compared with every other.
    pub all_pairs: bool,
}

/// Non-mated comparisons: there are millions, of which the strongest matter one by one.
#[derive(Debug, Clone)]
pub struct NonMated {
    bins: Vec<u64>,
    /// Those with a score.
    pub scored: u64,
    /// Those without a face: they never match.
    pub lost: u64,
    /// The same one by one, of a listed protocol; empty when everything was compared.
    pub unscored: Vec<Scored>,
    /// The strongest, strongest first; all of a listed protocol.
    pub strongest: Vec<Scored>,
}

impl NonMated {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.scored + self.lost
    }

    /// How many reach `threshold`: exact for thresholds among the strongest, to a bin below.
    #[must_use]
    pub fn reaching(&self, threshold: f32) -> u64 {
        let weakest = self.strongest.last().and_then(|scored| scored.score);
        if weakest.is_some_and(|weakest| threshold >= weakest) {
            let reach = |scored: &Scored| scored.score.is_some_and(|score| score >= threshold);
            return self.strongest.partition_point(reach) as u64;
        }
        self.bins[bin(threshold)..].iter().sum()
    }

    /// The scores as a histogram: the lower end of each of `count` bins, and how many lie in it.
    #[must_use]
    pub fn histogram(&self, count: usize) -> Vec<(f32, u64)> {
        let width = BINS.div_ceil(count);
        let sum = |bins: &[u64]| bins.iter().sum();
        self.bins
            .chunks(width)
            .enumerate()
            .map(|(index, bins)| ((index * width) as f32 * BIN - 1.0, sum(bins)))
            .collect()
    }
}

fn bin(score: f32) -> usize {
    // Saturates: a cosine lies between -1 and 1, up to rounding.
    (((score + 1.0) / BIN).round().max(0.0) as usize).min(BINS - 1)
}

/// Compares what the protocol says, by the service's own measure.
#[must_use]
pub fn compare(protocol: &Protocol, acquired: &[Acquired], matching: &MatchPolicy) -> Scores {
    let faces = Faces::new(acquired, matching);
    match &protocol.comparisons {
        Comparisons::Listed(comparisons) => listed(comparisons, &faces),
        Comparisons::All => all(protocol, &faces),
    }
}

/// The faces of samples, parts cut out once: each stands in thousands of comparisons.
struct Faces<'a> {
    faces: Vec<Option<Parts<'a>>>,
    cascade: Option<&'a Cascade>,
}

/// The whole embedding and the first stage's part of it.
struct Parts<'a> {
    whole: &'a Embedding,
    first: Option<Embedding>,
}

impl<'a> Faces<'a> {
    fn new(acquired: &'a [Acquired], matching: &'a MatchPolicy) -> Self {
        let parts = |whole: &'a Embedding| Parts {
            whole,
            first: matching.first_stage(whole).map(std::borrow::Cow::into_owned),
        };
        let faces = acquired.iter().map(|acquired| acquired.embedding().map(parts)).collect();
        Self { faces, cascade: matching.cascade.as_ref() }
    }

    /// As [`MatchPolicy::score`], with what the first stage says alone.
    fn compare(&self, left: usize, right: usize, fold: usize) -> Scored {
        let none = Scored { left, right, fold, score: None, first: None };
        let Some((one, other)) = self.faces[left].as_ref().zip(self.faces[right].as_ref()) else {
            return none;
        };
        let whole = one.whole.compare(other.whole).ok();
        let Some(cascade) = self.cascade else {
            return Scored { score: whole.map(|score| score.value()), ..none };
        };
        let first = one.first.as_ref().zip(other.first.as_ref());
        let first = first.and_then(|(one, other)| one.compare(other).ok());
        Scored {
            score: cascade.join(whole, first).map(|score| score.value()),
            first: first.map(|first| cascade.counted(first).value()),
            ..none
        }
    }
}

fn listed(comparisons: &[Comparison], faces: &Faces<'_>) -> Scores {
    let mut mated = Vec::new();
    let mut non_mated = Vec::new();
    for &Comparison { left, right, mated: same, fold } in comparisons {
        let scored = faces.compare(left, right, fold);
        if same { mated.push(scored) } else { non_mated.push(scored) }
    }
    let mut bins = vec![0; BINS];
    for score in non_mated.iter().filter_map(|scored| scored.score) {
        bins[bin(score)] += 1;
    }
    let (mut strongest, unscored): (Vec<Scored>, Vec<Scored>) =
        non_mated.into_iter().partition(|scored| scored.score.is_some());
    sort(&mut strongest);
    let (scored, lost) = (strongest.len() as u64, unscored.len() as u64);
    Scores {
        mated,
        non_mated: NonMated { bins, scored, lost, unscored, strongest },
        all_pairs: false,
    }
}

fn sort(scored: &mut [Scored]) {
    let value = |scored: &Scored| scored.score.unwrap_or(f32::NEG_INFINITY);
    scored.sort_by(|a, b| value(b).total_cmp(&value(a)));
}

/// Twice over all pairs: once to count, once to keep those that turned out to be the strongest.
fn all(protocol: &Protocol, faces: &Faces<'_>) -> Scores {
    let samples = &protocol.samples;
    let mut mated = Vec::new();
    let (mut bins, mut lost) = (vec![0; BINS], 0);
    each_pair(samples.len(), |left, right| {
        let compared = faces.compare(left, right, 0);
        if samples[left].identity == samples[right].identity {
            mated.push(compared);
        } else if let Some(score) = compared.score {
            bins[bin(score)] += 1;
        } else {
            lost += 1;
        }
    });
    let scored: u64 = bins.iter().sum();
    let wanted = ((scored as f64 * KEPT_SHARE).ceil() as u64).max(KEPT_LEAST);
    let mut reached = 0;
    let cut = bins.iter().rposition(|count| {
        reached += count;
        reached >= wanted
    });
    // One bin lower, so that rounding leaves none out.
    let cut = cut.unwrap_or(0).saturating_sub(1);
    let mut strongest = Vec::new();
    each_pair(samples.len(), |left, right| {
        if samples[left].identity == samples[right].identity {
            return;
        }
        let compared = faces.compare(left, right, 0);
        if compared.score.is_some_and(|score| bin(score) >= cut) {
            strongest.push(compared);
        }
    });
    sort(&mut strongest);
    Scores {
        mated,
        non_mated: NonMated { bins, scored, lost, unscored: Vec::new(), strongest },
        all_pairs: true,
    }
}

fn each_pair(count: usize, mut see: impl FnMut(usize, usize)) {
    for left in 0..count {
        for right in left + 1..count {
            see(left, right);
        }
    }
}
