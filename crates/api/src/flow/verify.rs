//! Sign-in: is the subject of this picture the owner of the claimed name?

use std::net::IpAddr;

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::decision::{self, Decision, Refusal};
use faceauth_domain::user::Username;

use super::session::{self, SignedIn};
use super::{analysis, client_hash};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

/// A claimed name and a probe.
pub(crate) struct VerifyCommand {
    pub username: Username,
    pub image: EncodedImage,
}

/// Decides a sign-in. Cheap refusals come first, the database is touched only when the
/// picture is usable, and an unknown name costs what a known one does.
pub(crate) async fn verify(
    state: &AppState,
    command: VerifyCommand,
    client: Option<IpAddr>,
) -> ApiResult<SignedIn> {
    if state.policy.require_liveness {
        return Err(ApiError::new(ErrorCode::LivenessRequired));
    }
    let slot = state.analyzer.reserve()?;
    let evidence = analysis::subject(slot, command.image, "/face_image").await?;

    let reference =
        state.store.reference(&command.username.key(), &state.policy.matching.model).await?;
    let templates = reference.as_ref().map_or(&[][..], |r| &r.templates);
    let decision = decision::decide(&evidence, templates, &state.policy);

    let now = state.now();
    let mut attempt = Attempt {
        user: reference.as_ref().map(|r| r.user.id),
        kind: AttemptKind::Verify,
        outcome: AttemptOutcome::Accepted,
        pad_bona_fide: decision::bona_fide(evidence.pad, &state.policy.pad),
        model: state.policy.matching.model.clone(),
        client_hash: client_hash(state, client),
        at: now,
    };
    match (decision, reference) {
        (Decision::Accepted { assurance, .. }, Some(reference)) => {
            let session = session::begin(state, reference.user.id, assurance, now)?;
            if !state.store.record_sign_in(&attempt, &session.row).await? {
                // Erased between the query and now.
                return Err(ApiError::new(ErrorCode::AuthenticationFailed));
            }
            Ok(SignedIn { user: reference.user, tokens: session.issue(state, now)? })
        }
        (decision, _) => {
            let refusal = match decision {
                Decision::Rejected(refusal) => refusal,
                // Templates without an account do not exist; refuse all the same.
                Decision::Accepted { .. } => Refusal::NoTemplate,
            };
            attempt.outcome = refusal.into();
            state.store.record_attempt(&attempt).await?;
            Err(ApiError::new(code(refusal)))
        }
    }
}

/// What the client is told. Identity outcomes are one answer.
pub(crate) fn code(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::LivenessRequired => ErrorCode::LivenessRequired,
        Refusal::PresentationAttack => ErrorCode::LivenessFailed,
        Refusal::NoTemplate | Refusal::NonMatch => ErrorCode::AuthenticationFailed,
    }
}
