//! What the server does by itself, every minute.

use std::time::Duration;

use actix_web::web;
use faceauth_store::retire::Retention;
use faceauth_store::sweep::{Unfinished, Why};
use faceauth_usecases::{Context, audit};

use crate::limit::Limits;

/// How often expired rows are deleted. The sealed face of an unredeemed liveness token stays at
/// most this long after its minute.
const UPKEEP_EVERY: Duration = Duration::from_secs(60);
/// How soon the sweep goes on when it did not finish.
const CATCH_UP_AFTER: Duration = Duration::from_secs(1);
/// How often idle clients are forgotten: a window's worth of them at the most.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Every minute, deletes idle clients, expired rows, old events and unused accounts.
pub(crate) fn spawn(context: web::Data<Context>, limits: Limits, retention: Retention) {
    actix_web::rt::spawn(async move {
        loop {
            actix_web::rt::time::sleep(FORGET_EVERY).await;
            limits.forget_idle();
        }
    });
    actix_web::rt::spawn(async move {
        let mut pause = UPKEEP_EVERY;
        loop {
            actix_web::rt::time::sleep(pause).await;
            let swept = context.store.sweep(context.now()).await;
            if swept.rows > 0 {
                tracing::info!(rows = swept.rows, "swept expired rows");
            }
            let retired = context
                .store
                .retire(&retention, &context.policy.matching.model, context.now())
                .await;
            audit::announce_retired(&retired);
            let partitions = context.store.keep_partitions(retention.attempt, context.now()).await;
            if partitions.dropped > 0 {
                tracing::info!(
                    partitions = partitions.dropped,
                    "dropped months and days that are over"
                );
            }
            let unfinished = swept.unfinished.iter().chain(&retired.unfinished);
            let behind = warn_of(unfinished.chain(&partitions.unfinished));
            pause = if behind { CATCH_UP_AFTER } else { UPKEEP_EVERY };
        }
    });
}

/// Logs what should be deleted and is not. Returns whether it only takes longer.
fn warn_of<'a>(unfinished: impl Iterator<Item = &'a Unfinished>) -> bool {
    let mut behind = false;
    for Unfinished { what, why } in unfinished {
        match why {
            Why::Behind => {
                behind = true;
                tracing::warn!(what, "the sweep is behind: rows outlive their time; it goes on");
            }
            Why::Failed(cause) => tracing::warn!(what, %cause, "could not delete old rows"),
        }
    }
    behind
}
