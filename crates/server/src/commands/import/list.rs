//! What became of everybody, for people to read.

use std::fmt;

use super::people::LeftOut;

/// What became of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Enrolled now, with so many pictures, of which so many were made smaller.
    Enrolled {
        /// Pictures that were sent.
        pictures: usize,
        /// Those of them that were too large as they were.
        shrunk: usize,
    },
    /// An account of the name was there before.
    There,
    /// Not enrolled, and why.
    Not(String),
}

/// A line of the list, and what was left out of it.
#[derive(Debug)]
pub(super) struct Row {
    /// The name as the folder has it.
    pub(super) name: String,
    /// What became of them.
    pub(super) outcome: Outcome,
    /// Files of the person that were not used.
    pub(super) left_out: Vec<LeftOut>,
}

/// Everybody, by name.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Everybody.
    pub(super) rows: Vec<Row>,
    /// Files that belong to no person.
    pub(super) passed_over: Vec<LeftOut>,
    /// How many hidden files there were.
    pub(super) hidden: usize,
}

impl List {
    /// How many people were not enrolled.
    pub(super) fn failed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Not(_)))
    }

    fn count(&self, wanted: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| wanted(&row.outcome)).count()
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(f, "{}: {}", shown(&row.name), row.outcome)?;
            for left_out in &row.left_out {
                writeln!(f, "  {left_out}")?;
            }
        }
        for left_out in &self.passed_over {
            writeln!(f, "{left_out}")?;
        }
        if self.hidden > 0 {
            writeln!(f, "hidden files, not looked at: {}", self.hidden)?;
        }
        let enrolled = self.count(|outcome| matches!(outcome, Outcome::Enrolled { .. }));
        let there = self.count(|outcome| *outcome == Outcome::There);
        write!(f, "{enrolled} enrolled, {there} there already, {} not enrolled", self.failed())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrolled { pictures, shrunk: 0 } => write!(f, "enrolled, pictures: {pictures}"),
            Self::Enrolled { pictures, shrunk } => {
                write!(f, "enrolled, pictures: {pictures}, made smaller: {shrunk}")
            }
            Self::There => f.write_str("there already"),
            Self::Not(why) => write!(f, "not enrolled: {}", shown(why)),
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is left out: {}", shown(&self.path.to_string_lossy()), self.why)
    }
}

/// File names may hold line feeds and orders to a terminal.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let kept = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(kept)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_and_everything_is_listed() {
        let left_out = |path: &str| LeftOut { path: path.into(), why: "no picture".into() };
        let row = |name: &str, outcome| Row { name: name.into(), outcome, left_out: Vec::new() };
        let list = List {
            rows: vec![
                Row {
                    left_out: vec![left_out("ada/x.jpg")],
                    ..row("ada", Outcome::Enrolled { pictures: 2, shrunk: 1 })
                },
                row("bob", Outcome::There),
                row("c\u{1b}[2J\nd", Outcome::Not("why".into())),
            ],
            passed_over: vec![left_out("notes.txt")],
            hidden: 1,
        };
        assert_eq!(
            list.to_string(),
            "ada: enrolled, pictures: 2, made smaller: 1\n  ada/x.jpg is left out: no picture\n\
             bob: there already\nc\\u{1b}[2J\\nd: not enrolled: why\n\
             notes.txt is left out: no picture\nhidden files, not looked at: 1\n\
             1 enrolled, 1 there already, 1 not enrolled"
        );
        assert_eq!(list.failed(), 1);
    }
}
