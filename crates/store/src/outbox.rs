//! Telling account holders what happens to their accounts: the outbox of webhooks.
//!
//! An event is written in the transaction of what it tells, or not at all ([`Store::tell`]). A
//! replica leases it ([`Store::claim_events`]), hands it over, and says what came of it
//! ([`Store::settle_event`]). No connection is held meanwhile. The lease of a replica that dies
//! ends by itself, and another replica delivers the event again. Of one account one event is under
//! way at a time, so its events arrive in order.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryResult;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::delivery::{NextTry, Retries};
use faceauth_domain::user::UserId;
use faceauth_telemetry::trace::TraceParent;
use uuid::Uuid;

use crate::connection::CALL_TIMEOUT;
use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::tables::outbox::{self, delivery, entries};
use crate::turn::Turn;

pub use crate::tables::outbox::entries::OutboxEntry;

/// How long an event is kept that nobody takes: a day of tries, and six more for an operator who
/// mends the receiver and tries again. It names a person who may be erased by then.
pub const OUTBOX_RETENTION: TimeDelta = TimeDelta::days(7);

/// An event that this replica is to hand over, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedEvent {
    /// Its id, the same in every try.
    pub id: Uuid,
    /// Whose account it is about. It may be gone.
    pub account: UserId,
    /// The name of the account when it happened.
    pub username: String,
    /// What has happened: the word of an [`AccountEvent`], maybe of a later release.
    pub kind: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Which try this is, from 1.
    pub tries: u32,
    /// When it is given up.
    pub give_up_at: DateTime<Utc>,
    /// The trace of what it tells, where traces were exported.
    pub trace: Option<TraceParent>,
    leased_until: DateTime<Utc>,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement<'a> {
    /// The receiver has taken the event.
    Delivered,
    /// It has not.
    Failed {
        /// What came instead, for operators.
        result: &'a str,
        /// What follows.
        next: NextTry,
    },
}

/// How full the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxCount {
    /// Events that wait to be delivered.
    pub pending: u64,
    /// Events that were given up.
    pub dead: u64,
}

impl Store {
    /// Writes down what the holder of the account `user` should hear of, in the transaction that
    /// does it. The account must still be there. Does nothing where no webhook is configured.
    pub(crate) async fn tell(
        &self,
        connection: &Link,
        user: UserId,
        event: AccountEvent,
        at: DateTime<Utc>,
    ) -> QueryResult<()> {
        if self.has_outbox() {
            outbox::insert(connection, user, event, at).await?;
        }
        Ok(())
    }

    /// Leases events for `lease`: at most `most` that are due, one of each account. None while
    /// another replica is doing the same.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_events(
        &self,
        most: u32,
        lease: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Vec<LeasedEvent>, StoreError> {
        // Nearly always there are none: one statement then.
        if !delivery::any_due(&mut *self.connection().await?, now).await? {
            return Ok(Vec::new());
        }
        let claim = async |connection: &mut Link| {
            delivery::claim(connection, i64::from(most), now + lease, now).await
        };
        let rows = self.when_ours(Turn::Claim, CALL_TIMEOUT, claim).await?.unwrap_or_default();
        let event = |row: delivery::LeasedRow| LeasedEvent {
            id: row.id,
            account: UserId(row.account_id),
            username: row.username,
            kind: row.kind,
            at: row.at,
            tries: u32::try_from(row.tries).unwrap_or_default(),
            give_up_at: row.give_up_at,
            trace: row.traceparent.as_deref().and_then(TraceParent::parse),
            leased_until: row.leased_until.unwrap_or(now),
        };
        Ok(rows.into_iter().map(event).collect())
    }

    /// Writes down what came of a try at `now`. Changes nothing when the lease has ended and
    /// another replica has taken the event over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_event(
        &self,
        event: &LeasedEvent,
        settlement: Settlement<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (id, lease) = (event.id, event.leased_until);
        let mut connection = self.connection().await?;
        match settlement {
            Settlement::Delivered => delivery::delete(&mut connection, id, lease).await?,
            Settlement::Failed { result, next } => {
                let times = match next {
                    NextTry::At(due_at) => (Some(due_at), None),
                    NextTry::Never => (None, Some(now)),
                };
                delivery::put_back(&mut connection, id, lease, result, times).await?
            }
        };
        Ok(())
    }

    /// The oldest events that wait or were given up, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_entries(&self, most: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(entries::oldest(&mut *self.connection().await?, i64::from(most)).await?)
    }

    /// How full the outbox is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_count(&self) -> Result<OutboxCount, StoreError> {
        let (pending, dead) = entries::count(&mut *self.connection().await?).await?;
        let count = |rows: i64| u64::try_from(rows).unwrap_or_default();
        Ok(OutboxCount { pending: count(pending), dead: count(dead) })
    }

    /// Makes the event `id` due at once, or all that were given up when there is no id. They are
    /// tried for as long as new ones. Says how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retry_events(
        &self,
        id: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let give_up_at = now + Retries::DEFAULT.for_at_most;
        Ok(entries::revive(&mut *self.connection().await?, id, give_up_at, now).await?)
    }
}
