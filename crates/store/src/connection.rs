//! Connections that are given up when they stop answering.
//!
//! A connection can die without a message: a firewall forgets it, a machine loses its power, a
//! network drops packets. Nothing closes it then, and a caller would wait for ever. So three things
//! are bounded here, where every call of the store passes:
//!
//! - The check of a connection that is taken from the pool ([`Held::check`]). One that fails it is
//!   thrown away, and so is every other connection that has not answered since the check began: they
//!   probably died of the same cause, and a request cannot wait for each of them in turn.
//! - The whole of a call, however many statements it sends. At its deadline the connection is
//!   cut, and every statement that still waits fails.
//! - What goes back into the pool. A call that was dropped while a statement was on its way
//!   leaves a connection in an unknown state, so that connection is closed.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bb8::{ManageConnection, PooledConnection};
use diesel::QueryResult;
use diesel::connection::{Instrumentation, InstrumentationEvent, get_default_instrumentation};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};
use faceauth_telemetry::label::Stage;
use faceauth_telemetry::stage::Running;
use futures_util::future::try_join;
use tokio::sync::SemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::clock::Readings;
use crate::connect::{Driver, Target};
use crate::error::Cause;
use crate::health::Suspicion;
use crate::link::Link;
use crate::pooler::Pooler;

/// Longest a connection that is taken from the pool takes to answer. The database answers
/// within a millisecond; a second leaves room for one that is busy.
pub(crate) const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest time that one call of the store takes, with all its statements. It is longer than the
/// database lets one statement run. So a slow statement ends there first, and the connection
/// survives. No caller waits longer for an answer.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(4);

/// The same for the few calls that may have many rows to go through: somebody's whole history is
/// erased or exported. No request of a sign-in waits behind them.
pub(crate) const PATIENT_CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest one statement of a patient call runs, in milliseconds: less than the call may take.
const PATIENT_STATEMENT_TIMEOUT_MS: u32 = 25_000;

/// Lets the statements of this transaction run nearly as long as a patient call may.
pub(crate) async fn be_patient(connection: &mut Link) -> QueryResult<()> {
    let limit = format!("SET LOCAL statement_timeout = {PATIENT_STATEMENT_TIMEOUT_MS}");
    connection.batch_execute(&limit).await
}

/// A connection of the pool.
pub(crate) struct Connection {
    // The order matters: the client is dropped first, so that the driver notices.
    inner: Link,
    driver: Driver,
    /// When the last check that it passed began.
    answered_at: Instant,
    /// Statements that were sent and have not been answered.
    in_flight: Arc<AtomicUsize>,
    /// Whether a check has failed.
    failed: bool,
}

/// Makes, checks and judges the connections of the pool.
pub(crate) struct Manager {
    target: Target,
    pooler: Pooler,
    known: Known,
}

/// What the connections of a pool have found out about the database.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// Since when connections are doubted.
    pub(crate) doubt: Doubt,
    /// What time it is there.
    pub(crate) readings: Readings,
    /// Whether it has failed to write.
    pub(crate) suspicion: Suspicion,
}

diesel::define_sql_function! {
    /// The time at this moment, also within a transaction.
    fn clock_timestamp() -> Timestamptz;
}

impl Known {
    /// Whether the connection answers, and what time the database has.
    async fn ask(&self, mut connection: &Link) -> Result<Instant, Cause> {
        let began = Instant::now();
        // When the caller gives up first, the statement stays in flight, and the connection does
        // not go back.
        let asked = diesel::select(clock_timestamp()).get_result(&mut connection);
        match timeout(CHECK_TIMEOUT, asked).await {
            Ok(Ok(time)) => {
                self.readings.note(time, began, Instant::now());
                Ok(began)
            }
            Ok(Err(error)) => Err(Cause::from(&error)),
            Err(_) => {
                self.doubt.raise(began);
                Err(Cause::new("a connection has stopped answering"))
            }
        }
    }
}

impl Manager {
    pub(crate) fn new(target: Target, pooler: Pooler, known: Known) -> Self {
        Self { target, pooler, known }
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = Cause;

    async fn connect(&self) -> Result<Connection, Cause> {
        let connected = match self.pooler {
            Pooler::None => self.target.connect().await,
            Pooler::Transaction => self.target.connect_pooled().await,
        };
        let (mut inner, driver) = connected.map_err(|error| Cause::from(&error))?;
        let in_flight = Arc::new(AtomicUsize::new(0));
        inner.set_instrumentation(Watch {
            in_flight: Arc::clone(&in_flight),
            next: get_default_instrumentation(),
        });
        let answered_at = self.known.ask(&inner).await?;
        Ok(Connection { inner, driver, answered_at, in_flight, failed: false })
    }

    /// What can be known without asking it. Whoever takes it asks, together with its statement
    /// where it can.
    async fn is_valid(&self, connection: &mut Connection) -> Result<(), Cause> {
        if self.known.doubt.covers(connection.answered_at) {
            return Err(Cause::new("another connection has stopped answering since it answered"));
        }
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking()
            || connection.failed
            || AtomicUsize::load(&connection.in_flight, Ordering::Relaxed) > 0
            || connection.driver.has_ended()
            || <AnsiTransactionManager as TransactionManager<Link>>::is_broken_transaction_manager(
                &mut connection.inner,
            )
    }
}

/// The moment before which an answer proves nothing: a connection has stopped answering since.
#[derive(Clone, Default)]
pub(crate) struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    pub(crate) fn raise(&self, since: Instant) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = (*latest).max(Some(since));
    }

    fn covers(&self, answered_at: Instant) -> bool {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.is_some_and(|since| answered_at < since)
    }
}

/// Counts the statements that were sent and have not been answered.
struct Watch {
    in_flight: Arc<AtomicUsize>,
    /// The error that would be returned otherwise.
    next: Option<Box<dyn Instrumentation>>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartQuery { .. } => {
                self.in_flight.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { .. } => {
                self.in_flight.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        }
        if let Some(next) = &mut self.next {
            next.on_connection_event(event);
        }
    }
}

/// A statement that may be carried out twice, and nothing comes to harm by that.
pub(crate) trait Repeatable: Sync {
    /// What it is answered.
    type Answer: Send;

    /// Sends it.
    fn send(&self, connection: &Link) -> impl Future<Output = QueryResult<Self::Answer>> + Send;
}

/// No statement.
pub(crate) struct Nothing;

impl Repeatable for Nothing {
    type Answer = ();

    async fn send(&self, _: &Link) -> QueryResult<()> {
        Ok(())
    }
}

/// A connection for one call. It is cut when the call takes too long.
pub(crate) struct Held<'a> {
    // The order matters: nobody cuts a connection that is back in the pool, and it is back before
    // whoever is next is told.
    _deadline: Deadline,
    connection: PooledConnection<'a, Manager>,
    turn: SemaphorePermit<'a>,
    _stage: Running,
}

/// Cuts a connection that is held for too long, unless it is dropped before.
struct Deadline(AbortHandle);

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<'a> Held<'a> {
    pub(crate) fn new(
        connection: PooledConnection<'a, Manager>,
        turn: SemaphorePermit<'a>,
        limit: Duration,
        doubt: Doubt,
    ) -> Self {
        let began = Instant::now();
        let driver = connection.driver.handle();
        let deadline = tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            doubt.raise(began);
            driver.abort();
            tracing::warn!(?limit, "a call took too long; its connection is cut");
        });
        let stage = Running::begin(Stage::Database);
        Self { _deadline: Deadline(deadline.abort_handle()), connection, turn, _stage: stage }
    }

    /// Gives the connection back, and keeps the turn for another one.
    pub(crate) fn into_turn(self) -> SemaphorePermit<'a> {
        self.turn
    }

    /// Sends `call` and, in the same packet and before it, a question that shows whether the
    /// connection is alive. They make one round trip, unless `call` sends several statements one
    /// by one. When the question is not answered, nobody waits for `call`, and the connection does
    /// not go back.
    ///
    /// `call` may have been carried out all the same, where the connection broke at that moment.
    pub(crate) async fn check<R: Repeatable>(
        &mut self,
        known: &Known,
        call: &R,
    ) -> Result<QueryResult<R::Answer>, Cause> {
        let link = &self.connection.inner;
        let called = async { Ok(call.send(link).await) };
        match try_join(known.ask(link), called).await {
            Ok((answered_at, answer)) => {
                self.connection.answered_at = answered_at;
                Ok(answer)
            }
            Err(cause) => {
                self.connection.failed = true;
                Err(cause)
            }
        }
    }
}

impl Deref for Held<'_> {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.connection.inner
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Link {
        &mut self.connection.inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_covers_what_answered_before_and_never_shrinks() {
        let doubt = Doubt::default();
        let early = Instant::now();
        let (middle, late) = (early + Duration::from_secs(1), early + Duration::from_secs(2));
        assert!(!doubt.covers(early));
        doubt.raise(late);
        doubt.raise(middle);
        assert!(doubt.covers(early) && doubt.covers(middle));
        assert!(!doubt.covers(late));
    }
}
