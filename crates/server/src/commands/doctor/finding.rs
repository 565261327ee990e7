//! What a check found, and how it is printed.

use std::fmt;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    what: &'static str,
    level: Level,
    detail: String,
    /// What to do about it. Some errors say it themselves.
    fix: Option<&'static str>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// As it should be.
    Good,
    /// The service starts, and something is worse than it could be.
    Poor,
    /// The service does not start, or does not work.
    Bad,
}

impl Finding {
    /// Nothing to do.
    pub(super) fn good(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, level: Level::Good, detail: detail.into(), fix: None }
    }

    /// Something that does not stop the service.
    pub(super) fn poor(what: &'static str, detail: impl Into<String>, fix: &'static str) -> Self {
        Self { what, level: Level::Poor, detail: detail.into(), fix: Some(fix) }
    }

    /// Something that does.
    pub(super) fn bad(
        what: &'static str,
        error: &anyhow::Error,
        fix: Option<&'static str>,
    ) -> Self {
        Self { what, level: Level::Bad, detail: format!("{error:#}"), fix }
    }

    /// What came of a check that answers a detail or an error, with what to do about the error.
    pub(super) fn of(
        what: &'static str,
        outcome: anyhow::Result<String>,
        fix: Option<&'static str>,
    ) -> Self {
        match outcome {
            Ok(detail) => Self::good(what, detail),
            Err(error) => Self::bad(what, &error, fix),
        }
    }

    /// Whether the service cannot work so.
    pub(super) fn is_bad(&self) -> bool {
        self.level == Level::Bad
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Good => "ok  ",
            Level::Poor => "warn",
            Level::Bad => "FAIL",
        };
        write!(f, "{level}  {}: {}", self.what, self.detail)?;
        match self.fix {
            Some(fix) => write!(f, "\n      Fix: {fix}"),
            None => Ok(()),
        }
    }
}
