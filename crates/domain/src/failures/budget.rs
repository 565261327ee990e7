//! How many tries strangers have over a long time.

use chrono::{DateTime, TimeDelta, Utc};

/// A budget of tries that only time refills, one after the other (a leaky bucket). Its state is one
/// timestamp: when the budget will be full again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryBudget {
    /// Tries of a full budget.
    pub tries: u32,
    /// Time that gives one back.
    pub one_every: TimeDelta,
}

impl TryBudget {
    /// 25 tries, and 25 more every 30 days: 50 at the most in any 30 days, and 329 in the first
    /// year of an attack that never ends (25 + 365 / 1.2).
    ///
    /// Each try of another stranger passes with the false match rate, 1e-4. That is a chance of 0.5
    /// % (one in 200) in the worst month and of 3.2 % in a year of trying every day, with 329
    /// different faces. People who never keep a device token fail about once in 20 sign-ins (NIST
    /// SP 800-63B-4 asks for an FNMR below 5 %). For them 25 are enough for 16 sign-ins a day.
    pub const UNKNOWN_DEVICES: Self = Self { tries: 25, one_every: TimeDelta::minutes(1728) };

    /// Each device that has signed in before has four times as many, so that no honest person
    /// reaches the limit: at most 200 in any 30 days. A thief of the device or its token then has a
    /// chance of 2 % in the worst month, and of 12 % in a year (1,316 tries).
    pub const KNOWN_DEVICE: Self = Self { tries: 100, one_every: TimeDelta::minutes(432) };

    /// How long to wait for the next try, when `spent` says when the budget is full again and
    /// `pending` more have begun and not ended. `None` when there is a try left.
    #[must_use]
    pub fn wait(
        &self,
        spent: Option<DateTime<Utc>>,
        pending: u32,
        now: DateTime<Utc>,
    ) -> Option<TimeDelta> {
        let others = times(self.one_every, pending);
        let full_at = self.spend(spent, now) + others;
        let over = full_at - now - times(self.one_every, self.tries);
        (over > TimeDelta::zero()).then_some(over)
    }

    /// When the budget is full again after one try more.
    #[must_use]
    pub fn spend(&self, spent: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
        spent.map_or(now, |full_at| full_at.max(now)) + self.one_every
    }
}

/// More attempts than are ever in flight or in a budget. This number of days is still a valid date.
const MOST: u32 = 10_000;

/// `delta` so many times.
fn times(delta: TimeDelta, count: u32) -> TimeDelta {
    delta * i32::try_from(count.min(MOST)).unwrap_or(i32::MAX)
}
