//! Counting tests by what their runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Tally {
    /// Sums the summary lines in `output`: those of cargo
    /// (`test result: ok. 3 passed; 0 failed; ...`), of vitest
    /// (`Tests  1 failed | 3 passed (4)`) and of node's runner (`# pass 3`).
    #[must_use]
    pub fn of(output: &str) -> Tally {
        let mut tally = Tally::default();
        for line in without_colours(output).lines() {
            tally += of_line(line.trim());
        }
        tally
    }
}

fn of_line(line: &str) -> Tally {
    if let Some(rest) = line.strip_prefix("test result: ") {
        let (_, counts) = rest.split_once(". ").unwrap_or_default();
        return labelled(counts, "; ");
    }
    if let Some(counts) = line.strip_prefix("Tests ") {
        return labelled(counts.split('(').next().unwrap_or_default(), " | ");
    }
    let node = |label: &str| {
        ["# ", "ℹ "]
            .iter()
            .find_map(|mark| line.strip_prefix(mark)?.strip_prefix(label)?.trim().parse().ok())
    };
    Tally { passed: node("pass ").unwrap_or(0), failed: node("fail ").unwrap_or(0) }
}

/// Reads `3 passed` and `1 failed` out of a list.
fn labelled(counts: &str, separator: &str) -> Tally {
    let mut tally = Tally::default();
    for count in counts.split(separator) {
        match count.trim().split_once(' ') {
            Some((number, "passed")) => tally.passed += number.parse().unwrap_or(0),
            Some((number, "failed")) => tally.failed += number.parse().unwrap_or(0),
            _ => {}
        }
    }
    tally
}

/// Drops ANSI colour sequences.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn cargo_is_summed_over_its_binaries() {
        let output = "running 3 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s\n\n\
            test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s\n";
        assert_eq!(Tally::of(output), tally(5, 1));
    }

    #[test]
    fn vitest_is_read_with_and_without_colours() {
        let plain = " Test Files  2 passed (2)\n      Tests  12 passed (12)\n";
        assert_eq!(Tally::of(plain), tally(12, 0));
        let colours = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m11 passed\u{1b}[39m (12)\n";
        assert_eq!(Tally::of(colours), tally(11, 1));
    }

    #[test]
    fn node_is_read_in_both_its_styles() {
        assert_eq!(Tally::of("# tests 4\n# pass 3\n# fail 1\n"), tally(3, 1));
        assert_eq!(Tally::of("ℹ tests 4\nℹ pass 4\nℹ fail 0\n"), tally(4, 0));
    }

    #[test]
    fn the_sum_reads_as_runners_expect() {
        assert_eq!(tally(12, 0).to_string(), "12 passed, 0 failed");
    }
}
