//! A Postgres server of a test's own, which it may stop and start.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The role that owns everything, and the database that is there from the start.
const ROLE: &str = "postgres";

/// The account `nobody` of Debian, for when the tests run as root, as which it refuses to run.
const NOBODY: u32 = 65534;

/// Lets that account read a clone under a folder that is closed to it, as `./dev` does.
const CAPABLE: &[&str] = &[
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--securebits=+no_setuid_fixup",
];

/// Longest it may take to start on a busy machine, with the recovery of what a crash left.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// How often it is asked whether it runs.
const ASK_EVERY: Duration = Duration::from_millis(30);

/// A server with its data in a temporary folder. Both end with the value.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// The words before each of its programs.
    account: Vec<String>,
    child: Option<Child>,
}

impl Cluster {
    /// Makes one and starts it.
    ///
    /// # Panics
    /// When its programs are not in the search path, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("fa-pg-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let programs = programs();
        let account = account(&folder, &programs);
        let mut cluster = Self { folder, programs, account, child: None };
        let data = cluster.folder.join("data");
        let mut initdb = cluster.program("initdb");
        initdb.arg("-D").arg(data).args(["-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync"]);
        let made = initdb.output().expect("run initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.start_again();
        cluster
    }

    /// The URL of its first database.
    #[must_use]
    pub fn url(&self) -> String {
        let folder = self.folder.to_str().expect("a readable path").replace('/', "%2F");
        format!("postgres://{ROLE}@{folder}/{ROLE}")
    }

    /// Ends it as a crash of its machine's supervisor would: no connection is told, and the next
    /// start recovers from the log.
    ///
    /// # Panics
    /// When it does not run.
    pub fn crash(&mut self) {
        let mut child = self.child.take().expect("it runs");
        // QUIT is its immediate shutdown.
        signal(&child, "-QUIT");
        child.wait().expect("wait for Postgres");
    }

    /// Starts it after it was stopped.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.join("log"));
        let log = log.expect("a log");
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        // What is confirmed survives its crash; the crash of the machine is not tried.
        for setting in ["listen_addresses=", "fsync=off", "max_connections=100", "timezone=UTC"] {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        let mut child = command.spawn().expect("start Postgres");
        let began = Instant::now();
        while !self.answers() {
            let ended = child.try_wait().expect("wait for Postgres").is_some();
            assert!(!ended && began.elapsed() < UP_WITHIN, "Postgres: {}", self.log());
            std::thread::sleep(ASK_EVERY);
        }
        self.child = Some(child);
    }

    fn answers(&self) -> bool {
        let mut ready = self.program("pg_isready");
        let status = ready.arg("-q").arg("-h").arg(&self.folder).status();
        status.expect("run pg_isready").success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn program(&self, name: &str) -> Command {
        as_account(&self.account, &self.programs.join(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            signal(child, "-QUIT");
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn signal(child: &Child, signal: &str) {
    let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
}

/// The folder with the server's programs. What `./dev` adds to the path comes last.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").expect("PATH");
    std::env::split_paths(&path)
        .filter(|folder| folder.join("initdb").exists())
        .last()
        .expect("initdb: run the tests with `./dev test` or `./dev run`")
}

fn as_account(account: &[String], program: &Path) -> Command {
    let mut words = account.iter();
    let mut command = match words.next() {
        None => Command::new(program),
        Some(first) => {
            let mut command = Command::new(first);
            command.args(words).arg(program);
            command
        }
    };
    // Our own folder may be closed to that account.
    command.current_dir("/").env("LC_ALL", "C");
    command
}

/// The words that make a command run as an account that can use the programs and owns `folder`.
fn account(folder: &Path, programs: &Path) -> Vec<String> {
    // Only root may lend accounts.
    if fs::metadata("/proc/self").expect("a process").uid() != 0 {
        return Vec::new();
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).expect("chown");
    let number = NOBODY.to_string();
    let plain = ["setpriv", "--reuid", &number, "--regid", &number, "--clear-groups"];
    let plain: Vec<String> = plain.map(str::to_owned).into();
    let capable = plain.iter().cloned().chain(CAPABLE.iter().map(|&word| word.to_owned()));
    [plain.clone(), capable.collect()]
        .into_iter()
        .find(|account| {
            let mut version = as_account(account, &programs.join("initdb"));
            version.arg("--version").output().is_ok_and(|ran| ran.status.success())
        })
        .expect("an account that can run Postgres")
}
