//! The clock of the database, which every replica shares.
//!
//! One replica sets a time and another replica checks it: for a liveness session, a token, a delay
//! after failures. Clocks of machines differ, so none of them is used. Each answer of the database
//! to the check of a connection carries its time. Between two answers the time goes on by the
//! monotonic clock of the machine, which nobody sets. So the clock of the machine may be wrong, or
//! be set while the service runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::clock::Clock;

/// How far a monotonic clock may stray, in parts of a million: several times what a quartz
/// does.
const DRIFT_PPM: u32 = 200;

/// One look at the clock of the database.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// When it was taken, by the machine's monotonic clock.
    at: Instant,
    /// What the database said.
    time: DateTime<Utc>,
    /// How wrong it can be: half of the time the answer took.
    error: Duration,
}

impl Reading {
    fn time_at(&self, at: Instant) -> DateTime<Utc> {
        let span = |from: Instant, to: Instant| {
            TimeDelta::from_std(to.saturating_duration_since(from)).unwrap_or(TimeDelta::MAX)
        };
        self.time + span(self.at, at) - span(at, self.at)
    }

    fn error_at(&self, at: Instant) -> Duration {
        self.error + at.saturating_duration_since(self.at) * DRIFT_PPM / 1_000_000
    }
}

/// What is known of the clock of the database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readings(Arc<Mutex<Option<Reading>>>);

impl Readings {
    /// Takes note of `time`, which the database answered to a question asked at `asked` and
    /// heard at `heard`.
    pub(crate) fn note(&self, time: DateTime<Utc>, asked: Instant, heard: Instant) {
        let half = heard.saturating_duration_since(asked) / 2;
        let new = Reading { at: asked + half, time, error: half };
        let mut best = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let better = best.is_none_or(|old| {
            let differs = (new.time - old.time_at(new.at)).abs();
            let explained = new.error + old.error_at(new.at);
            // A sharper look replaces a blurred one, and one that contradicts it, too: the
            // database's clock was set, or another machine has taken over.
            new.error <= old.error_at(new.at)
                || differs > TimeDelta::from_std(explained).unwrap_or(TimeDelta::MAX)
        });
        if better {
            *best = Some(new);
        }
    }

    fn time_at(&self, at: Instant) -> Option<DateTime<Utc>> {
        let best = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        best.map(|reading| reading.time_at(at))
    }
}

/// The database's clock.
pub struct DatabaseClock {
    readings: Readings,
    machine: Arc<dyn Clock>,
}

impl DatabaseClock {
    pub(crate) fn new(readings: Readings, machine: Arc<dyn Clock>) -> Self {
        Self { readings, machine }
    }

    /// How far the clock of this machine is ahead of the database's; `None` before the database
    /// was first reached. Right to half of the time a round trip takes.
    #[must_use]
    pub fn ahead(&self) -> Option<TimeDelta> {
        Some(self.machine.now() - self.readings.time_at(Instant::now())?)
    }
}

impl Clock for DatabaseClock {
    /// The database's time; the machine's before the database was first reached, when there is
    /// nothing to time either.
    fn now(&self) -> DateTime<Utc> {
        self.readings.time_at(Instant::now()).unwrap_or_else(|| self.machine.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + n, 0).unwrap()
    }

    #[test]
    fn goes_on_between_two_looks() {
        let (readings, start) = (Readings::default(), Instant::now());
        assert_eq!(readings.time_at(start), None);
        readings.note(second(0), start, start);
        assert_eq!(readings.time_at(start + Duration::from_secs(9)), Some(second(9)));
    }

    #[test]
    fn takes_the_middle_of_the_round_trip() {
        let (readings, start) = (Readings::default(), Instant::now());
        readings.note(second(0), start, start + Duration::from_secs(2));
        assert_eq!(readings.time_at(start + Duration::from_secs(1)), Some(second(0)));
        assert_eq!(readings.time_at(start), Some(second(-1)));
    }

    #[test]
    fn a_blurred_look_does_not_replace_a_sharp_one_until_that_is_old() {
        let (readings, start) = (Readings::default(), Instant::now());
        readings.note(second(0), start, start);
        let late = start + Duration::from_secs(10);
        // Took 600 ms, and is 200 ms off: explained by how long it took.
        let off = second(10) + TimeDelta::milliseconds(500);
        readings.note(off, late, late + Duration::from_millis(600));
        assert_eq!(readings.time_at(late), Some(second(10)));
        // An hour later the sharp one may be 720 ms off itself.
        let hour = start + Duration::from_secs(3_600);
        let off = second(3_600) + TimeDelta::milliseconds(400);
        readings.note(off, hour, hour + Duration::from_millis(600));
        assert_eq!(readings.time_at(hour + Duration::from_millis(300)), Some(off));
    }

    #[test]
    fn a_database_whose_clock_was_set_is_followed() {
        let (readings, start) = (Readings::default(), Instant::now());
        readings.note(second(0), start, start);
        let late = start + Duration::from_secs(10);
        readings.note(second(-50), late, late + Duration::from_millis(20));
        assert_eq!(readings.time_at(late + Duration::from_millis(10)), Some(second(-50)));
    }
}
