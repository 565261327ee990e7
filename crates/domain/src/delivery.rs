//! When something that could not be handed over is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};

/// How tries of one event follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Pause after the first try that failed; every further pause is twice the last.
    pub first_pause: TimeDelta,
    /// Longest pause.
    pub longest_pause: TimeDelta,
    /// How long an event is tried.
    pub for_at_most: TimeDelta,
}

/// What follows a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTry {
    /// The next try, not before this moment.
    At(DateTime<Utc>),
    /// There is none.
    Never,
}

impl Retries {
    /// A receiver that restarts is tried again within seconds, and one that is down for a night
    /// every hour. After a day an event is given up, because later events of the same person wait
    /// for it.
    pub const DEFAULT: Self = Self {
        first_pause: TimeDelta::seconds(5),
        longest_pause: TimeDelta::hours(1),
        for_at_most: TimeDelta::hours(24),
    };

    /// What follows the try number `tries`, from 1, which failed at `now`. `give_up_at` is when the
    /// event is given up. `spread` lies between 0 and 1 and is drawn anew each time. It moves the
    /// next try between half of the pause and the whole pause, so that events that failed together
    /// do not come again together.
    #[must_use]
    pub fn after(
        &self,
        tries: u32,
        give_up_at: DateTime<Utc>,
        now: DateTime<Utc>,
        spread: f64,
    ) -> NextTry {
        if now >= give_up_at {
            return NextTry::Never;
        }
        let pause = self.pause_after(tries);
        let half = pause.num_milliseconds() / 2;
        let moved = half + (half as f64 * spread.clamp(0.0, 1.0)) as i64;
        NextTry::At(now + TimeDelta::milliseconds(moved))
    }

    /// The longest pause after the try number `tries`, from 1.
    fn pause_after(&self, tries: u32) -> TimeDelta {
        // The longest pause is reached long before the shift overflows.
        let factor = 1_i32.checked_shl(tries.saturating_sub(1).min(30)).unwrap_or(i32::MAX);
        self.first_pause
            .checked_mul(factor)
            .map_or(self.longest_pause, |pause| pause.min(self.longest_pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: Retries = Retries::DEFAULT;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = |tries| RETRIES.pause_after(tries).num_seconds();
        assert_eq!([1, 2, 3, 10, 11, u32::MAX].map(seconds), [5, 10, 20, 2_560, 3_600, 3_600]);
    }

    #[test]
    fn the_spread_moves_the_next_try_within_the_second_half_of_the_pause() {
        let later = now() + RETRIES.for_at_most;
        let at = |spread| match RETRIES.after(1, later, now(), spread) {
            NextTry::At(at) => (at - now()).num_milliseconds(),
            NextTry::Never => panic!("given up"),
        };
        assert_eq!([0.0, 0.5, 1.0, 9.0].map(at), [2_500, 3_750, 5_000, 5_000]);
    }

    #[test]
    fn an_event_is_given_up_after_its_time() {
        let after = |give_up_at| RETRIES.after(3, give_up_at, now(), 0.0);
        assert_eq!(after(now()), NextTry::Never);
        assert!(matches!(after(now() + TimeDelta::milliseconds(1)), NextTry::At(_)));
    }
}
