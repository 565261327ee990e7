//! What became of requests while something happened.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::faults::Fault;
use crate::client::{Client, Enrolled};

/// Counts since the start.
#[derive(Clone, Copy, Default)]
struct Counts {
    served: usize,
    come_again: usize,
    cut: usize,
    wrong: usize,
}

/// What all clients have met so far.
#[derive(Default)]
pub struct Log {
    successes: Mutex<Vec<Instant>>,
    come_again: AtomicUsize,
    cut: AtomicUsize,
    wrong: AtomicUsize,
    over: AtomicBool,
}

/// Ends the run when it is dropped.
pub struct Over<'a>(&'a Log);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

impl Log {
    pub fn served(&self) {
        self.successes.lock().expect("no panic").push(Instant::now());
    }

    pub fn told_to_come_again(&self) {
        self.come_again.fetch_add(1, Ordering::Relaxed);
    }

    pub fn cut_off(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }

    pub fn wrong(&self) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub fn over_at_the_end(&self) -> Over<'_> {
        Over(self)
    }

    fn counts(&self) -> Counts {
        Counts {
            served: self.successes.lock().expect("no panic").len(),
            come_again: self.come_again.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
            wrong: self.wrong.load(Ordering::Relaxed),
        }
    }
}

/// The time of one fault, with the calm after it.
pub struct Window {
    fault: Fault,
    began: Instant,
    /// When the cause was gone.
    over: Instant,
    ended: Instant,
    before: Counts,
    after: Counts,
}

impl Window {
    pub fn open(fault: Fault, log: &Log) -> Self {
        let (now, before) = (Instant::now(), log.counts());
        Self { fault, began: now, over: now, ended: now, before, after: before }
    }

    pub fn over(&mut self, at: Instant) {
        self.over = at;
    }

    pub fn close(&mut self, log: &Log) {
        self.ended = Instant::now();
        self.after = log.counts();
    }

    fn count(&self, of: fn(&Counts) -> usize) -> usize {
        of(&self.after) - of(&self.before)
    }

    /// Fails when somebody was left without an answer whose request no killed replica had.
    pub fn nobody_else_was_cut_off(&self, clients: usize) {
        let (cut, fault) = (self.count(|counts| counts.cut), self.fault);
        assert!(cut <= fault.may_cut_off(clients), "{fault}: {cut} without an answer");
    }
}

/// One row: all windows of a fault.
fn row(
    fault: Fault,
    windows: &[&Window],
    log: &Log,
    enrolled: &[&Enrolled],
    accounts: &BTreeMap<String, (i64, i64)>,
) -> String {
    let sum = |of: fn(&Counts) -> usize| windows.iter().map(|w| w.count(of)).sum::<usize>();
    let served = sum(|counts| counts.served);
    let (come_again, cut) = (sum(|counts| counts.come_again), sum(|counts| counts.cut));
    let wrong = sum(|counts| counts.wrong);
    let confirmed: Vec<_> = enrolled
        .iter()
        .filter(|one| windows.iter().any(|w| w.began <= one.at && one.at < w.ended))
        .map(|one| accounts.get(&one.name))
        .collect();
    let lost = confirmed.iter().filter(|found| found.is_none_or(|found| found.0 == 0)).count();
    let doubled = confirmed.iter().flatten().filter(|found| found.0 > 1 || found.1 > 0).count();
    let successes = log.successes.lock().expect("no panic");
    let gap = |window: &&Window| {
        let pairs = successes.windows(2);
        let touching = pairs.filter(|pair| pair[1] > window.began && pair[0] < window.ended);
        touching.map(|pair| pair[1] - pair[0]).max()
    };
    let recovery = |window: &&Window| {
        let next = successes.iter().find(|&&success| success > window.over);
        next.map(|&success| success - window.over)
    };
    let seconds = |times: Vec<Option<Duration>>| {
        let whole = times.into_iter().collect::<Option<Vec<_>>>();
        let longest = whole.and_then(|times| times.into_iter().max());
        longest.map_or("never".to_owned(), |time| format!("{:.2}", time.as_secs_f64()))
    };
    format!(
        "| {fault} | {} | {come_again} | {cut} | {lost} | {wrong} | {doubled} | {} | {} |\n",
        served + come_again + cut + wrong,
        seconds(windows.iter().map(gap).collect()),
        seconds(windows.iter().map(recovery).collect()),
    )
}

/// What happened, as Markdown: a row a fault, then the sum.
pub fn table(
    windows: &[Window],
    log: &Log,
    clients: &[Client],
    accounts: &BTreeMap<String, (i64, i64)>,
) -> String {
    let mut table = "| what happens | requests | told to come again (503) | without an answer \
                     | lost | wrong | doubled | longest without a success, s \
                     | first success after its end, s |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let enrolled: Vec<_> = clients.iter().flat_map(|client| &client.enrolled).collect();
    let mut faults: Vec<Fault> = Vec::new();
    for window in windows {
        if !faults.contains(&window.fault) {
            faults.push(window.fault);
        }
    }
    for fault in faults {
        let its: Vec<_> = windows.iter().filter(|window| window.fault == fault).collect();
        table.push_str(&row(fault, &its, log, &enrolled, accounts));
    }
    let sum = |of: fn(&Client) -> usize| clients.iter().map(of).sum::<usize>();
    let unlike: Vec<_> = clients.iter().flat_map(|client| client.unlike.iter()).collect();
    write!(
        table,
        "\nWith the calm between, {} requests were answered: {} enrolments confirmed, {} sign-ins by a \
         liveness capture, {} captures refused {unlike:?}; {} told to come again, {} without an answer, {} sign-ins told to wait.\n",
        sum(|client| client.answered),
        enrolled.len(),
        sum(|client| client.alive),
        unlike.len(),
        sum(|client| client.refused),
        sum(|client| client.cut),
        sum(|client| client.waited),
    )
    .expect("a string");
    table
}
