//! Fetching the pinned packages with pip and npm into the cache.
//!
//! A package goes to a staging folder on the cache's file system, is measured and
//! hashed as a whole, and only then renamed into the cache. So the cache holds checked
//! packages only, a run that is killed starts again at its first unfinished package,
//! and two clones may fetch at once: each package has a lock, the second one waits for
//! it and then finds the work done.

mod clients;
#[cfg(test)]
mod tests;

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
pub use clients::Clients;
use clients::{PipOptions, is_refusal, npm_pack, pip_download};

/// How many packages are fetched at once: enough to fill a line without hammering
/// anybody's registry.
const PARALLEL: usize = 3;

/// How often a package is tried before giving up; networks do fail.
const ATTEMPTS: u32 = 3;

/// The wait before the second attempt; doubled before each further one.
const FIRST_BACK_OFF: Duration = Duration::from_secs(2);

/// How often the staging folder is measured for the progress bar.
const MEASURE_EVERY: Duration = Duration::from_millis(100);

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

/// Takes the lock as soon as it is free.
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

/// The size of the largest file under `folder`. That is the download, wherever the client keeps it.
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
