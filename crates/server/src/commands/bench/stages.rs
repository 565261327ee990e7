//! How long one stage takes.

use std::time::Instant;

/// Times each stage is run; the median is told.
const REPEATS: usize = 60;

/// Milliseconds of `once`, in the median.
pub fn median(mut once: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let begin = Instant::now();
            once();
            begin.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
