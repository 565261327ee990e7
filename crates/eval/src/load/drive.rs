//! Work that arrives at its own pace, and how long it waits.
//!
//! A generator that waits for an answer before it sends the next request slows down with the server and
//! so never sees the queue it would have made (coordinated omission: Tene, "How NOT to Measure
//! Latency", 2013). Here arrivals are drawn beforehand, and the time of a request runs from when it was
//! due, not from when somebody got round to sending it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::process::{Cost, Meter};

/// Longest latency that is recorded exactly, in microseconds: a minute.
const LONGEST_US: u64 = 60_000_000;

/// Significant digits of a latency.
const DIGITS: u8 = 3;

/// Something that does one piece of work at a time for each caller.
pub trait Target: Sync {
    /// Does one piece and waits for it.
    ///
    /// # Errors
    /// A word for why it was not done, such as a status code.
    fn work(&self) -> Result<(), String>;
}

/// How work arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Each caller begins the next piece when the last one is done: what the target can do at most.
    Closed,
    /// This many a second on average, at random times (a Poisson process, like independent people),
    /// even when the target does not keep up.
    Open {
        /// Pieces a second.
        rate: f64,
    },
}

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How work arrives.
    pub arrivals: Arrivals,
    /// Callers; with open arrivals, those that may wait at the same time.
    pub callers: usize,
    /// How long work arrives.
    pub time: Duration,
    /// Draws the arrivals: the same seed, the same times.
    pub seed: u64,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was planned.
    pub plan: Plan,
    /// From the first arrival to the last answer.
    pub took: Duration,
    /// Microseconds from when a piece was due to its answer; of those that were done.
    pub latency: Histogram<u64>,
    /// Pieces that were not done, by reason.
    pub failed: BTreeMap<String, u64>,
    /// What it cost the server, when it could be watched.
    pub cost: Option<Cost>,
}

impl Run {
    /// Pieces that were done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.latency.len()
    }

    /// Pieces done a second.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.done() as f64 / self.took.as_secs_f64().max(1e-9)
    }

    /// The latency that `share` of the pieces stayed below, in milliseconds.
    #[must_use]
    pub fn latency_ms(&self, share: f64) -> f64 {
        self.latency.value_at_quantile(share) as f64 / 1000.0
    }

    /// Processor time of the server for each piece, in milliseconds.
    #[must_use]
    pub fn cpu_ms(&self) -> Option<f64> {
        let cost = self.cost.as_ref()?;
        (self.done() > 0).then(|| 1000.0 * cost.cpu.as_secs_f64() / self.done() as f64)
    }
}

/// Runs `plan` on `target`, while `meter` watches the server. `tick` is called for each answer.
#[must_use]
pub fn run(
    target: &dyn Target,
    plan: Plan,
    meter: Option<&Meter>,
    tick: &(dyn Fn() + Sync),
) -> Run {
    let due = match plan.arrivals {
        Arrivals::Closed => Vec::new(),
        Arrivals::Open { rate } => arrivals(rate, plan.time, plan.seed),
    };
    let next = AtomicUsize::new(0);
    let all = Mutex::new((empty(), BTreeMap::new()));
    let watch = meter.map(Meter::start);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..plan.callers {
            scope.spawn(|| {
                let (mut latency, mut failed) = (empty(), BTreeMap::new());
                loop {
                    let due_at = match plan.arrivals {
                        Arrivals::Closed if begin.elapsed() >= plan.time => break,
                        Arrivals::Closed => Instant::now(),
                        Arrivals::Open { .. } => {
                            let Some(due) = due.get(next.fetch_add(1, Ordering::Relaxed)) else {
                                break;
                            };
                            begin + *due
                        }
                    };
                    std::thread::sleep(due_at.saturating_duration_since(Instant::now()));
                    match target.work() {
                        Ok(()) => {
                            let us = u64::try_from(due_at.elapsed().as_micros());
                            latency.saturating_record(us.unwrap_or(LONGEST_US).max(1));
                        }
                        Err(reason) => *failed.entry(reason).or_insert(0) += 1,
                    }
                    tick();
                }
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                // Histograms of the same bounds always add up.
                let _ = all.0.add(&latency);
                for (reason, count) in failed {
                    *all.1.entry(reason).or_insert(0) += count;
                }
            });
        }
    });
    let took = begin.elapsed();
    let (latency, failed) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    Run { plan, took, latency, failed, cost: watch.map(super::process::Watch::stop) }
}

fn empty() -> Histogram<u64> {
    Histogram::new_with_max(LONGEST_US, DIGITS).unwrap_or_else(|_| unreachable!("constant bounds"))
}

/// When pieces are due: a Poisson process of `rate` a second for `time`.
fn arrivals(rate: f64, time: Duration, seed: u64) -> Vec<Duration> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut due = Vec::new();
    let mut at = 0.0;
    loop {
        // Waiting times of a Poisson process are exponential; 1 - u is never 0.
        at += -(1.0 - random.f64()).ln() / rate;
        if at >= time.as_secs_f64() {
            return due;
        }
        due.push(Duration::from_secs_f64(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serves one at a time, and stands still once.
    struct Stalling {
        turn: Mutex<u32>,
    }

    impl Target for Stalling {
        fn work(&self) -> Result<(), String> {
            let mut turn = self.turn.lock().unwrap();
            *turn += 1;
            std::thread::sleep(Duration::from_millis(if *turn == 5 { 200 } else { 1 }));
            if turn.is_multiple_of(10) { Err("503".to_owned()) } else { Ok(()) }
        }
    }

    #[test]
    fn who_was_due_while_the_target_stood_still_waited_too() {
        let plan = Plan {
            arrivals: Arrivals::Open { rate: 200.0 },
            callers: 2,
            time: Duration::from_millis(500),
            seed: 7,
        };
        let run = run(&Stalling { turn: Mutex::new(0) }, plan, None, &|| {});
        let due = arrivals(200.0, plan.time, 7).len() as u64;
        assert_eq!(run.done() + run.failed["503"], due, "everything that was due is counted");
        // About 40 of 100 were due during the pause; a generator that waits would have seen one.
        assert!(run.latency_ms(0.8) > 50.0, "{}", run.latency_ms(0.8));
        assert!(run.cost.is_none());
    }

    #[test]
    fn arrivals_are_as_many_as_asked_for_and_no_clockwork() {
        let due = arrivals(100.0, Duration::from_secs(100), 1);
        assert!((9_700..10_300).contains(&due.len()), "{}", due.len());
        let gaps: Vec<f64> = due.windows(2).map(|w| (w[1] - w[0]).as_secs_f64()).collect();
        // Of exponential gaps 37 % are longer than their mean.
        let long = gaps.iter().filter(|gap| **gap > 0.01).count() as f64 / gaps.len() as f64;
        assert!((0.34..0.40).contains(&long), "{long}");
        assert_eq!(due, arrivals(100.0, Duration::from_secs(100), 1));
    }
}
