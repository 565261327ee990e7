//! What other thresholds of the PAD score would do.

/// Attacks that pass, and people who are refused, for each threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Tradeoff {
    /// From loose to strict, one for each score that occurred.
    pub points: Vec<Point>,
    /// Where both rates are equal (D-EER), and that threshold.
    pub equal_error: Option<(f64, f32)>,
}

/// What one threshold does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Least score of a bona fide presentation.
    pub threshold: f32,
    /// Share of the attacks that pass, 0 to 1.
    pub apcer: f64,
    /// BPCER, 0 to 1.
    pub bpcer: f64,
}

impl Tradeoff {
    /// Counts the scores of people and of one species of attacks.
    #[must_use]
    pub fn new(bona_fide: &[f32], attacks: &[f32]) -> Self {
        if bona_fide.is_empty() || attacks.is_empty() {
            return Self { points: Vec::new(), equal_error: None };
        }
        let share = |scores: &[f32], wrong: &dyn Fn(f32) -> bool| {
            scores.iter().filter(|score| wrong(**score)).count() as f64 / scores.len() as f64
        };
        let mut thresholds: Vec<f32> = bona_fide.iter().chain(attacks).copied().collect();
        // Beyond the highest score nobody passes.
        thresholds.push(thresholds.iter().copied().fold(f32::MIN, f32::max).next_up());
        thresholds.sort_by(f32::total_cmp);
        thresholds.dedup();
        let points: Vec<Point> = thresholds
            .into_iter()
            .map(|threshold| Point {
                threshold,
                apcer: share(attacks, &|score| score >= threshold),
                bpcer: share(bona_fide, &|score| score < threshold),
            })
            .collect();
        // APCER falls and BPCER grows: they cross once.
        let crossing = points.iter().find(|point| point.bpcer >= point.apcer);
        let equal_error =
            crossing.map(|point| (f64::midpoint(point.apcer, point.bpcer), point.threshold));
        Self { points, equal_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_fall_and_refusals_grow_with_the_threshold() {
        let tradeoff = Tradeoff::new(&[0.4, 0.6, 0.8, 0.9], &[0.1, 0.5]);
        let at = |threshold: f32| {
            let point = tradeoff.points.iter().find(|point| point.threshold == threshold);
            point.map(|point| (point.apcer, point.bpcer))
        };
        assert_eq!(at(0.1), Some((1.0, 0.0)));
        assert_eq!(at(0.4), Some((0.5, 0.0)));
        assert_eq!(at(0.6), Some((0.0, 0.25)));
        assert_eq!(
            tradeoff.points.last().map(|point| (point.apcer, point.bpcer)),
            Some((0.0, 1.0))
        );
        assert_eq!(tradeoff.equal_error, Some((0.125, 0.6)));
    }

    #[test]
    fn without_attacks_there_is_no_curve() {
        assert!(Tradeoff::new(&[0.4], &[]).points.is_empty());
        assert_eq!(Tradeoff::new(&[], &[0.1]).equal_error, None);
    }
}
