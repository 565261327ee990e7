//! An error rate with its confidence interval.

use std::fmt;

/// Quantile of the normal distribution for a two-sided interval at 95 %.
const Z_95: f64 = 1.959_964;

/// How many of a number of trials went one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proportion {
    /// Trials that did.
    pub hits: usize,
    /// All trials.
    pub trials: usize,
}

impl Proportion {
    /// Counts the trials that `hit`.
    pub fn of<T>(trials: impl IntoIterator<Item = T>, hit: impl Fn(&T) -> bool) -> Self {
        trials.into_iter().fold(Self::default(), |sum, trial| Self {
            hits: sum.hits + usize::from(hit(&trial)),
            trials: sum.trials + 1,
        })
    }

    /// The share, 0 to 1; `None` without trials.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| self.hits as f64 / self.trials as f64)
    }

    /// Between which shares the true one lies with 95 % confidence (Wilson's score interval,
    /// which holds for few trials and for rates near 0: Brown, Cai and DasGupta, "Interval
    /// Estimation for a Binomial Proportion", 2001). It assumes independent trials; pieces
    /// of one recording are not, and the true interval is wider.
    #[must_use]
    pub fn interval_95(self) -> Option<(f64, f64)> {
        let rate = self.rate()?;
        let trials = self.trials as f64;
        let spread = Z_95 * Z_95 / trials;
        let centre = rate + spread / 2.0;
        let reach = Z_95 * (rate * (1.0 - rate) / trials + spread / (4.0 * trials)).sqrt();
        let bound = |value: f64| (value / (1.0 + spread)).clamp(0.0, 1.0);
        Some((bound(centre - reach), bound(centre + reach)))
    }
}

/// As a percentage with its interval: `7.1 % (2.3 to 19.8)`.
impl fmt::Display for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| 100.0 * share;
        match (self.rate(), self.interval_95()) {
            (Some(rate), Some((low, high))) => {
                write!(f, "{:.1} % ({:.1} to {:.1})", percent(rate), percent(low), percent(high))
            }
            _ => f.write_str("-"),
        }
    }
}

/// As a power of ten, for rates that are 0.0 %: `1.00e-4 (9.3e-5 to 1.1e-4)`.
impl fmt::LowerExp for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.rate(), self.interval_95()) {
            (Some(rate), Some((low, high))) => write!(f, "{rate:.2e} ({low:.1e} to {high:.1e})"),
            _ => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Values of R's `binom.confint(methods = "wilson")`.
        for (hits, trials, low, high) in
            [(0, 10, 0.0, 0.277_53), (1, 10, 0.017_88, 0.404_15), (81, 263, 0.255_29, 0.366_21)]
        {
            let interval = Proportion { hits, trials }.interval_95().expect("trials");
            assert!((interval.0 - low).abs() < 5e-4, "{hits}/{trials}: {interval:?}");
            assert!((interval.1 - high).abs() < 5e-4, "{hits}/{trials}: {interval:?}");
        }
    }

    #[test]
    fn nothing_measured_is_no_rate() {
        assert_eq!(Proportion::default().rate(), None);
        assert_eq!(Proportion::default().to_string(), "-");
        assert_eq!(Proportion { hits: 1, trials: 10 }.to_string(), "10.0 % (1.8 to 40.4)");
        assert_eq!(format!("{:e}", Proportion::default()), "-");
        let rare = Proportion { hits: 700, trials: 7_000_000 };
        assert_eq!(format!("{rare:e}"), "1.00e-4 (9.3e-5 to 1.1e-4)");
    }

    #[test]
    fn counts_hits() {
        assert_eq!(Proportion::of(1..=9, |n| n % 3 == 0), Proportion { hits: 3, trials: 9 });
    }
}
