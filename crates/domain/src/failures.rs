//! How long a claimed name waits after failed sign-ins.
//!
//! Only failures that say something about who was at the camera count: another face, a
//! picture, a recording. A blurred picture or a missed step costs nothing.

use chrono::TimeDelta;

/// When consecutive failures are answered with waiting, and when with nothing but refusals.
///
/// At a false match rate of 1e-4, five tries a minute for a day find a false match on one
/// account with a chance of one half; 50 in all, with one in 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailurePolicy {
    /// Consecutive failures that cost no time.
    pub free: u32,
    /// Delay after the last free failure; every further one doubles it.
    pub first_delay: TimeDelta,
    /// Longest delay.
    pub longest_delay: TimeDelta,
    /// Consecutive failures after which nothing is accepted until a known device signs in or
    /// an operator intervenes.
    pub cap: u32,
}

impl FailurePolicy {
    /// NIST SP 800-63B-4, 3.2.3: five consecutive failures, then at least 30 seconds before
    /// each attempt and more with each; 50 overall, then another way in. The standard grants
    /// twice as many with PAD; ours is not certified. An hour keeps a person who comes
    /// back after lunch from waiting for a day.
    pub const DEFAULT: Self = Self {
        free: 5,
        first_delay: TimeDelta::seconds(30),
        longest_delay: TimeDelta::hours(1),
        cap: 50,
    };

    /// How long the name waits after this many consecutive failures.
    #[must_use]
    pub fn delay_after(&self, failures: u32) -> Option<TimeDelta> {
        let doublings = failures.checked_sub(self.free)?;
        // Longer than any delay long before the shift overflows.
        let factor = 1i32.checked_shl(doublings.min(30)).unwrap_or(i32::MAX);
        Some(
            self.first_delay
                .checked_mul(factor)
                .map_or(self.longest_delay, |delay| delay.min(self.longest_delay)),
        )
    }

    /// Whether an attempt is refused whatever it shows, when it is the `number`th in a row
    /// without success.
    #[must_use]
    pub fn locks(&self, number: u32) -> bool {
        number > self.cap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_begins_at_five_doubles_and_ends_at_an_hour() {
        let policy = FailurePolicy::DEFAULT;
        let seconds = |failures| policy.delay_after(failures).map(|delay| delay.num_seconds());
        assert_eq!((seconds(0), seconds(4)), (None, None));
        assert_eq!([5, 6, 7, 8].map(seconds), [Some(30), Some(60), Some(120), Some(240)]);
        assert_eq!(
            [11, 12, 49, u32::MAX].map(seconds),
            [Some(1920), Some(3600), Some(3600), Some(3600)]
        );
    }

    #[test]
    fn the_attempt_after_the_cap_is_locked() {
        let policy = FailurePolicy::DEFAULT;
        assert!(!policy.locks(50) && policy.locks(51));
    }
}
