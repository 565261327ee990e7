//! What a process costs, as Linux counts it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, ensure};

/// How often memory is read.
const EVERY: Duration = Duration::from_millis(20);

/// Ticks a second in `/proc`: Linux has shown 100 to programs on every architecture since 2.6.
const TICKS_A_SECOND: f64 = 100.0;

/// What a run cost a process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Processor time, of all its threads.
    pub cpu: Duration,
    /// Most resident memory while it ran, in MB of 1e6 bytes.
    pub peak_mb: f64,
    /// Resident memory at the end.
    pub end_mb: f64,
}

/// Watches a process.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    pid: u32,
}

impl Meter {
    /// Of the process `pid`.
    ///
    /// # Errors
    /// When there is none, or not on Linux.
    pub fn of(pid: u32) -> anyhow::Result<Self> {
        let meter = Self { pid };
        meter.cpu().with_context(|| format!("no process {pid} can be watched"))?;
        ensure!(meter.resident_mb().is_some(), "no process {pid} can be watched");
        Ok(meter)
    }

    /// Begins to watch.
    #[must_use]
    pub fn start(&self) -> Watch {
        let meter = *self;
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let sampler = std::thread::spawn(move || {
            let mut peak: f64 = 0.0;
            loop {
                peak = peak.max(meter.resident_mb().unwrap_or(0.0));
                if ended.load(Ordering::Relaxed) {
                    return peak;
                }
                std::thread::sleep(EVERY);
            }
        });
        Watch { meter, begin: meter.cpu().unwrap_or_default(), end, sampler }
    }

    /// Processor time so far. The command's name may hold spaces and brackets; the fields count from
    /// the last bracket (`proc_pid_stat(5)`: utime and stime are the 14th and 15th).
    fn cpu(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some(Duration::from_secs_f64((ticks(11)? + ticks(12)?) / TICKS_A_SECOND))
    }

    fn resident_mb(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib * 1024.0 / 1e6)
    }
}

/// A process that is being watched.
pub struct Watch {
    meter: Meter,
    begin: Duration,
    end: Arc<AtomicBool>,
    sampler: JoinHandle<f64>,
}

impl Watch {
    /// What it cost since.
    #[must_use]
    pub fn stop(self) -> Cost {
        self.end.store(true, Ordering::Relaxed);
        let cpu = self.meter.cpu().unwrap_or_default().saturating_sub(self.begin);
        let peak_mb = self.sampler.join().unwrap_or(0.0);
        Cost { cpu, peak_mb, end_mb: self.meter.resident_mb().unwrap_or(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_memory_of_a_process_are_seen() {
        let watch = Meter::of(std::process::id()).unwrap().start();
        let mut block = vec![0_u64; 4_000_000];
        let mut sum = 0_u64;
        while watch.meter.cpu().unwrap() < watch.begin + Duration::from_millis(60) {
            for (index, value) in block.iter_mut().enumerate() {
                *value = value.wrapping_add(index as u64);
                sum ^= *value;
            }
        }
        assert_ne!(sum, 1);
        let cost = watch.stop();
        assert!(cost.cpu >= Duration::from_millis(50), "{cost:?}");
        assert!(cost.peak_mb >= 32.0 && cost.end_mb > 0.0, "{cost:?}");
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Meter::of(u32::MAX).is_err());
    }
}
