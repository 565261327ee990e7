//! Progress: bars on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::packages::Package;

/// The progress of one download.
pub struct Bar {
    bar: Option<ProgressBar>,
    name: String,
    size: u64,
}

impl Bar {
    /// Announces the download of `package`.
    #[must_use]
    pub fn new(bars: &MultiProgress, package: &Package) -> Bar {
        let name = format!("{} {}", package.name, package.version);
        let size = package.size;
        if !std::io::stderr().is_terminal() {
            say(&format!("fetching {name} ({:.1} MB)", megabytes(size)));
            return Bar { bar: None, name, size };
        }
        let template = "  {prefix:38} [{bar:20}] {bytes:>10} of {total_bytes:10} {msg}";
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let bar = bars.add(ProgressBar::new(size).with_style(style).with_prefix(name.clone()));
        bar.tick();
        Bar { bar: Some(bar), name, size }
    }

    /// Moves the bar to `bytes` fetched.
    pub fn at(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes.min(self.size));
        }
    }

    /// Says something about this download.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => say(&format!("{}: {text}", self.name)),
        }
    }

    /// The file is in the cache, its hash as pinned.
    pub fn done(&self) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.size);
                bar.finish_with_message("checked");
            }
            None => say(&format!("fetched and checked {}", self.name)),
        }
    }

    /// It did not work out; the error says why.
    pub fn failed(&self) {
        if let Some(bar) = &self.bar {
            bar.abandon_with_message("failed");
        }
    }
}

/// One line of what set-up is doing.
pub fn say(line: &str) {
    eprintln!("  {line}");
}

/// The heading of a step.
pub fn heading(line: &str) {
    eprintln!("==> {line}");
}

#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
