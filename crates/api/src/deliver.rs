//! Takes events out of the outbox and hands them to the receiver, all the time.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::{sleep, timeout};
use actix_web::web;
use faceauth_store::StoreError;
use faceauth_usecases::Context;
use faceauth_usecases::outbox::{self, EventReceiver};
use tokio::sync::{Notify, Semaphore};

use crate::drain::Drain;

/// Events that one replica delivers at the same time. A receiver that answers within 100 ms takes
/// 80 a second from each replica.
const AT_ONCE: u32 = 8;

/// How often a replica with nothing to do looks for events. People wait for mail longer than this.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How soon it looks again after the database has failed.
const LOOK_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How often the metrics of the outbox are brought up to date.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// Delivers until the replica drains. Leases that it holds then end in time, or by themselves.
pub(crate) fn spawn(context: web::Data<Context>, receiver: Arc<dyn EventReceiver>, drain: Drain) {
    actix_web::rt::spawn(measure(web::Data::clone(&context)));
    actix_web::rt::spawn(deliver(context, receiver, drain));
}

async fn deliver(context: web::Data<Context>, receiver: Arc<dyn EventReceiver>, drain: Drain) {
    let places = Arc::new(Semaphore::new(AT_ONCE as usize));
    let delivered = Arc::new(Notify::new());
    while !drain.has_begun() {
        let free = u32::try_from(places.available_permits()).unwrap_or(AT_ONCE);
        let claimed = match free {
            0 => Ok(Vec::new()),
            free => outbox::claim(&context, &*receiver, free).await,
        };
        let pause = match claimed {
            Ok(events) => {
                for event in events {
                    // No more were claimed than there are places.
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
                    let (context, receiver) = (web::Data::clone(&context), Arc::clone(&receiver));
                    let delivered = Arc::clone(&delivered);
                    actix_web::rt::spawn(async move {
                        let settled = outbox::deliver(&context, &*receiver, &event).await;
                        warn_of(settled, "what came of a webhook could not be written down");
                        drop(place);
                        delivered.notify_one();
                    });
                }
                LOOK_EVERY
            }
            failed => {
                warn_of(failed.map(drop), "cannot look for webhooks");
                LOOK_AFTER_FAILURE
            }
        };
        // The next event of the same person waits for the last one.
        let _ = timeout(pause, delivered.notified()).await;
    }
}

async fn measure(context: web::Data<Context>) {
    loop {
        warn_of(outbox::measure(&context).await, "cannot count webhooks");
        sleep(MEASURE_EVERY).await;
    }
}

fn warn_of(outcome: Result<(), StoreError>, what: &'static str) {
    if let Err(error) = outcome {
        tracing::warn!(cause = %error, "{what}");
    }
}
