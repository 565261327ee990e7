//! Failed sign-ins against one name, on whatever replica.

use faceauth_domain::user::{UserId, Username};
use faceauth_store::failures::{Admission, Begun, Device};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Denied, EventKind, Origin, Subject};
use crate::state::AppState;

/// Begins a sign-in, unless the name has to wait after too many failures. Nothing has been
/// looked at by then, and a name without an account waits like any other.
pub(crate) async fn begin(
    state: &AppState,
    username: &Username,
    device: Option<Device>,
    origin: &Origin,
) -> ApiResult<Begun> {
    let now = state.now();
    let policy = &state.policy.failures;
    match state.store.begin_attempt(&username.key(), device, policy, now).await? {
        Admission::Begun(begun) => Ok(begun),
        Admission::Blocked(until) => {
            // Rounded up, so that who waits as long is let through.
            let seconds = (until - now).num_milliseconds().max(0) as u64;
            let seconds = u32::try_from(seconds.div_ceil(1000)).unwrap_or(u32::MAX).max(1);
            // Asked for under every name, so that the time tells nothing.
            let account = state.store.account_of_name(&username.key()).await?;
            Err(ApiError::new(ErrorCode::TooManyFailures).retry_after(seconds).denied(Denied {
                kind: EventKind::Blocked,
                actor: origin.on_device(ours(device, account)).actor().clone(),
                subject: Subject::of(state, account, Some(username)),
                reason: "too_many_failures",
                session: None,
            }))
        }
    }
}

/// The device, when it has signed in to this account.
fn ours(device: Option<Device>, account: Option<UserId>) -> Option<Uuid> {
    device.filter(|device| account == Some(device.user)).map(|device| device.id)
}

/// Ends an attempt that was refused with `code`. What says nothing about who was at the camera
/// (unusable pictures, missed steps, bad requests and failures of ours) is taken back.
///
/// # Errors
/// When a failure could not be written down: then nothing may be said of it either.
pub(crate) async fn end(state: &AppState, begun: &Begun, code: ErrorCode) -> ApiResult<()> {
    let now = state.now();
    if counts(code) {
        return Ok(state.store.fail_attempt(begun, &state.policy.failures, now).await?);
    }
    if let Err(error) = state.store.forgive_attempt(begun, now).await {
        // The answer stays what it is; the attempt stops counting by itself.
        tracing::error!(cause = %error, "an attempt could not be taken back");
    }
    Ok(())
}

/// Whether a refusal is a failed sign-in.
fn counts(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::AuthenticationFailed | ErrorCode::LivenessFailed | ErrorCode::FramesInconsistent
    )
}
