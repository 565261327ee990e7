//! A record of the files that set-up wrote, so that a second start need not read megabytes to find
//! that nothing changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;

/// The stamps of one clone: for each file what it was made from, its size and its
/// modification time.
pub struct Stamps {
    path: PathBuf,
    lines: BTreeMap<String, String>,
}

impl Stamps {
    /// Reads the stamps kept at `path`; none when there is no such file.
    #[must_use]
    pub fn load(path: PathBuf) -> Stamps {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(file, stamp)| (file.to_owned(), stamp.to_owned()))
            .collect();
        Stamps { path, lines }
    }

    /// Whether `file` was made from `key` and has not been touched since.
    #[must_use]
    pub fn is_current(&self, file: &Path, key: &str) -> bool {
        stamp(file, key).is_some_and(|now| self.lines.get(&name(file)) == Some(&now))
    }

    /// Remembers that `file`, as it is now, was made from `key`.
    ///
    /// # Errors
    /// When the stamps cannot be written.
    pub fn remember(&mut self, file: &Path, key: &str) -> Result<()> {
        if let Some(now) = stamp(file, key) {
            self.lines.insert(name(file), now);
        }
        let text: String =
            self.lines.iter().map(|(file, stamp)| format!("{file}\t{stamp}\n")).collect();
        files::write_atomically(&self.path, text.as_bytes())
    }
}

fn name(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

fn stamp(file: &Path, key: &str) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    let (size, seconds, nanos) = (metadata.size(), metadata.mtime(), metadata.mtime_nsec());
    Some(format!("{size}\t{seconds}.{nanos:09}\t{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TestFolder;

    #[test]
    fn a_touched_file_or_another_key_is_not_current() {
        let folder = TestFolder::new("stamps");
        let file = folder.0.join("a");
        let store = folder.0.join("stamps");
        fs::write(&file, "one").unwrap();
        Stamps::load(store.clone()).remember(&file, "key").unwrap();

        let stamps = Stamps::load(store);
        assert!(stamps.is_current(&file, "key"));
        assert!(!stamps.is_current(&file, "other key"));
        fs::write(&file, "longer").unwrap();
        assert!(!stamps.is_current(&file, "key"));
        fs::remove_file(&file).unwrap();
        assert!(!stamps.is_current(&file, "key"));
    }
}
