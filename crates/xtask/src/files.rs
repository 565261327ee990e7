//! Writing files so that an interruption at any point leaves the old one or the new
//! one, and hashing them.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Writes `bytes` to `path` through a temporary file in the same folder.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let temporary = temporary_beside(path);
    let mut file = File::create(&temporary)
        .with_context(|| format!("cannot write {}", temporary.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))
}

/// A name in the folder of `path` that no other running process uses.
#[must_use]
pub fn temporary_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// Makes `folder` readable for everybody, whatever the umask is.
///
/// # Errors
/// When it cannot be made or is not ours.
pub fn open_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// The SHA-256 of a file, lower-case hex.
///
/// # Errors
/// When it cannot be read.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}

/// The SHA-256 of `bytes`, lower-case hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses `bytes` whose hash is not the pinned one.
///
/// # Errors
/// When the hash differs; the message has both.
pub fn check_sha256(what: &str, bytes: &[u8], expected: &str) -> Result<()> {
    let found = sha256(bytes);
    if found != expected {
        bail!(
            "{what} is not what is pinned\n  expected sha256 {expected}\n  found    sha256 {found}"
        );
    }
    Ok(())
}

/// Removes a file or a folder with everything in it. It is no error when it does not exist.
///
/// # Errors
/// When it exists and cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

/// Opens (and makes, when it is missing) a file to lock. The kernel drops the lock
/// with the process, however that ends.
///
/// # Errors
/// When it cannot be made.
pub fn lock_file(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A folder that goes away with the test.
    pub struct TestFolder(pub PathBuf);

    impl TestFolder {
        pub fn new(name: &str) -> TestFolder {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            remove(&path).unwrap();
            fs::create_dir_all(&path).unwrap();
            TestFolder(path)
        }
    }

    impl Drop for TestFolder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_no_temporary() {
        let folder = TestFolder::new("files");
        let path = folder.0.join("deep/a.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert_eq!(sha256_of_file(&path).unwrap(), sha256(b"two"));
    }

    #[test]
    fn a_wrong_hash_is_refused_with_both_hashes() {
        let expected = sha256(b"pinned");
        let error = check_sha256("graph.onnx", b"other", &expected).unwrap_err().to_string();
        assert!(error.contains("graph.onnx"), "{error}");
        assert!(error.contains(&expected), "{error}");
        assert!(error.contains(&sha256(b"other")), "{error}");
    }

    #[test]
    fn removing_what_is_not_there_is_fine() {
        remove(Path::new("/nonexistent/faceauth")).unwrap();
    }
}
