//! Fetching the pinned packages with pip and npm into the cache.
//!
//! A package goes to a staging folder on the cache's file system, is measured and
//! hashed as a whole, and only then renamed into the cache. So the cache holds checked
//! packages only, a run that is killed starts again at its first unfinished package,
//! and two clones may fetch at once: each package has a lock, the second one waits for
//! it and then finds the work done.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::MultiProgress;

use crate::files;
use crate::packages::{Package, Registry};
use crate::process;
use crate::progress::Bar;

/// How many packages are fetched at once: enough to fill a line without hammering
/// anybody's registry.
const PARALLEL: usize = 3;

/// How often a package is tried before giving up; networks do fail.
const ATTEMPTS: u32 = 3;

/// The wait before the second attempt; doubled before each further one.
const FIRST_BACK_OFF: Duration = Duration::from_secs(2);

/// How often the staging folder is measured for the progress bar.
const MEASURE_EVERY: Duration = Duration::from_millis(100);

/// The clients that fetch. Tests put a script in their place.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The words that start pip.
    pub pip: Vec<String>,
    /// The words that start npm.
    pub npm: Vec<String>,
}

impl Default for Clients {
    fn default() -> Clients {
        let words = |text: &[&str]| text.iter().map(|&word| word.to_owned()).collect();
        // Through python3, so that the interpreter asked for setuptools below is pip's.
        Clients { pip: words(&["python3", "-m", "pip"]), npm: words(&["npm"]) }
    }
}

/// Fetches `missing` into the cache folder, checked.
///
/// # Errors
/// When one cannot be fetched or is not what is pinned; the others that finished stay.
pub fn fetch_all(clients: &Clients, cache: &Path, missing: Vec<&Package>) -> Result<()> {
    fs::create_dir_all(cache).with_context(|| format!("cannot make {}", cache.display()))?;

    let bars = MultiProgress::new();
    let pip_options = PipOptions::ask(clients, &missing);
    let queue: Mutex<VecDeque<&Package>> = Mutex::new(missing.into());
    let failures: Mutex<Vec<anyhow::Error>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let stop = failures.lock().map_or(true, |failed| !failed.is_empty());
            let next = if stop { None } else { queue.lock().ok().and_then(|mut q| q.pop_front()) };
            let Some(package) = next else { return };
            let bar = Bar::new(&bars, package);
            match fetch_one(clients, &pip_options, cache, package, &bar) {
                Ok(()) => bar.done(),
                Err(error) => {
                    bar.failed();
                    if let Ok(mut failed) = failures.lock() {
                        failed.push(error);
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    process::check_interrupted()?;
    if failures.is_empty() { Ok(()) } else { Err(failures.swap_remove(0)) }
}

/// Whether the cache has the package, to the byte: what is about to be used is hashed
/// once more, for disks rot and caches get copied.
#[must_use]
pub fn is_cached(cache: &Path, package: &Package) -> bool {
    check(&cached(cache, package), package).is_ok()
}

/// Where the cache keeps the package. The hash is in the name, so that a new pin
/// never meets an old file.
#[must_use]
pub fn cached(cache: &Path, package: &Package) -> PathBuf {
    cache.join(format!("{}-{}", &package.sha256[..12], package.file))
}

fn fetch_one(
    clients: &Clients,
    pip_options: &PipOptions,
    cache: &Path,
    package: &Package,
    bar: &Bar,
) -> Result<()> {
    let staging_root = cache.join("staging");
    let staging = staging_root.join(&package.file);
    let lock = files::lock_file(&staging_root.join(format!("{}.lock", package.file)))?;
    wait_for_lock(&lock)?;
    // Another clone may have fetched it while we waited.
    if is_cached(cache, package) {
        return Ok(());
    }
    // The file of that name, if there is one, is not the package.
    files::remove(&cached(cache, package))?;

    let mut back_off = FIRST_BACK_OFF;
    for attempt in 1.. {
        files::remove(&staging)?;
        fs::create_dir_all(staging.join("out"))?;
        fs::create_dir_all(staging.join("tmp"))?;
        let command = match package.registry {
            Registry::Pypi => pip_download(clients, pip_options, package, &staging)?,
            Registry::Npm => npm_pack(clients, package, &staging),
        };
        let fetched = run_client(command, &staging, bar);
        process::check_interrupted()?;
        match fetched {
            Ok(()) => break,
            Err(error) if attempt == ATTEMPTS || is_refusal(&error) => {
                files::remove(&staging)?;
                return Err(error.context(format!("cannot fetch {}", package.file)));
            }
            Err(_) => {
                bar.note(&format!("attempt {attempt} of {ATTEMPTS} failed, trying again"));
                process::sleep(back_off);
                process::check_interrupted()?;
                back_off *= 2;
            }
        }
    }

    let fetched = staging.join("out").join(&package.file);
    let accepted = check(&fetched, package);
    if accepted.is_ok() {
        fs::rename(&fetched, cached(cache, package))?;
    }
    files::remove(&staging)?;
    accepted
}

/// Takes the lock as soon as nobody else holds it.
fn wait_for_lock(lock: &File) -> Result<()> {
    while lock.try_lock().is_err() {
        process::check_interrupted()?;
        process::sleep(MEASURE_EVERY);
    }
    Ok(())
}

/// Refuses a file that is not the pinned one.
fn check(file: &Path, package: &Package) -> Result<()> {
    let size = fs::metadata(file)
        .with_context(|| format!("the client did not write {}", package.file))?
        .len();
    let sha256 = files::sha256_of_file(file)?;
    if size != package.size || sha256 != package.sha256 {
        bail!(
            "{} is not the file that is pinned; it was removed\n  \
             expected {} bytes, sha256 {}\n  found    {size} bytes, sha256 {sha256}",
            package.file,
            package.size,
            package.sha256,
        );
    }
    Ok(())
}

/// What pip says when the hash in the requirement does not fit. Trying again is no use.
const PIP_HASH_MISMATCH: &str = "DO NOT MATCH THE HASHES";

fn is_refusal(error: &anyhow::Error) -> bool {
    error.to_string().contains(PIP_HASH_MISMATCH)
}

/// Runs a client, its output in a file, and moves the bar by what has reached the disk.
fn run_client(mut command: Command, staging: &Path, bar: &Bar) -> Result<()> {
    let log_path = staging.join("log");
    let log = File::create(&log_path)?;
    command.stdin(std::process::Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.current_dir(staging);
    let shown = process::show(&command);
    let mut child = command.spawn().with_context(|| format!("cannot run `{shown}`"))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if process::interrupted() {
            process::stop(&mut child);
            return Err(process::Interrupted.into());
        }
        bar.at(largest_file(staging));
        process::sleep(MEASURE_EVERY);
    };
    if !status.success() {
        let said = fs::read(&log_path).unwrap_or_default();
        bail!("`{shown}` failed ({status})\n{}", process::tail(&String::from_utf8_lossy(&said)));
    }
    Ok(())
}

/// The size of the largest file under `folder`: the download, wherever the client
/// keeps it while it grows.
fn largest_file(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => largest_file(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .max()
        .unwrap_or(0)
}

/// What the installed pip can do.
#[derive(Debug, Default)]
struct PipOptions {
    /// It continues a broken download where it stopped (pip 25.1).
    resumes: bool,
    /// Its Python has setuptools and wheel, so that a source package's metadata can be
    /// read without fetching a build tool first.
    builds: bool,
}

impl PipOptions {
    fn ask(clients: &Clients, missing: &[&Package]) -> PipOptions {
        let asked = |test: fn(&Package) -> bool| missing.iter().any(|package| test(package));
        if !asked(|package| package.registry == Registry::Pypi) {
            return PipOptions::default();
        }
        let version = process::read(command(&clients.pip).arg("--version")).unwrap_or_default();
        let builds = asked(Package::is_source)
            && process::succeeds(
                Command::new(&clients.pip[0]).args(["-c", "import setuptools, wheel"]),
            );
        PipOptions { resumes: pip_resumes(&version), builds }
    }
}

/// Whether `pip --version` tells of 25.1 or later, where `--resume-retries` came.
fn pip_resumes(version: &str) -> bool {
    let mut numbers = version
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= (25, 1)
}

fn pip_download(
    clients: &Clients,
    options: &PipOptions,
    package: &Package,
    staging: &Path,
) -> Result<Command> {
    let mut pip = command(&clients.pip);
    pip.args(["--disable-pip-version-check", "--no-input", "download", "--no-deps"]);
    pip.args(["--progress-bar", "off", "--dest"]).arg(staging.join("out"));
    if options.resumes {
        pip.args(["--resume-retries", "5"]);
    }
    let pinned = format!("{}=={}", package.name, package.version);
    if package.is_source() {
        // To learn the metadata pip runs the package's own setup script, so here pip
        // must check the hash itself, before that.
        let requirement = staging.join("requirement.txt");
        fs::write(&requirement, format!("{pinned} --hash=sha256:{}\n", package.sha256))?;
        pip.arg(format!("--no-binary={}", package.name)).arg("--requirement").arg(requirement);
        if options.builds {
            pip.arg("--no-build-isolation");
        }
    } else {
        pip.arg("--only-binary=:all:");
        if let Some(wheel) = &package.wheel {
            pip.args(["--implementation", "cp", "--python-version", &wheel.python]);
            for platform in &wheel.platforms {
                pip.args(["--platform", platform]);
            }
        }
        pip.arg(pinned);
    }
    pip.env("TMPDIR", staging.join("tmp"));
    Ok(pip)
}

fn npm_pack(clients: &Clients, package: &Package, staging: &Path) -> Command {
    let mut npm = command(&clients.npm);
    npm.arg("pack").arg(format!("{}@{}", package.name, package.version));
    npm.args(["--ignore-scripts", "--no-progress", "--loglevel=error", "--pack-destination"]);
    // A cache of its own: npm keeps a second copy there, which goes with the staging
    // folder instead of growing the user's cache by 200 MB.
    npm.arg(staging.join("out")).arg("--cache").arg(staging.join("tmp"));
    npm
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::files::tests::TestFolder;

    const CONTENT: &[u8] = b"the package";

    fn package(file: &str) -> Package {
        Package {
            registry: Registry::Npm,
            name: "thing".into(),
            version: "1.0.0".into(),
            file: file.into(),
            size: CONTENT.len() as u64,
            sha256: files::sha256(CONTENT),
            wheel: None,
        }
    }

    /// A client that counts its calls in `calls` and then runs `body`, with `$out` the
    /// folder to write to.
    fn client(folder: &Path, body: &str) -> Clients {
        let path = folder.join("client");
        let script = format!(
            "#!/bin/sh\necho call >> {}/calls\n\
             while [ $# -gt 0 ]; do [ \"$1\" = --pack-destination ] && out=$2; shift; done\n{body}\n",
            folder.display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let words = vec![path.to_str().unwrap().to_owned()];
        Clients { pip: words.clone(), npm: words }
    }

    fn calls(folder: &Path) -> usize {
        fs::read_to_string(folder.join("calls")).unwrap_or_default().lines().count()
    }

    #[test]
    fn a_fetched_package_is_never_fetched_again() {
        let folder = TestFolder::new("fetch-once");
        let cache = folder.0.join("cache");
        let clients = client(&folder.0, "printf 'the package' > $out/a.tgz");
        let wanted = package("a.tgz");
        fetch_all(&clients, &cache, vec![&wanted]).unwrap();
        assert!(is_cached(&cache, &wanted));
        fetch_all(&clients, &cache, vec![&wanted]).unwrap();
        assert_eq!(calls(&folder.0), 1);
        assert_eq!(fs::read(cached(&cache, &wanted)).unwrap(), CONTENT);
        assert!(!cache.join("staging/a.tgz").exists());
    }

    #[test]
    fn a_wrong_hash_is_refused_named_and_removed() {
        let folder = TestFolder::new("fetch-hash");
        let cache = folder.0.join("cache");
        let clients = client(&folder.0, "printf 'THE PACKAGE' > $out/a.tgz");
        let wanted = package("a.tgz");
        let error = fetch_all(&clients, &cache, vec![&wanted]).unwrap_err().to_string();
        for part in ["a.tgz", &wanted.sha256, &files::sha256(b"THE PACKAGE")] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!is_cached(&cache, &wanted));
        assert!(!cache.join("staging/a.tgz").exists());
        assert_eq!(calls(&folder.0), 1, "a wrong file is not fetched again and again");
    }

    #[test]
    fn a_failed_client_is_tried_again() {
        let folder = TestFolder::new("fetch-retry");
        let cache = folder.0.join("cache");
        let body = format!(
            "[ $(wc -l < {}/calls) -lt 2 ] && exit 1\nprintf 'the package' > $out/a.tgz",
            folder.0.display()
        );
        let wanted = package("a.tgz");
        fetch_all(&client(&folder.0, &body), &cache, vec![&wanted]).unwrap();
        assert_eq!(calls(&folder.0), 2);
    }

    #[test]
    fn what_a_killed_run_left_behind_does_not_matter() {
        let folder = TestFolder::new("fetch-left");
        let cache = folder.0.join("cache");
        let staging = cache.join("staging/b.tgz/out");
        fs::create_dir_all(&staging).unwrap();
        fs::write(staging.join("b.tgz"), "half a pack").unwrap();
        let finished = package("a.tgz");
        fs::write(cached(&cache, &finished), CONTENT).unwrap();
        let clients = client(&folder.0, "printf 'the package' > $out/b.tgz");
        let unfinished = package("b.tgz");
        fetch_all(&clients, &cache, vec![&finished, &unfinished]).unwrap();
        assert_eq!(calls(&folder.0), 1, "the finished one is kept");
        assert!(is_cached(&cache, &unfinished));
    }

    #[test]
    fn a_file_that_rotted_in_the_cache_is_fetched_anew() {
        let folder = TestFolder::new("fetch-rot");
        let cache = folder.0.join("cache");
        let wanted = package("a.tgz");
        fs::create_dir_all(&cache).unwrap();
        fs::write(cached(&cache, &wanted), "the rotten!").unwrap();
        assert!(!is_cached(&cache, &wanted));
        let clients = client(&folder.0, "printf 'the package' > $out/a.tgz");
        fetch_all(&clients, &cache, vec![&wanted]).unwrap();
        assert!(is_cached(&cache, &wanted));
    }

    #[test]
    fn two_clones_fetch_a_package_once() {
        let folder = TestFolder::new("fetch-two");
        let cache = folder.0.join("cache");
        let clients = client(&folder.0, "sleep 0.3; printf 'the package' > $out/a.tgz");
        let wanted = package("a.tgz");
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| fetch_all(&clients, &cache, vec![&wanted]).unwrap());
            }
        });
        assert_eq!(calls(&folder.0), 1);
    }

    #[test]
    fn pip_that_resumes_is_known_by_its_version() {
        assert!(pip_resumes("pip 25.1 from /usr/lib/python3 (python 3.13)"));
        assert!(pip_resumes("pip 26.0.1 from /usr/lib/python3 (python 3.13)"));
        assert!(!pip_resumes("pip 23.0.1 from /usr/lib/python3 (python 3.11)"));
        assert!(!pip_resumes(""));
    }
}
