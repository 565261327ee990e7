//! How long a claimed name waits after failed sign-ins, and how many tries strangers have.
//!
//! Only failures that say something about the person at the camera count: another face, a picture,
//! a recording. A blurred picture or a missed step costs nothing.
//!
//! Two limits hold at once. **Failures in a row** make a name wait, and a success ends them.
//! Failures spend a **budget** of tries, and only time refills it. Sign-ins of the account holder
//! do not, because each of them would give strangers new tries. Every known device has a budget of
//! its own, and all unknown ones together have one.

mod budget;

use chrono::{DateTime, TimeDelta, Utc};

pub use budget::TryBudget;

/// How long a begun attempt counts when its end is never recorded, because its replica died or its
/// client hung up. Then nothing was answered, so nothing was learnt. It is longer than any request
/// takes, so attempts in flight are always counted.
pub const PENDING_FOR: TimeDelta = TimeDelta::minutes(2);

/// After how many consecutive failures a name has to wait, and after how many it is only refused.
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
    /// Tries of all callers without a device token of the account, together.
    pub unknown_devices: TryBudget,
    /// Tries on each device that has signed in to the account before.
    pub known_device: TryBudget,
}

/// The failures of a name on one device, or on all unknown ones together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Failures in a row, decided.
    pub in_a_row: u32,
    /// Attempts that have begun and not ended.
    pub pending: u32,
    /// When the last of them began.
    pub begun_at: Option<DateTime<Utc>>,
    /// Until when the last failure makes the name wait.
    pub blocked_until: Option<DateTime<Utc>>,
    /// When the budget is full again; see [`TryBudget`].
    pub budget_full_at: Option<DateTime<Utc>>,
}

/// Whose attempt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A device that has signed in to the account before.
    KnownDevice,
    /// Everybody else.
    UnknownDevice,
}

impl FailurePolicy {
    /// NIST SP 800-63B-4, 3.2.3: five consecutive failures, then at least 30 seconds before each
    /// attempt and more with each; 50 overall, then another way in. The standard grants twice as
    /// many with PAD, but ours is not certified. The cap of an hour lets a person try again after
    /// lunch, and not only the next day.
    pub const DEFAULT: Self = Self {
        free: 5,
        first_delay: TimeDelta::seconds(30),
        longest_delay: TimeDelta::hours(1),
        cap: 50,
        unknown_devices: TryBudget::UNKNOWN_DEVICES,
        known_device: TryBudget::KNOWN_DEVICE,
    };

    /// Begins an attempt, or says until when none may begin. The attempt counts as pending from
    /// now on, and as a failure for every other one that wants to begin meanwhile.
    ///
    /// # Errors
    /// The moment from which on an attempt may begin.
    pub fn begin(
        &self,
        tally: &Tally,
        caller: Caller,
        now: DateTime<Utc>,
    ) -> Result<Tally, DateTime<Utc>> {
        let tally = tally.living(now);
        // Attempts in flight are failures until they are decided.
        let by_pending = match (tally.pending, tally.begun_at) {
            (1.., Some(begun_at)) => self.delay_after(tally.number() - 1).map(|d| begun_at + d),
            _ => None,
        };
        let budget = self.budget(caller);
        let by_budget = budget.wait(tally.budget_full_at, tally.pending, now).map(|w| now + w);
        match tally.blocked_until.max(by_pending).max(by_budget) {
            Some(until) if until > now => Err(until),
            _ => Ok(Tally { pending: tally.pending + 1, begun_at: Some(now), ..tally }),
        }
    }

    /// A begun attempt has failed.
    #[must_use]
    pub fn failed(&self, tally: &Tally, caller: Caller, now: DateTime<Utc>) -> Tally {
        let in_a_row = tally.in_a_row.saturating_add(1);
        let delay = self.delay_after(in_a_row).map(|delay| now + delay);
        let budget_full_at = Some(self.budget(caller).spend(tally.budget_full_at, now));
        Tally {
            in_a_row,
            pending: tally.pending.saturating_sub(1),
            blocked_until: tally.blocked_until.max(delay),
            budget_full_at,
            ..*tally
        }
    }

    /// Whether a failure that turned `before` into `after` begins a lock: from now on the name waits
    /// because of failures in a row, is only refused, or has no try left. Further failures within
    /// the same lock begin none.
    #[must_use]
    pub fn begins_lock(
        &self,
        before: &Tally,
        after: &Tally,
        caller: Caller,
        now: DateTime<Utc>,
    ) -> bool {
        let reaches = |count: u32| before.in_a_row < count && after.in_a_row >= count;
        let has_try =
            |tally: &Tally| self.budget(caller).wait(tally.budget_full_at, 0, now).is_none();
        reaches(self.free) || reaches(self.cap) || (has_try(before) && !has_try(after))
    }

    fn budget(&self, caller: Caller) -> &TryBudget {
        match caller {
            Caller::KnownDevice => &self.known_device,
            Caller::UnknownDevice => &self.unknown_devices,
        }
    }

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

    /// Whether an attempt is refused without regard to the face, when it is the `number`th in a row
    /// without success.
    #[must_use]
    pub fn locks(&self, number: u32) -> bool {
        number > self.cap
    }
}

impl Tally {
    /// Without the attempts that will never be decided.
    #[must_use]
    pub fn living(&self, now: DateTime<Utc>) -> Self {
        match self.begun_at {
            Some(begun_at) if now < begun_at + PENDING_FOR => *self,
            _ => Self { pending: 0, ..*self },
        }
    }

    /// The place of the next attempt in a row without success, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.in_a_row.saturating_add(self.pending).saturating_add(1)
    }

    /// A begun attempt was neither a failure nor a success.
    #[must_use]
    pub fn forgiven(&self) -> Self {
        Self { pending: self.pending.saturating_sub(1), ..*self }
    }

    /// A begun attempt was a success: the row ends. The budget stays as it is.
    #[must_use]
    pub fn succeeded(&self) -> Self {
        Self { in_a_row: 0, blocked_until: None, ..self.forgiven() }
    }

    /// Whether there is nothing left to remember.
    #[must_use]
    pub fn is_clear(&self, now: DateTime<Utc>) -> bool {
        self.in_a_row == 0 && self.pending == 0 && self.budget_full_at.is_none_or(|at| at <= now)
    }
}

#[cfg(test)]
mod tests;
