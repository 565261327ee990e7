//! Progress: bars on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The progress of one download.
pub struct Bar {
    bar: Option<ProgressBar>,
    name: String,
    size: u64,
}

impl Bar {
    /// Announces the download of `size` bytes called `name`.
    #[must_use]
    pub fn new(bars: &MultiProgress, name: &str, size: u64) -> Bar {
        let name = shorten(name);
        if !std::io::stderr().is_terminal() {
            say(&format!("fetching {name} ({:.1} MB)", megabytes(size)));
            return Bar { bar: None, name, size };
        }
        let template = "  {prefix:40} [{bar:24}] {bytes:>10} of {total_bytes:10} {msg}";
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

/// Wheel names carry their platform tags; the first part is what one reads.
fn shorten(name: &str) -> String {
    const LONGEST: usize = 40;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LONGEST - 3).collect();
    short.push_str("...");
    short
}
