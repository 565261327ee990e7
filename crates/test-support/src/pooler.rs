//! A `PgBouncer` in transaction mode in front of a test database: Debian's, with few connections.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::config::{Config, Host};

use crate::database::TestDatabase;
use crate::paths;

/// Where Debian puts it.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// The name of the socket. Nothing listens on TCP, so no port can be taken.
const PORT: u16 = 6432;

/// The account `nobody` of Debian, for when the tests run as root, as which it refuses to run.
const NOBODY: u32 = 65534;

/// Longest it may take to listen on a busy machine.
const UP_WITHIN: Duration = Duration::from_secs(20);

/// How often it is asked whether it does.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A running pooler; it ends with the value.
#[derive(Debug)]
pub struct PgBouncer {
    child: Child,
    folder: PathBuf,
    url: String,
}

impl PgBouncer {
    /// Starts it in front of `database`, with so many connections to the server for everybody.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    #[must_use]
    pub fn start(database: &TestDatabase, connections: u32) -> Self {
        assert!(
            fs::exists(PROGRAM).unwrap_or(false),
            "no {PROGRAM}: `./dev test rust` installs it"
        );
        let server: Config = database.url().parse().expect("a valid URL");
        let folder = folder();
        let file = folder.join("pgbouncer.ini");
        fs::write(&file, configuration(&server, &folder, connections)).expect("write");
        let log = File::create(folder.join("log")).expect("a log");
        let mut command = Command::new(PROGRAM);
        command.arg(&file).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        // Only root may chown it.
        if fs::metadata("/proc/self").expect("a process").uid() == 0 {
            chown(&folder, Some(NOBODY), Some(NOBODY)).expect("chown");
            command.uid(NOBODY).gid(NOBODY);
        }
        let child = command.spawn().expect("start PgBouncer");
        let at = folder.to_str().expect("a readable path").replace('/', "%2F");
        let (user, name) = (server.get_user(), server.get_dbname());
        let (user, name) = (user.expect("a user"), name.expect("a database"));
        let url = format!("postgres://{user}@{at}:{PORT}/{name}");
        let mut bouncer = Self { child, folder, url };
        bouncer.wait();
        bouncer
    }

    /// The URL of the database through the pooler.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has written.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn wait(&mut self) {
        let (socket, began) = (self.folder.join(format!(".s.PGSQL.{PORT}")), Instant::now());
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            let ended = self.child.try_wait().expect("wait for PgBouncer").is_some();
            assert!(!ended && began.elapsed() < UP_WITHIN, "PgBouncer: {}", self.log());
            std::thread::sleep(ASK_EVERY);
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Gives everybody who connects to `database` the limits that `deploy/` gives the role.
///
/// # Panics
/// When the database refuses.
pub async fn set_limits(database: &TestDatabase) {
    let client = database.client().await;
    let name = client.query_one("SELECT current_database()::text", &[]).await.expect("a name");
    let database = format!("DATABASE {}", name.get::<_, String>(0));
    let limits = read("deploy/postgres-limits.sql").replace("ROLE faceauth", &database);
    client.batch_execute(&limits).await.expect("the database takes them");
}

fn read(path: &str) -> String {
    fs::read_to_string(paths::existing(paths::root().join(path))).expect("it can be read")
}

/// A folder of its own, with a short name: the path of a socket has 107 bytes at most.
fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("fa-pgb-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The example of `deploy/`, with what is different here.
fn configuration(server: &Config, folder: &Path, connections: u32) -> String {
    let host = match server.get_hosts().first().expect("a host") {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    let port = server.get_ports().first().copied().unwrap_or(5432);
    let user = server.get_user().expect("a user");
    let password = server
        .get_password()
        .map(|password| format!(" password={}", String::from_utf8_lossy(password)))
        .unwrap_or_default();
    let mut example = read("deploy/pgbouncer.ini.example");
    for (there, here) in [
        (
            "faceauth = host=127.0.0.1 port=5432 dbname=faceauth",
            format!("* = host={host} port={port} user={user}{password}"),
        ),
        ("listen_addr = 127.0.0.1\n", String::new()),
        ("unix_socket_dir =\n", format!("unix_socket_dir = {}\n", folder.display())),
        ("auth_type = scram-sha-256", "auth_type = any".to_owned()),
        ("auth_file = /etc/pgbouncer/userlist.txt", String::new()),
        ("default_pool_size = 20", format!("default_pool_size = {connections}")),
        // Two connections for twenty callers on a busy machine.
        ("query_wait_timeout = 4", "query_wait_timeout = 60".to_owned()),
    ] {
        assert!(example.contains(there), "the example has no {there}");
        example = example.replace(there, &here);
    }
    example
}
