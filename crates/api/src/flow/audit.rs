//! What is written down of a sign-in or an enrolment, and said in the log of security events.

use std::net::IpAddr;

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::decision::Assurance;
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::user::UserId;
use faceauth_store::retention::Retired;

use super::client_hash;
use crate::error::ApiResult;
use crate::state::AppState;

/// The target of security events: what a log filter or a file of their own selects.
pub const SECURITY_EVENTS: &str = "faceauth::security";

/// An attempt of nobody in particular, with a picture that looks bona fide.
pub(crate) fn attempt(
    state: &AppState,
    kind: AttemptKind,
    outcome: AttemptOutcome,
    client: Option<IpAddr>,
) -> Attempt {
    Attempt {
        user: None,
        kind,
        outcome,
        assurance: None,
        reasons: Vec::new(),
        pad_bona_fide: true,
        model: state.policy.matching.model.clone(),
        client_hash: client_hash(state, client),
        at: state.now(),
    }
}

/// Writes an attempt down and announces it.
pub(crate) async fn record(state: &AppState, attempt: &Attempt) -> ApiResult<()> {
    state.store.record_attempt(attempt).await?;
    announce(attempt);
    Ok(())
}

/// Says in the log what has been written down with something else.
pub(crate) fn announce(attempt: &Attempt) {
    let user = attempt.user.map(|user| user.to_string());
    let client: String = attempt.client_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let reasons: Vec<&str> = attempt.reasons.iter().copied().map(LivenessReason::as_str).collect();
    tracing::info!(
        target: SECURITY_EVENTS,
        event = attempt.kind.as_str(),
        outcome = attempt.outcome.as_str(),
        user,
        client,
        assurance = attempt.assurance.map(Assurance::as_str),
        reasons = (!reasons.is_empty()).then(|| reasons.join(" ")),
        pad_bona_fide = attempt.pad_bona_fide,
        model = attempt.model.as_str(),
        "attempt"
    );
}

/// Says which accounts were erased because nobody used them.
pub(crate) fn announce_retired(retired: &Retired) {
    for user in &retired.accounts {
        tracing::info!(target: SECURITY_EVENTS, event = "retired", %user, "an unused account is erased");
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

/// Says what an account holder has done about their account.
pub(crate) fn announce_change(event: &'static str, user: UserId) {
    tracing::info!(target: SECURITY_EVENTS, event, %user, "an account has changed");
}
