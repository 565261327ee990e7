//! Inputs of the fuzz targets: valid ones with a few changes, which reach deeper than noise.
//!
//! A target is a test named `fuzz_...`. `cargo test` runs each for [`time`]; a failing input is
//! made smaller and printed. Longer: `FACEAUTH_FUZZ_SECONDS=600 cargo test fuzz_`.

use std::time::Duration;

use bolero::TypeGenerator;

/// How many seconds each target runs.
const SECONDS: &str = "FACEAUTH_FUZZ_SECONDS";

/// Enough for some thousand inputs of most targets, and short enough for every test run.
const DEFAULT_SECONDS: u64 = 3;

/// How long a target runs.
///
/// # Panics
/// When the variable is set and no number.
#[must_use]
pub fn time() -> Duration {
    let seconds = std::env::var(SECONDS).map(|text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds.unwrap_or(DEFAULT_SECONDS))
}

/// One change to a sequence of bytes. Places are taken modulo its length.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Change {
    /// A bit is turned over.
    Flip(u32, u8),
    /// A byte is replaced.
    Set(u32, u8),
    /// Four bytes are replaced by an extreme number, as lengths and sizes are.
    Extreme(u32, bool),
    /// Everything from here on is missing.
    Cut(u32),
    /// Some bytes are missing.
    Remove(u32, u8),
    /// Some bytes come in between.
    Insert(u32, [u8; 4]),
    /// Some bytes come twice.
    Repeat(u32, u8),
}

/// A seed and what happens to it.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Mutated {
    seed: u8,
    changes: [Change; 3],
    /// How many of the changes are made; none leaves the seed valid.
    count: u8,
}

impl Mutated {
    /// Which of `seeds`, and what has become of it.
    ///
    /// # Panics
    /// When there are no seeds.
    #[must_use]
    pub fn of(&self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[usize::from(self.seed) % seeds.len()].clone();
        let count = usize::from(self.count) % (self.changes.len() + 1);
        for change in &self.changes[..count] {
            apply(change, &mut bytes);
        }
        bytes
    }
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    let length = bytes.len();
    if length == 0 {
        return;
    }
    let place = |at: &u32| *at as usize % length;
    let end = |at: usize, count: &u8| (at + usize::from(*count)).min(length);
    match change {
        Change::Flip(at, bit) => bytes[place(at)] ^= 1 << (bit % 8),
        Change::Set(at, value) => bytes[place(at)] = *value,
        Change::Extreme(at, high) => {
            let at = place(at);
            bytes[at..(at + 4).min(length)].fill(if *high { 0xFF } else { 0 });
        }
        Change::Cut(at) => bytes.truncate(place(at)),
        Change::Remove(at, count) => {
            let at = place(at);
            bytes.drain(at..end(at, count));
        }
        Change::Insert(at, inserted) => {
            let at = place(at);
            bytes.splice(at..at, *inserted);
        }
        Change::Repeat(at, count) => {
            let at = place(at);
            let piece = bytes[at..end(at, count)].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stay_inside() {
        let seeds = [Vec::new(), vec![7], (0..=255).collect()];
        bolero::check!().with_type::<Mutated>().with_iterations(5_000).for_each(|mutated| {
            let bytes = mutated.of(&seeds);
            assert!(bytes.len() <= 256 + 3 * 256);
        });
    }
}
