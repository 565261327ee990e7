//! Analysis threads that never come back.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use faceauth_test_support::photos;
use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::server::Server;

/// Requests that are sent while every worker hangs.
const REQUESTS: usize = 6;
/// Longest until the process has ended: the deadline of a job (30 s), its bounded end, and a busy
/// machine.
const ENDED_WITHIN: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn hung_workers_end_the_process_and_everybody_is_answered() {
    let mut server = Server::start("hung").await;
    let portrait = photos::bytes(photos::OBAMA);
    assert_eq!(server.register("ada", &portrait).status, 201);
    let pid = server.pid();
    let workers = threads_named(pid, "analysis-");
    assert!(!workers.is_empty());
    let (stopped, all_stopped) = std::sync::mpsc::channel();
    for worker in workers.clone() {
        let stopped = stopped.clone();
        thread::spawn(move || hang(worker, &stopped));
    }
    for _ in &workers {
        all_stopped.recv_timeout(Duration::from_secs(10)).expect("the worker hangs");
    }

    let began = Instant::now();
    let answers: Vec<(u16, String)> = thread::scope(|scope| {
        // Names of their own: so many attempts for one name would have to wait for each other.
        let ask = |number| {
            let (server, portrait) = (&server, &portrait);
            scope.spawn(move || server.verify(&format!("somebody.{number}"), portrait))
        };
        let asked: Vec<_> = (0..REQUESTS).map(ask).collect();
        let answers = asked.into_iter().map(|client| client.join().expect("an answer"));
        answers.map(|answer| (answer.status, answer.code())).collect()
    });
    println!("{} of {REQUESTS} answered after {:?}", answers.len(), began.elapsed());
    // Who waits for a worker is sent away sooner than who has one that hangs.
    for (status, code) in &answers {
        assert_eq!(*status, 503);
        assert!(["model_unavailable", "overloaded"].contains(&code.as_str()), "{code}");
    }
    assert!(answers.iter().any(|(_, code)| code == "model_unavailable"), "{answers:?}");
    // Either it says that it is not ready, or it has ended already.
    if let Ok(probe) = server.try_get("/readyz", None) {
        assert_eq!(probe.status, 503);
    }
    let status = loop {
        if let Some(status) = server.ended() {
            break status;
        }
        assert!(began.elapsed() < ENDED_WITHIN, "the process does not end");
        thread::sleep(Duration::from_millis(100));
    };
    println!("ended after {:?}: {status}", began.elapsed());
    assert!(!status.success(), "whoever supervises it has to start it again");
    server.restart();
    assert_eq!(server.verify("ada", &portrait).status, 200);
}

/// The threads of a process whose names begin so, but for the watchdog.
fn threads_named(pid: u32, prefix: &str) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the threads");
    tasks
        .filter_map(|task| {
            let path = task.ok()?.path();
            let name = fs::read_to_string(path.join("comm")).ok()?;
            let number = name.trim().strip_prefix(prefix)?.parse::<usize>();
            number.ok()?;
            Some(Pid::from_raw(path.file_name()?.to_str()?.parse().ok()?))
        })
        .collect()
}

/// Holds a thread still, as native code does that never comes back, until its process ends.
fn hang(thread: Pid, stopped: &std::sync::mpsc::Sender<()>) {
    ptrace::seize(thread, ptrace::Options::empty()).expect("trace the worker");
    ptrace::interrupt(thread).expect("stop the worker");
    loop {
        match waitpid(thread, Some(WaitPidFlag::__WALL)) {
            Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) | Err(_) => return,
            // It stays where it is: nobody lets it go on.
            Ok(_) => {
                let _ = stopped.send(());
            }
        }
    }
}
