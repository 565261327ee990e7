//! Failed sign-ins against one name, on all replicas.

use faceauth_domain::embedding::ModelId;
use faceauth_domain::user::{UserId, Username};
use faceauth_store::StoreError;
use faceauth_store::failures::{Admission, Begun, Device};
use faceauth_store::lookup::Reference;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Denied, EventKind, Origin, Subject};

/// Whom a name belongs to and what to compare with, or why that is not known.
pub(crate) type Compared = std::result::Result<Option<Reference>, StoreError>;

/// Begins a sign-in, unless the name has to wait after too many failures. No picture has been
/// analysed by then, and a name without an account waits like any other.
pub(crate) async fn begin(
    context: &Context,
    username: &Username,
    device: Option<Device>,
    origin: &Origin,
) -> Result<(Begun, Compared)> {
    let (policy, now) = (&context.policy, context.now());
    let previous = policy.previous.as_ref().map(|previous| &previous.matching.model);
    // Always both, so that the time does not tell which one a name has templates of.
    let models: Vec<&ModelId> = std::iter::once(&policy.matching.model).chain(previous).collect();
    let store = &context.store;
    match store.begin_attempt(&username.key(), device, &models, &policy.failures, now).await? {
        Admission::Begun(begun, compared) => Ok((begun, compared)),
        Admission::Blocked(until) => {
            // Rounded up, so that a client that waits this long is accepted.
            let seconds = (until - now).num_milliseconds().max(0) as u64;
            let seconds = u32::try_from(seconds.div_ceil(1000)).unwrap_or(u32::MAX).max(1);
            // Asked for under every name, so that the time reveals nothing.
            let account = context.store.account_of_name(&username.key()).await?;
            let denied = Denied {
                kind: EventKind::Blocked,
                actor: origin.on_device(ours(device, account)).actor().clone(),
                subject: Subject::of(&context.hashes, account, Some(username)),
                reason: "too_many_failures",
                session: None,
            };
            Err(Error::Blocked { seconds, denied: Box::new(denied) })
        }
    }
}

/// The device, when it has signed in to this account.
fn ours(device: Option<Device>, account: Option<UserId>) -> Option<Uuid> {
    device.filter(|device| account == Some(device.user)).map(|device| device.id)
}

/// Ends an attempt that was refused with `refusal`. What is no failed sign-in is taken back.
///
/// # Errors
/// When a failure could not be written down: then nothing may be said of it either.
pub(crate) async fn end(context: &Context, begun: &Begun, refusal: &Error) -> Result<()> {
    if refusal.is_failed_sign_in() {
        let (policy, now) = (&context.policy.failures, context.now());
        return Ok(context.store.fail_attempt(begun, policy, now).await?);
    }
    take_back(context, begun).await;
    Ok(())
}

/// Takes back an attempt that was no failure, and no sign-in either.
pub(crate) async fn take_back(context: &Context, begun: &Begun) {
    if let Err(error) = context.store.forgive_attempt(begun, context.now()).await {
        // The answer stays the same, and the attempt stops counting after a while.
        tracing::error!(cause = %error, "an attempt could not be taken back");
    }
}
