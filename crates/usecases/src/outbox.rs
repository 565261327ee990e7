//! Handing what account holders should hear of to the receiver of the deployment.
//!
//! [`claim`] leases events to this replica, and [`deliver`] hands one over and writes down what came
//! of it. Between the two no connection is held. The caller decides how many are under way at once.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::TimeDelta;
use faceauth_domain::delivery::{NextTry, Retries};
use faceauth_store::StoreError;
use faceauth_store::outbox::{LeasedEvent, Settlement};
use faceauth_telemetry::label::{Delivery, Label as _, Undelivered};
use faceauth_telemetry::metrics;

use crate::context::Context;

/// How much longer a replica has an event for itself than the receiver may take: enough to write
/// down what came of it. So a replica that lives does not lose the lease. When a replica dies, the
/// event and later ones of the same person wait for the end of the lease.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(10);

/// Why a receiver has not taken an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTaken {
    /// The kind of it.
    pub result: Delivery,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

/// A receiver that is taking an event, or not.
pub type Receiving = Pin<Box<dyn Future<Output = Result<(), NotTaken>> + Send>>;

/// Whoever is told what happens to accounts.
pub trait EventReceiver: Send + Sync {
    /// Longest that [`Self::receive`] takes, whatever the receiver does.
    fn takes_at_most(&self) -> Duration;

    /// Hands the event over. The same event may come again.
    fn receive(&self, event: LeasedEvent) -> Receiving;
}

/// Leases at most `most` events that are due, no two of one account, for as long as `receiver` may
/// take.
///
/// # Errors
/// [`StoreError`].
pub async fn claim(
    context: &Context,
    receiver: &dyn EventReceiver,
    most: u32,
) -> Result<Vec<LeasedEvent>, StoreError> {
    let longest = TimeDelta::from_std(receiver.takes_at_most()).unwrap_or(LEASE_MARGIN);
    context.store.claim_events(most, longest + LEASE_MARGIN, context.now()).await
}

/// Hands `event` to `receiver`, and writes down what came of it.
///
/// # Errors
/// When that cannot be written down. The lease then ends by itself, and the event is delivered
/// again.
pub async fn deliver(
    context: &Context,
    receiver: &dyn EventReceiver,
    event: &LeasedEvent,
) -> Result<(), StoreError> {
    let outcome = receiver.receive(event.clone()).await;
    let now = context.now();
    let NotTaken { result, status } = match outcome {
        Ok(()) => {
            metrics::webhook_deliveries(Delivery::Delivered);
            return context.store.settle_event(event, Settlement::Delivered, now).await;
        }
        Err(not_taken) => not_taken,
    };
    metrics::webhook_deliveries(result);
    let said = match status {
        Some(status) => format!("{} {status}", result.word()),
        None => result.word().to_owned(),
    };
    let next = Retries::DEFAULT.after(event.tries, event.give_up_at, now, spread());
    // Whose event it is stays out of the log.
    let (id, kind, tries) = (event.id, event.kind.as_str(), event.tries);
    match next {
        NextTry::At(at) => {
            tracing::warn!(%id, kind, tries, result = said, again_at = %at, "a webhook was not taken");
        }
        NextTry::Never => {
            tracing::error!(%id, kind, tries, result = said, "a webhook was given up");
        }
    }
    let failed = Settlement::Failed { result: &said, next };
    context.store.settle_event(event, failed, now).await
}

/// Says in the metrics how full the outbox is.
///
/// # Errors
/// [`StoreError`].
pub async fn measure(context: &Context) -> Result<(), StoreError> {
    let count = context.store.outbox_count().await?;
    metrics::webhook_events(Undelivered::Pending).set(count.pending as f64);
    metrics::webhook_events(Undelivered::Dead).set(count.dead as f64);
    Ok(())
}

/// A number between 0 and 1. Without randomness every pause is as long as it may be.
fn spread() -> f64 {
    let mut bytes = [0; 2];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    }
}
