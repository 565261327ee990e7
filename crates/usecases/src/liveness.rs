//! Liveness sessions: handing out steps, judging captures, and the token that carries a
//! verdict to the endpoint that needs it.

mod judge;
mod sessions;
mod token;

pub use sessions::{Opened, open};

pub(crate) use judge::judge_capture;
pub(crate) use token::redeem;

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::decision::Settlement;

use crate::attestation::Presenter;
use crate::audit;
use crate::context::Context;
use crate::error::Result;
use crate::events::Origin;
use crate::judgement::Judgement;
use crate::presented::LivenessSubmission;

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
    let judgement = judge_capture(context, submission, presenter, Settlement::Nothing).await?;
    let outcome = match &judgement.live {
        Ok(_) => AttemptOutcome::Accepted,
        Err(_) => AttemptOutcome::LivenessFailed,
    };
    let attempt = Attempt {
        assurance: judgement.live.as_ref().ok().map(|person| person.assurance),
        reasons: judgement.reasons(),
        pad_bona_fide: judgement.pad_bona_fide,
        attestation: judgement.attestation,
        ..audit::attempt(context, AttemptKind::Liveness, outcome, origin)
    };
    audit::record(context, &attempt, origin, judgement.binding.username.as_ref()).await?;
    let token = match &judgement.live {
        Ok(person) => Some(token::grant(context, &judgement, person).await?),
        Err(_) => None,
    };
    Ok((judgement, token))
}
