//! What is stored about a sign-in or an enrolment, and logged as a security event.

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::authentication::Authentication;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::user::Username;
use faceauth_store::retire::Retired;
use faceauth_telemetry::metrics;

use crate::context::Context;
use crate::error::Result;
use crate::events::{Details, Event, EventKind, Origin, Subject};

/// An attempt without an account, with a picture that looks bona fide.
pub(crate) fn attempt(
    context: &Context,
    kind: AttemptKind,
    outcome: AttemptOutcome,
    origin: &Origin,
) -> Attempt {
    Attempt {
        user: None,
        kind,
        outcome,
        assurance: None,
        reasons: Vec::new(),
        pad_bona_fide: true,
        attestation: None,
        model: context.policy.matching.model.clone(),
        client_hash: origin.client(),
        at: context.now(),
    }
}

/// Stores an attempt and logs its event. `name` is the claimed name.
pub(crate) async fn record(
    context: &Context,
    attempt: &Attempt,
    origin: &Origin,
    name: Option<&Username>,
) -> Result<()> {
    context.store.record_attempt(attempt).await?;
    announce(attempt, origin, Subject::of(&context.hashes, attempt.user, name));
    Ok(())
}

/// Says in the log and in the metrics what has been written down with something else.
pub(crate) fn announce(attempt: &Attempt, origin: &Origin, subject: Subject) {
    metrics::decisions(attempt.kind, attempt.outcome);
    let reasons: Vec<&str> = attempt.reasons.iter().copied().map(LivenessReason::as_str).collect();
    let details = Details {
        outcome: Some(attempt.outcome.as_str()),
        assurance: attempt.assurance.map(Authentication::as_str),
        liveness_reasons: (!reasons.is_empty()).then(|| reasons.join(" ")),
        attestation: attempt.attestation.map(AttestationFinding::as_str),
        pad_bona_fide: Some(attempt.pad_bona_fide),
        model: Some(attempt.model.as_str()),
        ..Details::default()
    };
    Event { kind: attempt.kind.into(), origin, subject, details }.log();
}

/// Logs the accounts that were erased because they were unused.
pub fn announce_retired(retired: &Retired) {
    for user in &retired.accounts {
        Origin::upkeep().log(EventKind::Retired, Subject::Account(*user));
    }
    if retired.attempts > 0 {
        tracing::info!(rows = retired.attempts, "deleted old attempts");
    }
    if retired.templates > 0 {
        tracing::info!(rows = retired.templates, "deleted templates of previous models");
    }
    if retired.images > 0 {
        tracing::info!(rows = retired.images, "deleted enrolment images");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use faceauth_domain::user::UserId;
    use uuid::Uuid;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The one event without a request; all others are tested over HTTP.
    #[test]
    fn an_erased_unused_account_is_an_event_of_the_service_itself() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(move || writer.clone())
            .finish();
        let user = UserId(Uuid::from_u128(7));
        tracing::subscriber::with_default(subscriber, || {
            announce_retired(&Retired { accounts: vec![user], ..Retired::default() });
        });
        let line: serde_json::Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        let told = ["event", "actor", "subject", "client", "request_id"]
            .map(|field| line[field].as_str().unwrap().to_owned());
        let account = format!("account:{user}");
        assert_eq!(told, ["retired", "upkeep", account.as_str(), "none", "none"]);
    }
}
