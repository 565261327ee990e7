//! Noticing workers that do not come back.
//!
//! Native code cannot be interrupted. A thread that hangs in it serves nobody, and all jobs behind
//! it wait. So each worker records when it begins a job and how long the job may take. One thread
//! checks this list and raises the alarm.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the list is checked. A deadline is kept to this precision.
pub(super) const TICK: Duration = Duration::from_millis(200);

/// What becomes of the caller when a deadline has passed.
type GiveUp = Box<dyn FnOnce() + Send>;

/// What each worker is doing.
pub(super) struct Watchdog {
    posts: Vec<Mutex<Option<Watched>>>,
}

/// Something that a worker has begun.
struct Watched {
    since: Instant,
    limit: Duration,
    /// `None` once it was called.
    give_up: Option<GiveUp>,
}

impl Watchdog {
    pub(super) fn new(workers: usize) -> Self {
        Self { posts: (0..workers).map(|_| Mutex::new(None)).collect() }
    }

    /// Worker `number` begins something that takes at most `limit`. It has ended when the answer is
    /// dropped. `give_up` runs on another thread when it has not ended by then.
    pub(super) fn begin(
        &self,
        number: usize,
        limit: Duration,
        give_up: impl FnOnce() + Send + 'static,
    ) -> Begun<'_> {
        let give_up: Option<GiveUp> = Some(Box::new(give_up));
        let post = &self.posts[number];
        *lock(post) = Some(Watched { since: Instant::now(), limit, give_up });
        Begun { post }
    }

    /// Gives up what has passed its deadline. The number of the first worker that has, in this
    /// look, and its deadline.
    pub(super) fn look(&self) -> Option<(usize, Duration)> {
        let mut first = None;
        for (number, post) in self.posts.iter().enumerate() {
            let mut post = lock(post);
            let overdue = post.as_mut().filter(|watched| watched.since.elapsed() > watched.limit);
            let Some(watched) = overdue else { continue };
            let limit = watched.limit;
            if let Some(give_up) = watched.give_up.take() {
                drop(post);
                give_up();
                first = first.or(Some((number, limit)));
            }
        }
        first
    }
}

/// Something has begun; dropped, it has ended.
pub(super) struct Begun<'a> {
    post: &'a Mutex<Option<Watched>>,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        *lock(self.post) = None;
    }
}

/// No code panics while it holds one of these locks; a poisoned one is still usable.
fn lock(post: &Mutex<Option<Watched>>) -> MutexGuard<'_, Option<Watched>> {
    post.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_is_overdue_is_given_up_once() {
        let watchdog = Watchdog::new(2);
        let (sender, given_up) = mpsc::channel();
        let at_once = Duration::ZERO;
        let late = watchdog.begin(1, at_once, move || sender.send(()).unwrap());
        let _patient = watchdog.begin(0, Duration::from_secs(3_600), || panic!("in time"));
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(watchdog.look(), Some((1, at_once)));
        assert_eq!(watchdog.look(), None);
        assert_eq!(given_up.try_iter().count(), 1);
        drop(late);
        assert_eq!(watchdog.look(), None);
    }

    #[test]
    fn what_has_ended_is_not_given_up() {
        let watchdog = Watchdog::new(1);
        drop(watchdog.begin(0, Duration::ZERO, || panic!("it has ended")));
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(watchdog.look(), None);
    }
}
