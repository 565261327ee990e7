//! The pool and the handle everything else hangs on.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bb8::{ErrorSink, Pool, RunError, State};
use faceauth_domain::clock::Clock;
use faceauth_telemetry::guard::Connecting;
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::clock::DatabaseClock;
use crate::connect::{Target, UrlError};
use crate::connection::{CALL_TIMEOUT, Held, Known, Manager, Nothing, Repeatable};
use crate::error::{Cause, StoreError};
use crate::migrate;
use crate::pooler::Pooler;
use crate::seal::Sealer;

/// How the database is reached.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// A `postgres://` URL. `sslmode=verify-full` (or `require`) encrypts and checks the
    /// certificate and the host name, `sslmode=disable` does not encrypt; one of them must
    /// be given when the database is on another machine.
    pub url: SecretString,
    /// Most connections at once; 0 counts as 1.
    pub max_connections: u32,
    /// Longest a request waits for a connection, and so how soon a database that is down
    /// is reported. Zero counts as one millisecond.
    pub acquire_timeout: Duration,
    /// Whether account holders are told what happens to their accounts: whether events are written
    /// into the outbox. Nobody would take them out where no webhook is configured.
    pub outbox: bool,
    /// Whether a pooler stands between.
    pub pooler: Pooler,
}

impl StoreConfig {
    /// Default of [`StoreConfig::max_connections`]: queries take about a millisecond and
    /// no connection is held during analysis, so eight carry thousands of requests a second.
    pub const DEFAULT_MAX_CONNECTIONS: u32 = 8;

    /// Default of [`StoreConfig::acquire_timeout`]: shorter than people wait, longer than a
    /// burst takes to drain.
    pub const DEFAULT_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

    /// The defaults for `url`.
    #[must_use]
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            max_connections: Self::DEFAULT_MAX_CONNECTIONS,
            acquire_timeout: Self::DEFAULT_ACQUIRE_TIMEOUT,
            outbox: false,
            pooler: Pooler::None,
        }
    }
}

/// What the connections of a pool do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that serve a call.
    pub in_use: u32,
    /// Connections that wait for one.
    pub idle: u32,
}

/// A handle on the database; clones share one pool.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    /// A turn for each connection. bb8 gives a connection to whoever asks when it comes back, also
    /// past those who wait for one, for ever where calls follow each other closely. Turns are taken
    /// in the order of asking.
    turns: Arc<Semaphore>,
    acquire_timeout: Duration,
    known: Known,
    log: LogConnectionErrors,
    sealer: Arc<Sealer>,
    outbox: bool,
}

impl Store {
    /// Makes the pool. Connections are opened in the background and on demand, so a
    /// database that is down delays nothing here. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// [`UrlError`] when the URL can never work.
    pub async fn connect(config: &StoreConfig, sealer: Sealer) -> Result<Self, UrlError> {
        let target = Target::parse(&config.url)?;
        let known = Known::default();
        let manager = Manager::new(target, config.pooler, known.clone());
        let acquire_timeout = config.acquire_timeout.max(Duration::from_millis(1));
        let log = LogConnectionErrors::default();
        let connections = config.max_connections.max(1);
        let pool = Pool::builder()
            .max_size(connections)
            .connection_timeout(acquire_timeout)
            .error_sink(Box::new(log.clone()))
            .build_unchecked(manager);
        let turns = Arc::new(Semaphore::new(connections as usize));
        let sealer = Arc::new(sealer);
        Ok(Self { pool, turns, acquire_timeout, known, log, sealer, outbox: config.outbox })
    }

    /// Checks that the database answers, takes writes, and that the newest migration this
    /// release knows has run. Newer ones may have run too: the next release may be starting.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer or is full or read-only,
    /// [`StoreError::Database`] when the schema is behind.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        if !migrate::newest_has_run(&mut connection).await? {
            return Err(StoreError::Database(Cause::new("the newest migration has not run")));
        }
        self.known.suspicion.check(&mut connection).await
    }

    /// The clock that every replica of this database shares; `machine` before the database was
    /// first reached.
    #[must_use]
    pub fn clock(&self, machine: Arc<dyn Clock>) -> DatabaseClock {
        DatabaseClock::new(self.known.readings.clone(), machine)
    }

    /// A connection for one call, which has to be done by its deadline.
    pub(crate) async fn connection(&self) -> Result<Held<'_>, StoreError> {
        self.connection_for(CALL_TIMEOUT).await
    }

    /// A connection for one call that has to be done within `limit`.
    pub(crate) async fn connection_for(&self, limit: Duration) -> Result<Held<'_>, StoreError> {
        let (connection, ()) = self.checked(limit, &Nothing).await?;
        Ok(connection)
    }

    /// A connection for one call that begins with `first`, which is sent together with the check of
    /// the connection. When the connection turns out to be dead, `first` is sent on another one.
    pub(crate) async fn connection_with<R: Repeatable>(
        &self,
        first: &R,
    ) -> Result<(Held<'_>, R::Answer), StoreError> {
        self.checked(CALL_TIMEOUT, first).await
    }

    async fn checked<R: Repeatable>(
        &self,
        limit: Duration,
        first: &R,
    ) -> Result<(Held<'_>, R::Answer), StoreError> {
        let until = Instant::now() + self.acquire_timeout;
        let mut connecting = Connecting::begin();
        // Turns are never closed, so an error is the end of the wait.
        let Ok(Ok(mut turn)) = timeout_at(until.into(), self.turns.acquire()).await else {
            return Err(RunError::TimedOut.into());
        };
        loop {
            let Ok(taken) = timeout_at(until.into(), self.pool.get()).await else {
                return Err(RunError::TimedOut.into());
            };
            let mut connection = Held::new(taken?, turn, limit, self.known.doubt.clone());
            connecting.connected();
            match connection.check(&self.known, first).await {
                Ok(answer) => return Ok((connection, answer?)),
                Err(cause) => self.log.sink(cause),
            }
            turn = connection.into_turn();
            connecting = Connecting::begin();
        }
    }

    /// What the connections of the pool do now.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let State { connections, idle_connections, .. } = self.pool.state();
        PoolUse { in_use: connections.saturating_sub(idle_connections), idle: idle_connections }
    }

    /// Whether events are written into the outbox.
    pub(crate) fn has_outbox(&self) -> bool {
        self.outbox
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.sealer
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("sealer", &self.sealer).finish_non_exhaustive()
    }
}

/// Callers only learn that no connection was free; this says why.
/// A database that is down fails every attempt, so the same cause is logged once in a while.
#[derive(Debug, Clone, Default)]
struct LogConnectionErrors {
    last: Arc<Mutex<Option<(Cause, Instant)>>>,
}

/// How often the same cause is logged.
const LOG_EVERY: Duration = Duration::from_secs(10);

impl LogConnectionErrors {
    /// Whether to log `cause` at `now`.
    fn is_news(&self, cause: &Cause, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            last.as_ref().is_some_and(|(known, at)| known == cause && now < *at + LOG_EVERY);
        if !known {
            *last = Some((cause.clone(), now));
        }
        !known
    }
}

impl ErrorSink<Cause> for LogConnectionErrors {
    fn sink(&self, cause: Cause) {
        if !self.is_news(&cause, Instant::now()) {
            return;
        }
        tracing::warn!(%cause, "a connection to the database is not usable");
    }

    fn boxed_clone(&self) -> Box<dyn ErrorSink<Cause>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_stays_down_does_not_fill_the_log() {
        let (log, began) = (LogConnectionErrors::default(), Instant::now());
        let lines = |cause: &str| {
            let cause = Cause::new(cause);
            (0..600).filter(|tenth| log.is_news(&cause, began + *tenth * LOG_EVERY / 100)).count()
        };
        assert_eq!(lines("refused"), 6);
        assert!(log.is_news(&Cause::new("another"), began));
    }
}
