//! Who may wait for a worker: places, and the wait that is expected.
//!
//! A photo costs some 20 ms, a clip fifty times that, so the number of those who wait says little
//! about how long they wait. What each kind of work takes is learnt from what it took, within
//! bounds. Work that ended early, because a file does not decode or shows nobody, teaches only that
//! work takes at least so long: else such files would make room for more people than can be served.
//! So does a capture of which frames had been looked at while it arrived: when everybody is busy,
//! nobody looks ahead.
//! Who would wait longer than is allowed learns it at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use faceauth_domain::analyzer::{ReserveError, Work};

/// Bounds of what a piece of work is thought to take, whatever was measured.
const LEAST: Duration = Duration::from_millis(1);
const MOST: Duration = Duration::from_secs(30);

/// A new measurement counts for one part in so many: about this many jobs are remembered.
const REMEMBERED: u32 = 8;

/// What is believed before anything was measured, on one core (docs/performance.md).
const PICTURE: Duration = Duration::from_millis(25);
const FRAME: Duration = Duration::from_millis(7);
const CLIP: Duration = Duration::from_millis(800);

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Everything was done that belongs to it.
    Whole,
    /// Something was in the way before that, or a part had been done ahead.
    Early,
}

/// What each kind of work takes.
#[derive(Debug, Clone, Copy)]
struct Costs {
    /// One picture in which faces are found.
    faces: Duration,
    /// One picture of somebody who is to be recognised.
    recognise: Duration,
    /// One picture that may become a reference.
    reference: Duration,
    /// One frame of a capture.
    frame: Duration,
    /// A clip.
    clip: Duration,
}

impl Costs {
    const FIRST: Self =
        Self { faces: PICTURE, recognise: PICTURE, reference: PICTURE, frame: FRAME, clip: CLIP };

    /// What a unit of `work` takes, and how many units it has.
    fn unit(&mut self, work: Work) -> (&mut Duration, u32) {
        match work {
            Work::Faces => (&mut self.faces, 1),
            Work::Recognise => (&mut self.recognise, 1),
            Work::References(pictures) => (&mut self.reference, count(pictures)),
            Work::Frames(frames) => (&mut self.frame, count(frames)),
            Work::Clip => (&mut self.clip, 1),
        }
    }

    /// What `work` is expected to take.
    fn of(mut self, work: Work) -> Duration {
        let (unit, units) = self.unit(work);
        (*unit * units).min(MOST)
    }

    /// Learns that `work` took so long. What `ended` early counts only when it took longer than work
    /// is thought to take.
    fn learn(&mut self, work: Work, took: Duration, ended: Ended) {
        let (unit, units) = self.unit(work);
        let measured = (took / units).clamp(LEAST, MOST);
        if ended == Ended::Early && measured <= *unit {
            return;
        }
        *unit = (*unit * (REMEMBERED - 1) + measured) / REMEMBERED;
    }
}

fn count(units: usize) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX).max(1)
}

/// How long somebody who comes now waits until a worker is free: each of those who `wait` goes to
/// the worker that is free first. `busy` has what each busy worker still needs.
fn expected_wait(
    workers: usize,
    busy: impl Iterator<Item = Duration>,
    wait: impl Iterator<Item = Duration>,
) -> Duration {
    let mut free_in: Vec<Duration> = busy.take(workers).collect();
    free_in.resize(workers.max(1), Duration::ZERO);
    for cost in wait {
        if let Some(first) = free_in.iter_mut().min() {
            *first += cost;
        }
    }
    free_in.into_iter().min().unwrap_or_default()
}

/// Who waits, who is worked for, and what that costs.
pub(super) struct Admission {
    workers: usize,
    places: usize,
    max_wait: Duration,
    book: Mutex<Book>,
}

struct Book {
    costs: Costs,
    /// Everybody with a place, by the number of their ticket, in the order in which they came.
    tickets: Vec<(u64, Work, Option<Instant>)>,
    next: u64,
}

impl Admission {
    /// For so many workers and so many places, those of the workers among them.
    pub(super) fn new(workers: usize, places: usize, max_wait: Duration) -> Self {
        let book = Book { costs: Costs::FIRST, tickets: Vec::new(), next: 0 };
        Self { workers, places, max_wait, book: Mutex::new(book) }
    }

    /// Whether work that came now would find a place.
    pub(super) fn room(&self) -> Result<(), ReserveError> {
        self.room_in(&self.lock())
    }

    fn room_in(&self, book: &Book) -> Result<(), ReserveError> {
        let wait = book.expected_wait(self.workers, Instant::now());
        if wait > self.max_wait || book.tickets.len() >= self.places {
            let retry_after = wait.saturating_sub(self.max_wait).max(LEAST);
            return Err(ReserveError::Full { retry_after });
        }
        Ok(())
    }

    /// A place for `work`, unless all are taken or it would wait too long.
    pub(super) fn admit(self: &Arc<Self>, work: Work) -> Result<Ticket, ReserveError> {
        let mut book = self.lock();
        self.room_in(&book)?;
        let number = book.next;
        book.next += 1;
        book.tickets.push((number, work, None));
        drop(book);
        Ok(Ticket { number, ended: Ended::Early, admission: Arc::clone(self) })
    }

    /// Nobody panics while holding this lock; a poisoned one is still usable.
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn expected_wait(&self, workers: usize, now: Instant) -> Duration {
        let busy = self.tickets.iter().filter_map(|(_, work, begun)| {
            begun.map(|begun| self.costs.of(*work).saturating_sub(now - begun))
        });
        let waiting = self.tickets.iter().filter(|(_, _, begun)| begun.is_none());
        expected_wait(workers, busy, waiting.map(|(_, work, _)| self.costs.of(*work)))
    }
}

/// A place. Dropping it gives it back.
pub(super) struct Ticket {
    number: u64,
    ended: Ended,
    admission: Arc<Admission>,
}

impl Ticket {
    /// A worker has begun.
    pub(super) fn begin(&self) {
        let mut book = self.admission.lock();
        if let Some((_, _, begun)) = book.tickets.iter_mut().find(|(n, ..)| *n == self.number) {
            *begun = Some(Instant::now());
        }
    }

    /// The work has ended, and gives its place back. What it took is learnt.
    pub(super) fn end(mut self, ended: Ended) {
        self.ended = ended;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut book = self.admission.lock();
        let Some(at) = book.tickets.iter().position(|(n, ..)| *n == self.number) else { return };
        let (_, work, begun) = book.tickets.remove(at);
        if let Some(begun) = begun {
            book.costs.learn(work, begun.elapsed(), self.ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ms(millis: &[u64]) -> impl Iterator<Item = Duration> {
        millis.iter().map(|one| Duration::from_millis(*one))
    }

    #[test]
    fn the_wait_is_that_for_the_first_free_worker() {
        let wait = |workers, busy: &[u64], waiting: &[u64]| {
            expected_wait(workers, ms(busy), ms(waiting)).as_millis()
        };
        assert_eq!(wait(2, &[], &[]), 0);
        assert_eq!(wait(2, &[900], &[]), 0);
        assert_eq!(wait(2, &[900, 300], &[]), 300);
        assert_eq!(wait(2, &[900, 300], &[200, 200]), 700);
        // A clip that was let in first does not keep the other worker.
        assert_eq!(wait(2, &[], &[1000, 20, 20]), 40);
        assert_eq!(wait(0, &[], &[20]), 20);
    }

    #[test]
    fn what_work_takes_is_learnt_by_kind_and_within_bounds() {
        let mut costs = Costs::FIRST;
        for _ in 0..100 {
            costs.learn(Work::Frames(30), Duration::from_millis(600), Ended::Whole);
            costs.learn(Work::References(5), Duration::from_secs(3_600), Ended::Whole);
            costs.learn(Work::Faces, Duration::ZERO, Ended::Whole);
        }
        let near = |work, millis: u128| costs.of(work).as_millis().abs_diff(millis) <= 2;
        assert!(near(Work::Frames(30), 600) && near(Work::Frames(10), 200), "{costs:?}");
        assert!(costs.of(Work::References(1)) <= MOST && costs.of(Work::Faces) >= LEAST);
        // Nobody has sent a clip.
        assert_eq!(costs.of(Work::Clip), CLIP);
    }

    #[test]
    fn work_that_ends_early_only_ever_makes_work_dearer() {
        let mut costs = Costs::FIRST;
        for _ in 0..100 {
            costs.learn(Work::Recognise, Duration::from_micros(50), Ended::Early);
            costs.learn(Work::Clip, Duration::from_secs(2), Ended::Early);
        }
        assert_eq!(costs.of(Work::Recognise), PICTURE);
        assert!(costs.of(Work::Clip) > Duration::from_millis(1_900), "{costs:?}");
    }

    #[test]
    fn files_that_do_not_decode_let_no_more_clips_in() {
        let admission = Arc::new(Admission::new(1, 100, 2 * SECOND));
        for _ in 0..100 {
            let undecodable = admission.admit(Work::Clip).unwrap_or_else(|_| panic!("full"));
            undecodable.begin();
            drop(undecodable);
        }
        let clips: Vec<Ticket> = std::iter::from_fn(|| admission.admit(Work::Clip).ok()).collect();
        assert_eq!(clips.len(), 3);
    }

    #[test]
    fn who_would_wait_too_long_is_refused_and_told_how_long() {
        let admission = Arc::new(Admission::new(1, 100, 2 * SECOND));
        let clips: Vec<Ticket> =
            std::iter::from_fn(|| admission.admit(Work::Clip).ok()).take(100).collect();
        // 800 ms each: with three before it, the fourth would wait for 2.4 s.
        assert_eq!(clips.len(), 3);
        let Err(ReserveError::Full { retry_after }) = admission.admit(Work::Faces) else {
            panic!("admitted")
        };
        assert_eq!(retry_after, Duration::from_millis(400));
        drop(clips);
        assert!(admission.admit(Work::Faces).is_ok());
        // Many more photos than clips fit into the same wait.
        let photos: Vec<Ticket> =
            std::iter::from_fn(|| admission.admit(Work::Recognise).ok()).collect();
        assert_eq!(photos.len(), 81);
    }

    #[test]
    fn places_are_counted_as_well() {
        let admission = Arc::new(Admission::new(1, 2, SECOND));
        let (first, second) = (admission.admit(Work::Faces), admission.admit(Work::Faces));
        assert!(matches!(admission.room(), Err(ReserveError::Full { .. })));
        assert!(matches!(admission.admit(Work::Faces), Err(ReserveError::Full { .. })));
        first.as_ref().unwrap().begin();
        assert!(admission.admit(Work::Faces).is_err(), "who is worked for has a place");
        drop((first, second));
        assert!(admission.admit(Work::Faces).is_ok());
    }
}
