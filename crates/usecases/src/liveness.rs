//! Liveness sessions: handing out steps, judging captures, and the token that carries a
//! verdict to the endpoint that needs it.

mod judged;
mod sessions;
mod token;

pub(crate) use judged::{Judged, judge};
pub(crate) use sessions::{Opened, Prompt, open};
pub(crate) use token::redeem;

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};

use super::audit;
use crate::error::ApiResult;
use crate::events::Origin;
use crate::extract::liveness::LivenessSubmission;
use crate::state::AppState;

/// Judges a capture by itself: the verdict, and the token that proves it.
pub(crate) async fn verdict(
    state: &AppState,
    submission: LivenessSubmission,
    origin: &Origin,
) -> ApiResult<(Judged, Option<String>)> {
    let judged = judge(state, submission, None).await?;
    let outcome = match &judged.live {
        Ok(_) => AttemptOutcome::Accepted,
        Err(_) => AttemptOutcome::LivenessFailed,
    };
    let attempt = Attempt {
        assurance: judged.live.as_ref().ok().map(|person| person.assurance),
        reasons: judged.reasons(),
        pad_bona_fide: judged.pad_bona_fide,
        ..audit::attempt(state, AttemptKind::Liveness, outcome, origin)
    };
    audit::record(state, &attempt, origin, judged.binding.username.as_ref()).await?;
    let token = match &judged.live {
        Ok(person) => Some(token::grant(state, &judged, person).await?),
        Err(_) => None,
    };
    Ok((judged, token))
}
