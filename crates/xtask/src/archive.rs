//! Reading members out of packages: wheels are zip files, the others gzipped tars.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use zip::ZipArchive;

/// The most a member that is read into memory may hold. The largest wanted one is the
/// runtime library with 23 MB; a wrong pin should fail, not fill the memory.
const MAX_MEMBER_BYTES: u64 = 256 << 20;

/// The contents of the `wanted` members of the archive at `path`.
///
/// # Errors
/// When the archive does not read, or a member is missing or absurdly large.
pub fn read_members(path: &Path, wanted: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let members = if is_zip(path) { from_zip(path, wanted)? } else { from_tar(path, wanted)? };
    for name in wanted {
        if !members.contains_key(*name) {
            bail!("{} holds no {name}", path.display());
        }
    }
    Ok(members)
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "whl" || extension == "zip")
}

fn from_zip(path: &Path, wanted: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = open_zip(path)?;
    let mut members = BTreeMap::new();
    for &name in wanted {
        let member =
            archive.by_name(name).with_context(|| format!("{} holds no {name}", path.display()))?;
        members.insert(name.to_owned(), read_bounded(member, name)?);
    }
    Ok(members)
}

fn from_tar(path: &Path, wanted: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut members = BTreeMap::new();
    for entry in archive.entries()? {
        let entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        if wanted.contains(&name.as_str()) {
            members.insert(name.clone(), read_bounded(entry, &name)?);
            if members.len() == wanted.len() {
                break;
            }
        }
    }
    Ok(members)
}

fn read_bounded(reader: impl Read, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_MEMBER_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_MEMBER_BYTES {
        bail!("{name} is larger than {MAX_MEMBER_BYTES} bytes");
    }
    Ok(bytes)
}

fn open_zip(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    ZipArchive::new(BufReader::new(file)).with_context(|| format!("cannot read {}", path.display()))
}

/// Unpacks the members of a wheel that `keep` picks into `target`, readable by
/// everybody whatever the umask, executable where the wheel says so.
///
/// # Errors
/// When the wheel does not read, names a path outside `target`, or the disk fails.
pub fn unpack_wheel(path: &Path, target: &Path, keep: impl Fn(&str) -> bool) -> Result<()> {
    let mut archive = open_zip(path)?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        let name = member.name().to_owned();
        if member.is_dir() || !keep(&name) {
            continue;
        }
        let inside = Path::new(&name);
        if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("{} names a path outside itself: {name}", path.display());
        }
        let to = target.join(inside);
        make_open_folder(target, inside.parent().unwrap_or(Path::new("")))?;
        let mut file = File::create(&to)?;
        std::io::copy(&mut member, &mut file)?;
        let executable = member.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let mode = if executable { 0o755 } else { 0o644 };
        fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Makes `base` and the folders of `inside` below it, each with mode 0755.
fn make_open_folder(base: &Path, inside: &Path) -> Result<()> {
    let mut folders: Vec<&Path> = inside.ancestors().collect();
    folders.reverse();
    for folder in folders {
        let folder = base.join(folder);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::files::tests::TestFolder;

    fn tarball(path: &Path, members: &[(&str, &[u8])]) {
        let gzip = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        for (name, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, name, *content).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
    }

    fn wheel(path: &Path, members: &[(&str, u32)]) {
        let mut zip = ZipWriter::new(File::create(path).unwrap());
        for (name, mode) in members {
            zip.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    #[test]
    fn members_are_read_from_both_kinds() {
        let folder = TestFolder::new("archive-read");
        let tgz = folder.0.join("a.tgz");
        tarball(&tgz, &[("package/a", b"one"), ("package/b", b"two")]);
        assert_eq!(read_members(&tgz, &["package/b"]).unwrap()["package/b"], b"two");
        let whl = folder.0.join("a.whl");
        wheel(&whl, &[("x/a", 0o644), ("x/b", 0o644)]);
        assert_eq!(read_members(&whl, &["x/a", "x/b"]).unwrap()["x/b"], b"x/b");
    }

    #[test]
    fn a_missing_member_is_named() {
        let folder = TestFolder::new("archive-missing");
        let tgz = folder.0.join("a.tgz");
        tarball(&tgz, &[("package/a", b"one")]);
        let whl = folder.0.join("a.whl");
        wheel(&whl, &[("x/a", 0o644)]);
        for archive in [tgz, whl] {
            let error = read_members(&archive, &["package/none"]).unwrap_err().to_string();
            assert!(error.contains("holds no package/none"), "{error}");
        }
    }

    #[test]
    fn half_an_archive_is_an_error() {
        let folder = TestFolder::new("archive-half");
        let tgz = folder.0.join("a.tgz");
        tarball(&tgz, &[("package/a", &[7; 100_000])]);
        let bytes = fs::read(&tgz).unwrap();
        fs::write(&tgz, &bytes[..bytes.len() / 2]).unwrap();
        assert!(read_members(&tgz, &["package/a"]).is_err());
    }

    #[test]
    fn unpacking_keeps_what_is_picked_and_what_runs() {
        let folder = TestFolder::new("archive-unpack");
        let whl = folder.0.join("a.whl");
        wheel(&whl, &[("bin/run", 0o700), ("share/text", 0o600), ("other/file", 0o644)]);
        let target = folder.0.join("out");
        unpack_wheel(&whl, &target, |name| !name.starts_with("other/")).unwrap();
        let mode = |name: &str| fs::metadata(target.join(name)).unwrap().permissions().mode();
        assert_eq!(mode("bin/run") & 0o777, 0o755);
        assert_eq!(mode("share/text") & 0o777, 0o644);
        assert_eq!(mode("share") & 0o777, 0o755);
        assert!(!target.join("other").exists());
    }

    #[test]
    fn a_path_out_of_the_folder_is_refused() {
        let folder = TestFolder::new("archive-escape");
        let whl = folder.0.join("a.whl");
        wheel(&whl, &[("../escaped", 0o644)]);
        let error = unpack_wheel(&whl, &folder.0.join("out"), |_| true).unwrap_err().to_string();
        assert!(error.contains("outside itself"), "{error}");
        assert!(!folder.0.join("escaped").exists());
    }
}
