//! Failed sign-ins against one name, on whatever replica.

use faceauth_domain::user::Username;
use faceauth_store::failures::{Admission, Begun, Device};

use super::audit::SECURITY_EVENTS;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

/// Begins a sign-in, unless the name has to wait after too many failures. Nothing has been
/// looked at by then, and a name without an account waits like any other.
pub(crate) async fn begin(
    state: &AppState,
    username: &Username,
    device: Option<Device>,
) -> ApiResult<Begun> {
    let now = state.now();
    let policy = &state.policy.failures;
    match state.store.begin_attempt(&username.key(), device, policy, now).await? {
        Admission::Begun(begun) => Ok(begun),
        Admission::Blocked(until) => {
            tracing::warn!(target: SECURITY_EVENTS, event = "blocked", "too many failures");
            // Rounded up, so that who waits as long is let through.
            let seconds = (until - now).num_milliseconds().max(0) as u64;
            let seconds = u32::try_from(seconds.div_ceil(1000)).unwrap_or(u32::MAX).max(1);
            Err(ApiError::new(ErrorCode::TooManyFailures).retry_after(seconds))
        }
    }
}

/// Takes the attempt back when `code` says nothing about who was at the camera: unusable
/// pictures, missed steps, bad requests and failures of ours.
pub(crate) async fn end(state: &AppState, begun: &Begun, code: ErrorCode) {
    if counts(code) {
        return;
    }
    if let Err(error) = state.store.forgive_attempt(begun).await {
        // The answer stays what it is; the attempt stays counted.
        tracing::error!(cause = %error, "an attempt could not be taken back");
    }
}

/// Whether a refusal is a failed sign-in.
fn counts(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::AuthenticationFailed | ErrorCode::LivenessFailed | ErrorCode::FramesInconsistent
    )
}
