//! Room for requests with pictures: memory for what has arrived, and places for work.
//!
//! A slow client takes only the memory of what it has sent: a body counts by its received bytes,
//! and a request takes a place when it is complete. So a promised request keeps nobody out. No
//! client address may take all places or all memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{ApiError, ErrorCode};

/// Most bytes of a request body: all its images together, or its clip. An in-flight request holds a
/// small multiple of it.
pub(crate) const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// What a form may take beyond that for boundaries, headers and text fields.
const FORM_OVERHEAD_BYTES: usize = 64 * 1024;

/// Largest body of one request.
pub(crate) const LARGEST_BODY_BYTES: usize = MAX_BODY_BYTES + FORM_OVERHEAD_BYTES;

/// Other work has one place for this many places of sign-in. So other work leaves most of the
/// analysis queue free, which has five places a core.
const OTHER_LANES_DIVISOR: usize = 4;

/// One client may fill the memory divided by this number.
const CLIENT_BYTES_DIVISOR: usize = 4;

/// Work that has places of its own, so that it keeps no other waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Enrolment, verification and liveness.
    SignIn,
    /// `/detect`.
    Detect,
    /// A line of `/register/batch`.
    Batch,
}

/// How much there is.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Requests that are worked on at once, by lane.
    work: [usize; 3],
    /// Bytes of bodies in memory.
    bytes: usize,
    /// Of these, most of one client.
    client_bytes: usize,
    /// Requests of one client that are on their way at once.
    client_arrivals: usize,
}

/// What is taken of it.
#[derive(Debug, Default)]
struct Taken {
    work: [usize; 3],
    bytes: usize,
    clients: HashMap<IpAddr, Client>,
}

/// What one client has taken. The entry is removed when it has nothing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Client {
    work: [usize; 3],
    bytes: usize,
    arrivals: usize,
}

/// A client that has no place or memory left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The service.
    Service,
    /// The client has its share.
    Client,
}

impl From<Full> for ApiError {
    fn from(full: Full) -> Self {
        let busy = Self::new(ErrorCode::Overloaded);
        match full {
            Full::Service => busy,
            Full::Client => {
                busy.detail("Requests from this address are on their way: wait for them.")
            }
        }
    }
}

/// The room that there is, shared by every event loop.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    limits: Limits,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    /// Room to work on `at_once` requests to sign in, with the memory of as many bodies with
    /// pictures.
    pub(crate) fn new(at_once: usize) -> Self {
        let others = at_once.div_ceil(OTHER_LANES_DIVISOR);
        let bytes = (at_once * MAX_BODY_BYTES).max(LARGEST_BODY_BYTES);
        let limits = Limits {
            work: [at_once, others, others],
            bytes,
            client_bytes: (bytes / CLIENT_BYTES_DIVISOR).max(LARGEST_BODY_BYTES),
            client_arrivals: at_once.max(1),
        };
        Self { limits, taken: Arc::default() }
    }

    /// Counts one more request of `client` that is on its way.
    pub(crate) fn arrive(&self, client: IpAddr) -> Result<Arrival, Full> {
        let mut taken = self.lock();
        let of_client = taken.clients.entry(client).or_default();
        if of_client.arrivals >= self.limits.client_arrivals {
            return Err(Full::Client);
        }
        of_client.arrivals += 1;
        let places = self.clone();
        Ok(Arrival(Arc::new(OnItsWay { places, client, bytes: AtomicUsize::new(0) })))
    }

    /// Whether a request of `client` would find a place now. Where there is none, its body need not
    /// arrive.
    pub(crate) fn room(&self, lane: Lane, client: IpAddr) -> Result<(), Full> {
        self.room_in(&self.lock(), lane, client)
    }

    fn room_in(&self, taken: &Taken, lane: Lane, client: IpAddr) -> Result<(), Full> {
        let at = lane as usize;
        let most = self.limits.work[at];
        if taken.work[at] >= most {
            return Err(Full::Service);
        }
        let share = client_share(most);
        if taken.clients.get(&client).is_some_and(|of_client| of_client.work[at] >= share) {
            return Err(Full::Client);
        }
        Ok(())
    }

    /// Takes a place to work on a complete request of `client`.
    pub(crate) fn work(&self, lane: Lane, client: IpAddr) -> Result<Work, Full> {
        let (mut taken, at) = (self.lock(), lane as usize);
        self.room_in(&taken, lane, client)?;
        taken.work[at] += 1;
        taken.clients.entry(client).or_default().work[at] += 1;
        Ok(Work { places: self.clone(), client, lane })
    }

    fn give_back(&self, client: IpAddr, change: impl FnOnce(&mut Taken, IpAddr)) {
        let mut taken = self.lock();
        change(&mut taken, client);
        if taken.clients.get(&client).is_some_and(|left| *left == Client::default()) {
            taken.clients.remove(&client);
        }
    }

    /// No code panics while it holds this lock; a poisoned one is still usable.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of `most` places one client may have: three of four.
fn client_share(most: usize) -> usize {
    (most * 3).div_ceil(4)
}

/// A request in flight, and its memory. Both are freed when the last clone is dropped. The reader
/// of the body has one, and the holder of the bytes has one.
#[derive(Debug, Clone)]
pub(crate) struct Arrival(Arc<OnItsWay>);

#[derive(Debug)]
struct OnItsWay {
    places: Places,
    client: IpAddr,
    /// Changed with the lock of the places in hand.
    bytes: AtomicUsize,
}

impl Arrival {
    /// Says that the request takes `bytes` now.
    pub(crate) fn hold(&self, bytes: usize) -> Result<(), Full> {
        let OnItsWay { places, client, bytes: held } = &*self.0;
        let limits = places.limits;
        let mut taken = places.lock();
        let before = held.load(Ordering::Relaxed);
        let all = taken.bytes - before + bytes;
        let of_client = taken.clients.entry(*client).or_default();
        let of_this_client = of_client.bytes - before + bytes;
        if bytes > before {
            if of_this_client > limits.client_bytes {
                return Err(Full::Client);
            }
            if all > limits.bytes {
                return Err(Full::Service);
            }
        }
        of_client.bytes = of_this_client;
        taken.bytes = all;
        held.store(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let bytes = *self.bytes.get_mut();
        self.places.give_back(self.client, |taken, client| {
            taken.bytes -= bytes;
            if let Some(of_client) = taken.clients.get_mut(&client) {
                of_client.bytes -= bytes;
                of_client.arrivals -= 1;
            }
        });
    }
}

/// A place of work. Dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Work {
    places: Places,
    client: IpAddr,
    lane: Lane,
}

impl Drop for Work {
    fn drop(&mut self) {
        let at = self.lane as usize;
        self.places.give_back(self.client, |taken, client| {
            taken.work[at] -= 1;
            if let Some(of_client) = taken.clients.get_mut(&client) {
                of_client.work[at] -= 1;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    fn client(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    fn take(places: &Places, lane: Lane, n: u8) -> Vec<Work> {
        std::iter::from_fn(|| places.work(lane, client(n)).ok()).collect()
    }

    #[test]
    fn no_client_has_every_place_and_no_lane_those_of_another() {
        let places = Places::new(16);
        let mine = take(&places, Lane::SignIn, 1);
        assert_eq!(mine.len(), 12);
        assert_eq!(places.work(Lane::SignIn, client(1)).unwrap_err(), Full::Client);
        let theirs = take(&places, Lane::SignIn, 2);
        assert_eq!(theirs.len(), 4);
        assert_eq!(places.work(Lane::SignIn, client(3)).unwrap_err(), Full::Service);
        let detect = [take(&places, Lane::Detect, 1), take(&places, Lane::Detect, 2)];
        assert_eq!(detect.each_ref().map(Vec::len), [3, 1]);
        assert_eq!(take(&places, Lane::Batch, 1).len(), 3);
        drop((mine, theirs));
        assert_eq!(take(&places, Lane::SignIn, 3).len(), 12);
    }

    #[test]
    fn bytes_count_when_they_are_there() {
        let places = Places::new(16);
        let mut waiting: Vec<_> = std::iter::from_fn(|| places.arrive(client(1)).ok()).collect();
        assert_eq!(waiting.len(), 16);
        // Of 160 MiB, a client may fill 40.
        waiting[0].hold(20 * MEBIBYTE).unwrap();
        waiting[1].hold(20 * MEBIBYTE).unwrap();
        assert_eq!(waiting[2].hold(1).unwrap_err(), Full::Client);
        waiting[1].hold(MEBIBYTE).unwrap();
        waiting[2].hold(19 * MEBIBYTE).unwrap();
        for n in 2..5 {
            let other = places.arrive(client(n)).unwrap();
            other.hold(40 * MEBIBYTE).unwrap();
            waiting.push(other);
        }
        let late = places.arrive(client(5)).unwrap();
        assert_eq!(late.hold(1).unwrap_err(), Full::Service);
        drop(waiting);
        late.hold(20 * MEBIBYTE).unwrap();
    }

    #[test]
    fn nothing_is_remembered_of_who_has_nothing() {
        let places = Places::new(2);
        let arrival = places.arrive(client(1)).unwrap();
        arrival.hold(7).unwrap();
        let work = places.work(Lane::SignIn, client(1)).unwrap();
        drop(arrival);
        assert_eq!(places.lock().clients.len(), 1);
        drop(work);
        let taken = places.lock();
        assert!(taken.clients.is_empty() && taken.bytes == 0 && taken.work == [0; 3]);
    }

    #[test]
    fn a_service_of_one_place_takes_the_largest_body() {
        let places = Places::new(1);
        let arrival = places.arrive(client(1)).unwrap();
        arrival.hold(LARGEST_BODY_BYTES).unwrap();
        for lane in [Lane::SignIn, Lane::Detect, Lane::Batch] {
            assert_eq!(take(&places, lane, 1).len(), 1);
        }
        let none = Places::new(0);
        assert_eq!(none.work(Lane::SignIn, client(1)).unwrap_err(), Full::Service);
    }
}
