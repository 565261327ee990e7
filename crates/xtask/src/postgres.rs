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

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::files;
use crate::install::{self, DATABASE_PROGRAMS};
use crate::layout::Layout;
use crate::packages::Pins;
use crate::process;
use crate::progress::say;
use crate::unprivileged::User;

/// The role and the database of development.
const NAME: &str = "faceauth";

/// How long the server may take to accept connections; recovery after a power cut
/// takes seconds.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often it is asked whether it does.
const ASK_EVERY: Duration = Duration::from_millis(30);

/// The longest path of a Unix socket, without the closing zero.
const SOCKET_PATH_LIMIT: usize = 107;

/// The name Postgres gives its socket at its default port.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

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

#[derive(Clone, Debug)]
struct Paths {
    user: User,
    programs: PathBuf,
    data: PathBuf,
    log: PathBuf,
    socket_folder: PathBuf,
    /// Held exclusively while somebody starts or stops the server.
    gate: PathBuf,
    users: PathBuf,
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
                // Its process number may since have gone to somebody else, which would
                // keep the new server from starting.
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
        // A group of its own: a Ctrl-C is for us, we stop the server when its users are
        // done.
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

    /// Lets go of the server, and stops it when nobody else uses it; says whether.
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
        // Out of reach of a second Ctrl-C: it is all but done.
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

impl Paths {
    fn prepare(layout: &Layout, pins: &Pins, cluster: Cluster) -> Result<Paths> {
        let tree = install::database_tree(layout, pins)?;
        let home = layout.dev.join("postgres").join(cluster.name());
        let place = User::settle(&layout.root, &tree, DATABASE_PROGRAMS, &home)?;
        let clone = files::sha256(layout.root.to_string_lossy().as_bytes());
        let temporary = std::env::temp_dir();
        Ok(Paths {
            programs: place.tree.join(DATABASE_PROGRAMS),
            data: place.home.join("data"),
            log: place.home.join("log"),
            socket_folder: socket_folder(&temporary, &clone, cluster),
            gate: layout.dev.join(format!("locks/postgres-{}.gate", cluster.name())),
            users: layout.dev.join(format!("locks/postgres-{}.users", cluster.name())),
            user: place.user,
        })
    }

    /// One of the server's programs, as the user that owns the data.
    fn program(&self, name: &str) -> Command {
        self.user.command(&self.programs.join(name))
    }

    /// What the server that runs on the data, if one does, wrote about itself.
    fn pid_file(&self) -> Option<PidFile> {
        // As root: the folder may be closed to everybody else.
        PidFile::parse(&fs::read_to_string(self.data.join("postmaster.pid")).ok()?)
    }

    fn is_running(&self) -> bool {
        self.pid_file().is_some_and(|found| is_postgres(found.pid))
    }

    /// Makes the data folder when it is not there: beside its place, then moved there
    /// whole, so that there is never half of one.
    fn init(&self) -> Result<()> {
        if self.data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        say("making a private Postgres");
        let part = self.data.with_extension("part");
        files::remove(&part)?;
        let mut initdb = self.program("initdb");
        initdb.arg("-D").arg(&part).args(["-U", NAME, "-A", "trust", "-E", "UTF8"]);
        initdb.args(["--no-locale", "--no-instructions", "--no-sync"]);
        process::read(&mut initdb)?;
        files::remove(&self.data)?;
        fs::rename(&part, &self.data)?;
        Ok(())
    }

    /// Makes the folder of the socket. The temporary folder is everybody's: one that
    /// somebody else made, or opened, is refused.
    fn make_socket_folder(&self) -> Result<()> {
        let folder = &self.socket_folder;
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => self.user.give(folder)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", folder.display()));
            }
        }
        let metadata = fs::symlink_metadata(folder)?;
        let ours = metadata.is_dir() && metadata.uid() == self.user.uid();
        if !ours || metadata.permissions().mode() & 0o077 != 0 {
            bail!(
                "{} exists and is not a private folder of user {}: remove it, or set TMPDIR",
                folder.display(),
                self.user.uid()
            );
        }
        Ok(())
    }
}

/// A folder for the socket, named after the clone, short enough for a socket's path.
fn socket_folder(temporary: &Path, clone: &str, cluster: Cluster) -> PathBuf {
    /// Enough of the hash to tell the clones of one machine apart.
    const DIGITS: usize = 12;
    let name = format!("faceauth-{}-{}", cluster.name(), &clone[..DIGITS]);
    let folder = temporary.join(&name);
    let fits = folder.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_LIMIT;
    if fits && folder.is_absolute() { folder } else { Path::new("/tmp").join(name) }
}

/// What a running server writes about itself.
#[derive(Debug, PartialEq, Eq)]
struct PidFile {
    pid: u32,
    socket_folder: Option<PathBuf>,
}

impl PidFile {
    /// Lines: process, data folder, start time, port, socket folder, address, ...
    fn parse(text: &str) -> Option<PidFile> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let socket_folder = lines.nth(3).filter(|line| line.starts_with('/')).map(PathBuf::from);
        Some(PidFile { pid, socket_folder })
    }
}

/// Whether the process lives and is a Postgres. Without /proc nobody can tell, and the
/// server's own check decides.
fn is_postgres(pid: u32) -> bool {
    if !Path::new("/proc/self").exists() {
        return true;
    }
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// Opens `folder` to readers, whatever the umask made of it.
///
/// # Errors
/// When it cannot be made or is not ours.
pub fn open_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLONE: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn the_socket_fits_whatever_the_temporary_folder() {
        for length in 1..200 {
            let temporary = PathBuf::from(format!("/{}", "t".repeat(length)));
            for cluster in [Cluster::Dev, Cluster::Test] {
                let socket = socket_folder(&temporary, CLONE, cluster).join(SOCKET_NAME);
                assert!(socket.as_os_str().len() <= SOCKET_PATH_LIMIT, "{}", socket.display());
            }
        }
    }

    #[test]
    fn clones_and_clusters_have_sockets_of_their_own() {
        let temporary = Path::new("/tmp");
        let one = socket_folder(temporary, CLONE, Cluster::Dev);
        assert_eq!(one, Path::new("/tmp/faceauth-dev-0123456789ab"));
        assert_ne!(one, socket_folder(temporary, CLONE, Cluster::Test));
        assert_ne!(one, socket_folder(temporary, "fedcba9876543210", Cluster::Dev));
    }

    #[test]
    fn the_pid_file_tells_where_the_server_listens() {
        let text = "4711\n/data\n1700000000\n5432\n/tmp/faceauth-dev\n\n 1 2\nready   \n";
        let folder = Some(PathBuf::from("/tmp/faceauth-dev"));
        assert_eq!(PidFile::parse(text), Some(PidFile { pid: 4711, socket_folder: folder }));
        let starting = PidFile::parse("4711\n/data\n").unwrap();
        assert_eq!(starting.socket_folder, None);
        assert_eq!(PidFile::parse(""), None);
    }
}
