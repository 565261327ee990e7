//! How long one stage takes.

use std::time::Instant;

/// Milliseconds of `once`, in the median of `repeats` runs, at least one.
pub fn median(repeats: usize, mut once: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..repeats.max(1))
        .map(|_| {
            let begin = Instant::now();
            once();
            begin.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
