//! Whether a body still arrives fast enough.
//!
//! How long a body may take follows from its size and the slowest line that is served, not from a
//! fixed time: a clip over a slow line takes minutes, a trickle ends after seconds.

use std::time::Duration;

use tokio::time::Instant;

/// Longest time without any byte.
const STALL: Duration = Duration::from_secs(3);

/// Slowest line that is served, in bytes a second: 64 kbit/s, what a phone has at the edge of a
/// network of the second generation.
const LEAST_BYTES_PER_SECOND: u32 = 8 * 1024;

/// Time that a body has ahead: at its beginning, and at most what it may save by being fast. Bounds
/// how long it can go below the slowest line.
const AHEAD: Duration = Duration::from_secs(5);

/// Longest time in all. The largest clip needs 0.6 Mbit/s for it; orchestrators and proxies that
/// restart wait no longer.
pub(super) const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The pace of a body.
#[derive(Debug)]
pub(super) struct Progress {
    last: Instant,
    paid_until: Instant,
    end: Instant,
}

impl Progress {
    pub(super) fn begin(now: Instant) -> Self {
        Self { last: now, paid_until: now + AHEAD, end: now + LONGEST }
    }

    /// Counts bytes that arrived.
    pub(super) fn received(&mut self, bytes: usize, now: Instant) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bought = Duration::from_secs(1) * bytes / LEAST_BYTES_PER_SECOND;
        self.paid_until = (self.paid_until + bought).min(now + AHEAD);
        self.last = now;
    }

    /// When to give up unless more arrives before.
    pub(super) fn deadline(&self) -> Instant {
        (self.last + STALL).min(self.paid_until).min(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds after which a line that sends `bytes` every `every` is given up; `None` when it
    /// delivers `size` before.
    fn given_up(bytes: usize, every: Duration, size: usize) -> Option<u64> {
        let begin = Instant::now();
        let (mut now, mut seen) = (begin, 0);
        let mut progress = Progress::begin(now);
        while seen < size {
            now += every;
            if now > progress.deadline() {
                return Some((progress.deadline() - begin).as_secs());
            }
            seen += bytes;
            progress.received(bytes, now);
        }
        None
    }

    const SECOND: Duration = Duration::from_secs(1);
    const PICTURE: usize = 200 * 1024;
    /// The largest body.
    const LARGEST: usize = 10 * 1024 * 1024;

    #[test]
    fn trickles_and_stalls_end() {
        assert_eq!(given_up(1, SECOND, PICTURE), Some(5));
        assert_eq!(given_up(1, SECOND / 20, PICTURE), Some(5));
        assert_eq!(given_up(64 * 1024, 4 * SECOND, PICTURE), Some(3));
        // Slightly too slow: it ends when its credit is used up.
        assert_eq!(given_up(7 * 1024, SECOND, LARGEST), Some(33));
    }

    #[test]
    fn slow_lines_deliver() {
        // 64 kbit/s, in packets and in lumps.
        assert_eq!(given_up(1024, SECOND / 8, PICTURE), None);
        assert_eq!(given_up(16 * 1024, 2 * SECOND, PICTURE), None);
        // The largest body at 1 Mbit/s takes almost a minute and a half.
        assert_eq!(given_up(128 * 1024, SECOND, LARGEST), None);
    }

    #[test]
    fn a_fast_beginning_pays_for_no_slow_end() {
        let begin = Instant::now();
        let mut progress = Progress::begin(begin);
        progress.received(10 * 1024 * 1024, begin);
        let mut now = begin;
        while now <= progress.deadline() {
            progress.received(1, now);
            now += SECOND;
        }
        assert!(now - begin <= AHEAD + 2 * SECOND, "{:?}", now - begin);
    }

    #[test]
    fn nothing_takes_longer_than_five_minutes() {
        assert_eq!(given_up(32 * 1024, SECOND, LARGEST), Some(300));
    }
}
