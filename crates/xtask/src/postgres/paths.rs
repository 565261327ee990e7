//! Where a cluster's files are, and what its server says there.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Cluster, NAME};
use crate::files;
use crate::install::{self, DATABASE_PROGRAMS};
use crate::layout::Layout;
use crate::packages::Pins;
use crate::process;
use crate::progress::say;
use crate::unprivileged::User;

/// The longest path of a Unix socket, without the closing zero.
const SOCKET_PATH_LIMIT: usize = 107;

/// The name Postgres gives its socket at its default port.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) user: User,
    pub(super) programs: PathBuf,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    pub(super) socket_folder: PathBuf,
    /// Held exclusively while somebody starts or stops the server.
    pub(super) gate: PathBuf,
    pub(super) users: PathBuf,
}

impl Paths {
    pub(super) fn prepare(layout: &Layout, pins: &Pins, cluster: Cluster) -> Result<Paths> {
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
    pub(super) fn program(&self, name: &str) -> Command {
        self.user.command(&self.programs.join(name))
    }

    /// What the server that runs on the data, if one does, wrote about itself.
    pub(super) fn pid_file(&self) -> Option<PidFile> {
        // As root: the folder may be closed to everybody else.
        PidFile::parse(&fs::read_to_string(self.data.join("postmaster.pid")).ok()?)
    }

    pub(super) fn is_running(&self) -> bool {
        self.pid_file().is_some_and(|found| is_postgres(found.pid))
    }

    /// Makes the data folder when it is not there: beside its place, then moved there
    /// whole, so that there is never half of one.
    pub(super) fn init(&self) -> Result<()> {
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
    pub(super) fn make_socket_folder(&self) -> Result<()> {
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
    /// Enough of the hash to distinguish the clones of one machine.
    const DIGITS: usize = 12;
    let name = format!("faceauth-{}-{}", cluster.name(), &clone[..DIGITS]);
    let folder = temporary.join(&name);
    let fits = folder.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_LIMIT;
    if fits && folder.is_absolute() { folder } else { Path::new("/tmp").join(name) }
}

/// What a running server writes about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    pub(super) socket_folder: Option<PathBuf>,
}

impl PidFile {
    /// Lines: process, data folder, start time, port, socket folder, address, ...
    pub(super) fn parse(text: &str) -> Option<PidFile> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let socket_folder = lines.nth(3).filter(|line| line.starts_with('/')).map(PathBuf::from);
        Some(PidFile { pid, socket_folder })
    }
}

/// Whether the process runs and is a Postgres. Without /proc this is unknown, and the server's own
/// check decides.
pub(super) fn is_postgres(pid: u32) -> bool {
    if !Path::new("/proc/self").exists() {
        return true;
    }
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
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
