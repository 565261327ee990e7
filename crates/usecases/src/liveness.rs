//! Liveness sessions: handing out steps, judging captures, and the token that carries a
//! verdict to the endpoint that needs it.

mod judge;
mod sessions;
mod token;

pub use sessions::{Opened, open};

pub(crate) use judge::{Judged, judge_capture};
pub(crate) use token::redeem;

use faceauth_domain::analyzer::LookAhead;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::decision::Settlement;
use faceauth_store::StoreError;

use crate::attestation::Presenter;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Origin, Subject};
use crate::judgement::Judgement;
use crate::presented::LivenessSubmission;

/// Begins to look at a capture while it arrives. It has so many `frames`, if that is known yet. What
/// is seen decides nothing and is told to nobody: only the judgement of the whole capture does. That
/// claims the session first, so of many submissions of one nonce a single one is judged, as ever.
#[must_use]
pub fn look_ahead(context: &Context, frames: Option<usize>) -> Option<Box<dyn LookAhead>> {
    context.analyzer.look_ahead(frames, context.policy.liveness)
}

/// Judges a capture without a sign-in or enrolment: the verdict, and the token that proves it.
///
/// # Errors
/// [`Error::Session`](crate::Error::Session) and [`Error::Capture`](crate::Error::Capture) when
/// it cannot be judged, or a failure of ours.
pub async fn judge_alone(
    context: &Context,
    submission: LivenessSubmission,
    origin: &Origin,
) -> Result<(Judgement, Option<String>)> {
    let presenter = Presenter { kind: AttemptKind::Liveness, user: None, wanted: None, origin };
    let judged = judge_capture(context, submission, presenter, Settlement::Nothing).await?;
    let Judged { judgement, spent } = judged;
    let stored = store(context, &judgement, origin).await;
    // Whoever is told to come back later may send the same again.
    if let Err(Error::Store(StoreError::Unavailable(_))) = &stored {
        spent.give_back(context).await;
    }
    Ok((judgement, stored?))
}

/// Stores a verdict. The token when a person was found live.
async fn store(
    context: &Context,
    judgement: &Judgement,
    origin: &Origin,
) -> Result<Option<String>> {
    let outcome = match &judgement.live {
        Ok(_) => AttemptOutcome::Accepted,
        Err(_) => AttemptOutcome::LivenessFailed,
    };
    let attempt = Attempt {
        assurance: judgement.live.as_ref().ok().map(|person| person.assurance.into()),
        reasons: judgement.reasons(),
        pad_bona_fide: judgement.pad_bona_fide,
        attestation: judgement.attestation,
        ..audit::attempt(context, AttemptKind::Liveness, outcome, origin)
    };
    let name = judgement.binding.username.as_ref();
    let Ok(person) = &judgement.live else {
        audit::record(context, &attempt, origin, name).await?;
        return Ok(None);
    };
    let token = token::grant(context, judgement, person, &attempt).await;
    // Written down, unless the store failed.
    if matches!(token, Ok(_) | Err(Error::VerdictTooLate)) {
        audit::announce(&attempt, origin, Subject::of(&context.hashes, None, name));
    }
    token.map(Some)
}
