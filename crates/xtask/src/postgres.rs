//! A private Postgres for this clone: no account, no port, no installation.
//!
//! The server's programs come out of a pinned package. It listens on a Unix socket in a
//! private folder only, so that clones never clash and nobody else reaches it. Every
//! running command of ours holds a shared lock on the cluster; the last one to end
//! stops the server. One that is killed leaves the server running; the next one finds
//! it, uses it and stops it.
//!
//! There are two clusters: `dev` keeps what you enrol, `test` is for `./dev test` and
//! trades durability for speed.

mod paths;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::files;
use crate::layout::Layout;
use crate::packages::Pins;
use crate::process;
use crate::progress::say;
use paths::{Paths, is_postgres};

/// The role and the database of development.
const NAME: &str = "faceauth";

/// How long the server may take to accept connections; recovery after a power cut
/// takes seconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often it is asked whether it does.
const ASK_EVERY: Duration = Duration::from_millis(30);

/// Which of the two clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cluster {
    /// What `./dev` and `./dev run` use.
    Dev,
    /// What `./dev test` uses.
    Test,
}

impl Cluster {
    fn name(self) -> &'static str {
        match self {
            Cluster::Dev => "dev",
            Cluster::Test => "test",
        }
    }

    /// Settings that differ. Losing the last half second of enrolments to a power cut
    /// is fine in development; a test cluster may be lost whole.
    fn settings(self) -> &'static [&'static str] {
        match self {
            Cluster::Dev => &["synchronous_commit=off"],
            Cluster::Test => &["fsync=off", "full_page_writes=off", "synchronous_commit=off"],
        }
    }
}

/// A running private server, held until dropped.
pub struct Postgres {
    cluster: Cluster,
    paths: Paths,
    /// Shared while we use the server.
    users: File,
    /// The server, when this process started it.
    child: Option<Child>,
    stopped: bool,
}

impl Postgres {
    /// Starts the cluster, or joins the one that runs.
    ///
    /// # Errors
    /// When it cannot be made or does not start; the message ends with its log.
    pub fn start(layout: &Layout, pins: &Pins, cluster: Cluster) -> Result<Postgres> {
        let paths = Paths::prepare(layout, pins, cluster)?;
        let gate = files::lock_file(&paths.gate)?;
        gate.lock()?;
        let users = files::lock_file(&paths.users)?;
        users.lock_shared()?;

        paths.init()?;
        let mut postgres = Postgres { cluster, paths, users, child: None, stopped: false };
        if !postgres.join_running()? {
            postgres.launch()?;
        }
        postgres.create_database(NAME)?;
        Ok(postgres)
    }

    /// Which cluster it is.
    #[must_use]
    pub fn cluster(&self) -> Cluster {
        self.cluster
    }

    /// The URL of the development database.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of(NAME)
    }

    /// The URL of a database of this server.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        let folder = self.paths.socket_folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{NAME}@{folder}/{database}")
    }

    /// The folder with `psql` and its like.
    #[must_use]
    pub fn programs(&self) -> &Path {
        &self.paths.programs
    }

    /// Variables by which a bare `psql` finds the development database.
    #[must_use]
    pub fn psql_variables(&self) -> [(&'static str, String); 3] {
        [
            ("PGHOST", self.paths.socket_folder.to_string_lossy().into_owned()),
            ("PGUSER", NAME.to_owned()),
            ("PGDATABASE", NAME.to_owned()),
        ]
    }

    /// Makes `database` when it is not there.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_database(&self, database: &str) -> Result<()> {
        let query = format!("select 1 from pg_database where datname = '{database}'");
        if self.psql(&query)?.trim() != "1" {
            self.psql(&format!("create database \"{database}\""))?;
        }
        Ok(())
    }

    fn psql(&self, query: &str) -> Result<String> {
        let mut psql = self.paths.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", NAME, "-h"]);
        psql.arg(&self.paths.socket_folder).args(["-d", "postgres", "-c", query]);
        process::read(&mut psql)
    }

    /// Whether a server runs on our data and accepts connections. Waits for one that is
    /// starting or stopping, and clears away what a dead one left.
    fn join_running(&mut self) -> Result<bool> {
        let end = Instant::now() + START_LIMIT;
        while let Some(found) = self.paths.pid_file() {
            if !is_postgres(found.pid) {
                // Another process may have its process number by now, and that would keep the new
                // server from starting.
                files::remove(&self.paths.data.join("postmaster.pid"))?;
                break;
            }
            if let Some(folder) = found.socket_folder {
                // Started under another TMPDIR, perhaps: where it listens is what counts.
                self.paths.socket_folder = folder;
                if self.accepts() {
                    return Ok(true);
                }
            }
            process::check_interrupted()?;
            if Instant::now() > end {
                bail!("the private Postgres (process {}) does not answer", found.pid);
            }
            process::sleep(ASK_EVERY);
        }
        Ok(false)
    }

    fn launch(&mut self) -> Result<()> {
        self.paths.make_socket_folder()?;
        let log = File::create(&self.paths.log)
            .with_context(|| format!("cannot write {}", self.paths.log.display()))?;

        let mut command = self.paths.program("postgres");
        command.arg("-D").arg(&self.paths.data).arg("-k").arg(&self.paths.socket_folder);
        let mut set = |setting: &str| {
            command.args(["-c", setting]);
        };
        set("listen_addresses=");
        // Tests of several crates run at once, each with a pool.
        set("max_connections=300");
        set("timezone=UTC");
        set("log_timezone=UTC");
        if !Path::new("/dev/shm").is_dir() {
            set("dynamic_shared_memory_type=mmap");
        }
        for setting in self.cluster.settings() {
            set(setting);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A process group of its own. Ctrl-C reaches only us, and we stop the server when its users
        // have finished.
        command.process_group(0);
        let mut child = command.spawn().context("cannot start Postgres")?;

        let end = Instant::now() + START_LIMIT;
        while !self.accepts() {
            let ended = child.try_wait()?.is_some();
            if ended || process::interrupted() || Instant::now() > end {
                process::stop(&mut child);
                process::check_interrupted()?;
                let log = fs::read_to_string(&self.paths.log).unwrap_or_default();
                bail!("the private Postgres does not start\n{}", process::tail(&log));
            }
            process::sleep(ASK_EVERY);
        }
        self.child = Some(child);
        Ok(())
    }

    fn accepts(&self) -> bool {
        let mut ready = self.paths.program("pg_isready");
        process::succeeds(ready.arg("-q").arg("-h").arg(&self.paths.socket_folder))
    }

    /// Releases the server, and stops it when nobody else uses it. Returns whether it was stopped.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(mut self) -> Result<bool> {
        self.let_go()
    }

    fn let_go(&mut self) -> Result<bool> {
        if self.stopped {
            return Ok(true);
        }
        self.stopped = true;
        let gate = files::lock_file(&self.paths.gate)?;
        gate.lock()?;
        self.users.unlock()?;
        if self.users.try_lock().is_err() {
            return Ok(false);
        }
        let mut command = self.paths.program("pg_ctl");
        command.args(["stop", "-s", "-m", "fast", "-t", "30", "-D"]).arg(&self.paths.data);
        // A second Ctrl-C does not reach it, because it is nearly done.
        command.process_group(0);
        let stopped = process::read(&mut command).map(|_| true);
        if let Some(child) = &mut self.child {
            // Waits for it, too; one that pg_ctl could not stop is stopped here.
            process::stop(child);
            return Ok(true);
        }
        if self.paths.is_running() { stopped } else { Ok(true) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.let_go() {
            say(&format!("the private Postgres was left running: {error:#}"));
        }
    }
}
