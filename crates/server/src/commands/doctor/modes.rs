//! Files that others may read or write.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::Finding;
use crate::config::Config;

/// May be read by everybody on the machine.
const OTHERS_READ: u32 = 0o004;
/// May be written by others than the owner.
const OTHERS_WRITE: u32 = 0o022;

/// The modes of the configuration, the keys, the manifest and the weights.
pub(super) fn check(file: Option<&Path>, config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    // Where the URL of the database is in the file, so is its password.
    if let Some(file) = file
        && config.database.url.is_some()
    {
        found.extend(readable("configuration file", file));
    }
    found.extend(readable("key folder", &config.keys.dir));
    let folders = [&config.models.weights_dir, &config.models.manifest];
    found.extend(folders.into_iter().filter_map(|path| writable(path)));
    if found.is_empty() {
        found.push(Finding::good("file modes", "secrets are closed to others, models to writers"));
    }
    found
}

fn mode(path: &Path) -> Option<u32> {
    // What does not exist is another check's finding.
    fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o777)
}

fn readable(what: &'static str, path: &Path) -> Option<Finding> {
    let mode = mode(path).filter(|mode| mode & OTHERS_READ != 0)?;
    let detail = format!("everybody may read {} (mode {mode:o})", path.display());
    Some(Finding::poor(what, detail, "run `chmod o-rwx` on it, with the service as its owner."))
}

fn writable(path: &Path) -> Option<Finding> {
    let mode = mode(path).filter(|mode| mode & OTHERS_WRITE != 0)?;
    let detail = format!("others may write {} (mode {mode:o})", path.display());
    Some(Finding::poor("models", detail, "run `chmod go-w` on it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_everybody_may_read_or_write() {
        let name = format!("faceauth-doctor-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        fs::write(&file, "").expect("write");
        let set = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("chmod");
            (readable("key folder", &file).is_some(), writable(&file).is_some())
        };
        let found = [0o600, 0o640, 0o644, 0o660, 0o666].map(set);
        fs::remove_file(&file).expect("remove");
        let none = (false, false);
        assert_eq!(found, [none, none, (true, false), (false, true), (true, true)]);
        assert_eq!(readable("key folder", &file), None);
    }
}
