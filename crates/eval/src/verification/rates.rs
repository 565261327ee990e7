//! Error rates of comparisons, with what they are worth.

#[cfg(test)]
mod tests;

use super::protocol::Protocol;
use super::scores::{Scored, Scores};
use crate::proportion::Proportion;

/// False match rates that are reported, if the data can show them.
pub const TARGET_FMRS: [f64; 5] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// Comparisons without an error that show a rate: none in `n` says "below 3 / n" with 95 %
/// confidence (the rule of three; ISO/IEC 19795-1, B.1.1).
pub const RULE_OF_THREE: f64 = 3.0;

/// Resamples of a bootstrap. The ends of the interval are then good to a tenth of its width.
const RESAMPLES: usize = 400;

/// Seed of the bootstrap: one report of one set of pictures is one report.
const SEED: u64 = 0x5eed_face;

/// What one threshold does.
#[derive(Debug, Clone, PartialEq)]
pub struct AtThreshold {
    /// The false match rate that was asked for; `None` for a threshold that was given.
    pub target: Option<f64>,
    /// Least score of a match.
    pub threshold: f32,
    /// Non-mated comparisons that matched. A picture without a face matches nobody.
    pub fmr: Proportion,
    /// Mated comparisons that did not match, failures to acquire among them.
    pub fnmr: Proportion,
    /// 95 % of resamples of people, for both.
    pub fmr_interval: Option<(f64, f64)>,
    /// See above.
    pub fnmr_interval: Option<(f64, f64)>,
}

impl AtThreshold {
    /// Share of mated comparisons that matched (true accept rate), in per cent: what FNMR leaves.
    #[must_use]
    pub fn tar_percent(&self) -> f64 {
        100.0 * (1.0 - self.fnmr.rate().unwrap_or_default())
    }
}

/// Counts what `threshold` does.
#[must_use]
pub fn at(
    protocol: &Protocol,
    scores: &Scores,
    threshold: f32,
    target: Option<f64>,
) -> AtThreshold {
    let reaching = scores.non_mated.reaching(threshold);
    let (fmr_interval, fnmr_interval) = bootstrap(protocol, scores, threshold);
    AtThreshold {
        target,
        threshold,
        fmr: Proportion { hits: size(reaching), trials: size(scores.non_mated.total()) },
        fnmr: Proportion::of(&scores.mated, |scored| refused(scored, threshold)),
        fmr_interval,
        fnmr_interval,
    }
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn refused(scored: &Scored, threshold: f32) -> bool {
    scored.score.is_none_or(|score| score < threshold)
}

/// The lowest threshold at which at most `target` of the non-mated comparisons match; `None` when
/// there are too few of them to show that rate.
#[must_use]
pub fn threshold_at(scores: &Scores, target: f64) -> Option<f32> {
    let total = scores.non_mated.total() as f64;
    if total * target < RULE_OF_THREE {
        return None;
    }
    let allowed = (total * target).floor() as usize;
    let first_refused = scores.non_mated.strongest.get(allowed)?.score?;
    Some(first_refused.next_up())
}

/// Where as many mated comparisons fail as non-mated ones match, and that threshold.
#[must_use]
pub fn equal_error(scores: &Scores) -> Option<(f64, f32)> {
    let mut mated: Vec<f32> = scores.mated.iter().filter_map(|scored| scored.score).collect();
    mated.sort_by(f32::total_cmp);
    let lost = scores.mated.len() - mated.len();
    let (mates, others) = (scores.mated.len() as f64, scores.non_mated.total() as f64);
    let rates = |index: usize| {
        let fnmr = (lost + index) as f64 / mates;
        (fnmr, scores.non_mated.reaching(mated[index]) as f64 / others)
    };
    // FNMR grows with the threshold and FMR falls: they cross once.
    let crossed = |index: &usize| {
        let (fnmr, fmr) = rates(*index);
        fnmr >= fmr
    };
    let indices: Vec<usize> = (0..mated.len()).collect();
    let index = indices.partition_point(|index| !crossed(index)).min(mated.len().checked_sub(1)?);
    let (fnmr, fmr) = rates(index);
    Some((f64::midpoint(fnmr, fmr), mated[index]))
}

/// Accuracy of each fold at the threshold that is best on the others, in the way of LFW's
/// "image-restricted" protocol. A pair without two faces is decided wrongly.
#[must_use]
pub fn fold_accuracies(scores: &Scores, folds: usize) -> Vec<f64> {
    if folds < 2 {
        return Vec::new();
    }
    let pairs: Vec<(usize, bool, Option<f32>)> = scores
        .mated
        .iter()
        .map(|scored| (scored.fold, true, scored.score))
        .chain(non_mated(scores).map(|scored| (scored.fold, false, scored.score)))
        .collect();
    let right = |inside: &dyn Fn(usize) -> bool, threshold: f32| {
        let of = pairs.iter().filter(|(fold, _, _)| inside(*fold));
        of.filter(|(_, mated, score)| score.is_some_and(|score| (score >= threshold) == *mated))
            .count()
    };
    (0..folds)
        .map(|fold| {
            let others = |other: usize| other != fold;
            // Beyond the strongest stranger a higher threshold only loses people.
            let highest = scores.non_mated.strongest.first().and_then(|strongest| strongest.score);
            let highest = highest.map_or(1.0, f32::next_up);
            let mut candidates: Vec<f32> = pairs
                .iter()
                .filter(|(other, mated, _)| others(*other) && *mated)
                .filter_map(|(_, _, score)| *score)
                .filter(|score| *score <= highest)
                .chain([highest])
                .collect();
            candidates.sort_by(f32::total_cmp);
            let best = candidates
                .into_iter()
                .max_by_key(|threshold| right(&others, *threshold))
                .unwrap_or_default();
            let inside = |other: usize| other == fold;
            let count = pairs.iter().filter(|(other, _, _)| inside(*other)).count() as f64;
            right(&inside, best) as f64 / count.max(1.0)
        })
        .collect()
}

/// Every non-mated comparison of a listed protocol, those without a score among them.
fn non_mated(scores: &Scores) -> impl Iterator<Item = &Scored> {
    scores.non_mated.strongest.iter().chain(&scores.non_mated.unscored)
}

/// Mean and standard deviation.
#[must_use]
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((mean, (squares / (count - 1.0).max(1.0)).sqrt()))
}

/// 95 % of the rates when the people are drawn anew, with replacement: comparisons of one person
/// fail together, so that intervals which take them for independent are too narrow (Bolle et al.,
/// "Error analysis of pattern recognition systems: the subsets bootstrap", 2004).
type Intervals = (Option<(f64, f64)>, Option<(f64, f64)>);

fn bootstrap(protocol: &Protocol, scores: &Scores, threshold: f32) -> Intervals {
    let people = protocol.identities.len();
    let who = |sample: usize| protocol.samples[sample].identity;
    let matches: Vec<(usize, usize)> = scores
        .non_mated
        .strongest
        .iter()
        .take_while(|scored| scored.score.is_some_and(|score| score >= threshold))
        .map(|scored| (who(scored.left), who(scored.right)))
        .collect();
    let exact = scores.non_mated.reaching(threshold) == matches.len() as u64;
    let mated: Vec<(usize, bool)> =
        scores.mated.iter().map(|scored| (who(scored.left), refused(scored, threshold))).collect();
    let listed: Vec<(usize, usize)> =
        non_mated(scores).map(|s| (who(s.left), who(s.right))).collect();
    let mut pictures = vec![0.0; people];
    for sample in &protocol.samples {
        pictures[sample.identity] += 1.0;
    }

    let mut random = SplitMix(SEED);
    let (mut fmrs, mut fnmrs) = (Vec::new(), Vec::new());
    for _ in 0..RESAMPLES {
        let mut weight = vec![0.0_f64; people];
        for _ in 0..people {
            weight[random.below(people)] += 1.0;
        }
        let pair = |&(a, b): &(usize, usize)| weight[a] * weight[b];
        let wrong: f64 = matches.iter().map(pair).sum();
        let all = if scores.all_pairs {
            let drawn = |p: usize| weight[p] * pictures[p];
            let sum: f64 = (0..people).map(drawn).sum();
            let squares: f64 = (0..people).map(|p| drawn(p).powi(2)).sum();
            f64::midpoint(sum * sum, -squares)
        } else {
            listed.iter().map(pair).sum()
        };
        if all > 0.0 {
            // An empty sum is -0.0, which would look odd in a report.
            fmrs.push((wrong / all).abs());
        }
        let failed: f64 = mated.iter().filter(|(_, failed)| *failed).map(|(p, _)| weight[*p]).sum();
        let tried: f64 = mated.iter().map(|(p, _)| weight[*p]).sum();
        if tried > 0.0 {
            fnmrs.push((failed / tried).abs());
        }
    }
    (if exact { middle_95(fmrs) } else { None }, middle_95(fnmrs))
}

fn middle_95(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() as f64) * share) as usize).copied();
    Some((at(0.025)?, at(0.975)?))
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014: enough to draw
/// people by lot, the same ones every time.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed % limit.max(1) as u64) as usize
    }
}
