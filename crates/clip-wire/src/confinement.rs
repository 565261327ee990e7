//! The report of what the program can still do once it has given up all that it can: a line
//! for each thing that it tried, `closed` or `open`, a space, and its name.

use std::io::{self, Write};

const CLOSED: &str = "closed";
const OPEN: &str = "open";

/// Writes a line for each thing that was tried, with whether it is still possible.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut impl Write, tried: &[(&str, bool)]) -> io::Result<()> {
    for (what, possible) in tried {
        writeln!(out, "{} {what}", if *possible { OPEN } else { CLOSED })?;
    }
    out.flush()
}

/// Reads a report: for each thing whether it is closed. What is no line of a report is left out.
#[must_use]
pub fn read(text: &str) -> Vec<(String, bool)> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(state, what)| (what.to_owned(), state == CLOSED))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        write(&mut out, &[("files", false), ("network", true)]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "closed files\nopen network\n");
        assert_eq!(read(&text), [("files".to_owned(), true), ("network".to_owned(), false)]);
    }

    #[test]
    fn only_what_says_closed_is_closed() {
        assert_eq!(read("shut files\n\nnonsense"), [("files".to_owned(), false)]);
    }
}
