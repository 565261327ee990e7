//! What is done to a deployment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::cluster::Cluster;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::proxy::Proxy as Wire;

use crate::server::{LogTo, Server, Way, binary};

/// How long the database is gone, stopped or cut off.
const STOPPED: Duration = Duration::from_secs(3);
const CUT: Duration = Duration::from_secs(10);

/// How long a replica serves in a state that it should not notice.
const SERVES: Duration = Duration::from_secs(6);

/// Debian's library that tells a process another time. Its folder has the name of the architecture.
const FAKE_TIME: &str = "faketime/libfaketime.so.1";

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A replica is killed, and started again.
    Kill,
    /// A replica is told to end, and another takes its place.
    Replace,
    /// One after the other is replaced by one with other settings.
    NewSettings,
    /// Postgres crashes, and starts again.
    StopDatabase,
    /// Nothing comes through to the database and back for a while, and no connection is closed.
    CutDatabase,
    /// What reads the logs of all replicas hangs.
    LogUnread,
    /// The disk of a replica's log is full.
    LogDiskFull,
    /// The clock of one machine is two seconds ahead.
    ClockAhead,
    /// The schema of the new release is made while the old one serves.
    Migrate,
    /// One after the other is replaced by the new release.
    Upgrade,
    /// One after the other is replaced by the old release.
    GoBack,
}

/// In this order.
pub const FAULTS: [Fault; 8] = [
    Fault::Kill,
    Fault::Replace,
    Fault::NewSettings,
    Fault::StopDatabase,
    Fault::CutDatabase,
    Fault::LogUnread,
    Fault::LogDiskFull,
    Fault::ClockAhead,
];

/// Those of every run of the tests. Logs and clocks have tests of their own.
pub const SHORT: [Fault; 4] =
    [Fault::Kill, Fault::Replace, Fault::StopDatabase, Fault::CutDatabase];

/// From another release to this one, back, and to this one again.
pub const UPGRADE: [Fault; 4] = [Fault::Migrate, Fault::Upgrade, Fault::GoBack, Fault::Upgrade];

impl Fault {
    /// Most requests that may be left without an answer, of `clients` with one on its way each.
    pub fn may_cut_off(self, clients: usize) -> usize {
        if self == Self::Kill { clients } else { 0 }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "kill -9 a replica",
            Self::Replace => "SIGTERM a replica, start another",
            Self::NewSettings => "replace all replicas, one by one",
            Self::StopDatabase => "crash Postgres, start it after 3 s",
            Self::CutDatabase => "cut the database for 10 s",
            Self::LogUnread => "nobody reads the logs for 6 s",
            Self::LogDiskFull => "a log's disk is full for 6 s",
            Self::ClockAhead => "a clock is 2 s ahead for 6 s",
            Self::Migrate => "migrate to the new schema",
            Self::Upgrade => "replace all by the new release",
            Self::GoBack => "replace all by the old release",
        })
    }
}

/// The deployment.
pub struct Plant {
    pub replicas: Vec<Server>,
    pub wire: Wire,
    pub cluster: Cluster,
    /// The binary of the old release.
    pub from: Option<PathBuf>,
}

impl Plant {
    /// Does it, and answers when its cause was gone.
    pub fn inject(&mut self, fault: Fault) -> Instant {
        let began = Instant::now();
        match fault {
            Fault::Kill => {
                self.replicas[0].kill();
                self.replicas[0].restart();
            }
            Fault::Replace => replace(&mut self.replicas[1], &Way::default()),
            Fault::NewSettings => {
                let variables = &[("FACEAUTH__DATABASE__MAX_CONNECTIONS", "7")];
                self.replace_all(&Way { variables, ..Way::default() });
            }
            Fault::StopDatabase => {
                self.cluster.crash();
                thread::sleep(STOPPED);
                self.cluster.start_again();
                return Instant::now();
            }
            Fault::CutDatabase => {
                self.wire.freeze_all();
                thread::sleep(CUT);
                self.wire.thaw();
                return Instant::now();
            }
            Fault::LogUnread => {
                self.replicas.iter().for_each(|replica| replica.leave_log_unread(true));
                thread::sleep(SERVES);
                self.replicas.iter().for_each(|replica| replica.leave_log_unread(false));
            }
            Fault::LogDiskFull => {
                self.for_a_while(2, &Way { log: LogTo::FullDisk, ..Way::default() });
            }
            Fault::ClockAhead => {
                let library = fake_time();
                let variables = &[
                    ("LD_PRELOAD", library.to_str().expect("a readable path")),
                    ("FAKETIME", "+2s"),
                    ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                ];
                self.for_a_while(0, &Way { variables, ..Way::default() });
            }
            Fault::Migrate => migrate(&binary(), self.replicas[0].database()),
            Fault::Upgrade => self.replace_all(&Way::default()),
            Fault::GoBack => {
                let from = self.from.clone();
                self.replace_all(&Way { program: from.as_deref(), ..Way::default() });
            }
        }
        began
    }

    fn replace_all(&mut self, way: &Way<'_>) {
        self.replicas.iter_mut().for_each(|replica| replace(replica, way));
    }

    /// Lets a replica serve in this way, and then as before.
    fn for_a_while(&mut self, at: usize, way: &Way<'_>) {
        replace(&mut self.replicas[at], way);
        thread::sleep(SERVES);
        replace(&mut self.replicas[at], &Way::default());
    }
}

fn replace(replica: &mut Server, way: &Way<'_>) {
    replica.terminate();
    replica.restart_in(way);
}

/// Brings the schema up to what `program` has.
pub fn migrate(program: &Path, database: &TestDatabase) {
    let mut command = std::process::Command::new(program);
    let done = command.arg("migrate").env("DATABASE_URL", database.url()).output().expect("run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn fake_time() -> PathBuf {
    let folder = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let library = Path::new(&folder).join(FAKE_TIME);
    assert!(library.exists(), "no {}: `./dev test rust` installs it", library.display());
    library
}
