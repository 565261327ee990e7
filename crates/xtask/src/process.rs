//! Running other programs: interruptible waits, readable failures.
//!
//! `./dev` execs cargo, which execs this program, so a Ctrl-C reaches it and its
//! children together, and a SIGTERM reaches it alone. Both set a flag that every wait
//! looks at; the one waiting stops its child, and everybody above cleans up by
//! returning. A second signal ends the program at once.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// How often a wait looks whether its child has ended or a signal has come.
const POLL: Duration = Duration::from_millis(15);

/// How long a child may take to end after a SIGTERM before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);

/// The exit status of a program ended by Ctrl-C, as shells count it.
pub const EXIT_INTERRUPTED: u8 = 130;

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Starts to listen for SIGINT, SIGTERM and SIGHUP.
///
/// # Errors
/// When the handlers cannot be set.
pub fn listen_for_signals() -> Result<()> {
    let flag = INTERRUPTED.get_or_init(|| Arc::new(AtomicBool::new(false)));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order the first signal only sets the flag and the second one exits.
        flag::register_conditional_shutdown(signal, EXIT_INTERRUPTED.into(), Arc::clone(flag))?;
        flag::register(signal, Arc::clone(flag))?;
    }
    Ok(())
}

/// Whether a signal asked to stop.
#[must_use]
pub fn interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::SeqCst))
}

/// The error of a wait that a signal ended.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Fails when a signal asked to stop.
///
/// # Errors
/// [`Interrupted`].
pub fn check_interrupted() -> Result<()> {
    if interrupted() { Err(Interrupted.into()) } else { Ok(()) }
}

/// Sleeps for `duration` or until a signal comes.
pub fn sleep(duration: Duration) {
    let end = Instant::now() + duration;
    while !interrupted() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(POLL));
    }
}

/// Waits for `child`; stops it when a signal comes.
///
/// # Errors
/// [`Interrupted`], or when waiting fails.
pub fn wait(child: &mut Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            check_interrupted()?;
            return Ok(status);
        }
        if interrupted() {
            stop(child);
            return Err(Interrupted.into());
        }
        thread::sleep(POLL);
    }
}

/// Ends `child`: SIGTERM first, SIGKILL after [`GRACE`].
pub fn stop(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    terminate(child);
    let end = Instant::now() + GRACE;
    while Instant::now() < end {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(POLL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn terminate(child: &Child) {
    if let Ok(id) = i32::try_from(child.id())
        && let Some(pid) = Pid::from_raw(id)
    {
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Runs a command that talks to the terminal and returns how it ended.
///
/// # Errors
/// When it cannot start or a signal comes.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let shown = show(command);
    let mut child = command.spawn().with_context(|| format!("cannot run `{shown}`"))?;
    wait(&mut child)
}

/// Runs a command that talks to the terminal.
///
/// # Errors
/// When it cannot start, fails, or a signal comes.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = status(command)?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command, passing its standard output on line by line, and returns it too.
///
/// # Errors
/// When it cannot start or a signal comes. A failure of the command is in the status.
pub fn run_tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    let shown = show(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot run `{shown}`"))?;
    let stdout = child.stdout.take().context("the output was asked for")?;
    let reader = thread::spawn(move || {
        let mut seen = String::new();
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            seen.push_str(&text);
            line.clear();
        }
        seen
    });
    let status = wait(&mut child)?;
    let seen = reader.join().map_err(|_| io::Error::other("the reader of the output failed"))?;
    Ok((status, seen))
}

/// Runs a short command and returns its standard output.
///
/// # Errors
/// When it cannot start or fails; the message ends with what it said.
pub fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{shown}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({})\n{}", output.status, tail(&said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a short command runs and succeeds. Its output is dropped.
#[must_use]
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// How many lines of a failed program's output are worth showing.
const TAIL_LINES: usize = 15;

/// The last lines of `text`, indented.
#[must_use]
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines[from..].iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

/// The command as one would type it.
#[must_use]
pub fn show(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_command_and_its_last_words() {
        let error = read(Command::new("sh").args(["-c", "echo no luck >&2; exit 3"])).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("echo no luck"), "{message}");
        assert!(message.contains("| no luck"), "{message}");
    }

    #[test]
    fn the_tail_is_short_and_skips_empty_lines() {
        let text: String = (0..100).map(|n| format!("line {n}\n\n")).collect();
        let shown = tail(&text);
        assert_eq!(shown.lines().count(), TAIL_LINES);
        assert!(shown.ends_with("line 99"));
    }

    #[test]
    fn a_stopped_child_is_gone() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        stop(&mut child);
        assert!(child.try_wait().unwrap().is_some());
    }
}
