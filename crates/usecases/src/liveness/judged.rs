//! Judging a capture against the session it answers.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use faceauth_domain::analyzer::{Keep, ObserveProblem};
use faceauth_domain::challenge::{Challenge, ClaimedChallenge, Purpose};
use faceauth_domain::clip::ClipProblem;
use faceauth_domain::liveness::capture::LivenessCapture;
use faceauth_domain::liveness::judge::{self, Circumstances, LivePerson};
use faceauth_domain::liveness::reason::LivenessReason;
use faceauth_domain::user::Username;
use faceauth_store::liveness::Claim;
use uuid::Uuid;

use super::sessions::{self, Prompt, nonce_hash};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::liveness::LivenessSubmission;
use crate::state::{AppState, HashPurpose};

/// What became of a capture.
pub(crate) struct Judged {
    pub session: Uuid,
    pub challenge: Challenge,
    /// For each step whether it was met.
    pub met: Vec<bool>,
    /// The person, or why the capture was refused and, while attempts remain, what to do
    /// next.
    pub live: Result<LivePerson, Refused>,
    pub pad_bona_fide: bool,
    pub expires_at: DateTime<Utc>,
    pub attempts_left: u8,
    pub binding: faceauth_domain::challenge::Binding,
}

/// A capture that was refused.
pub(crate) struct Refused {
    pub reasons: Vec<LivenessReason>,
    /// The next attempt of the same session.
    pub next: Option<Prompt>,
}

impl Judged {
    /// Why the capture was refused; empty when it was not.
    pub(crate) fn reasons(&self) -> Vec<LivenessReason> {
        self.live.as_ref().err().map(|refused| refused.reasons.clone()).unwrap_or_default()
    }
}

/// Claims the session of `submission` and judges its capture. `wanted` is who uses it for
/// what, when that is known.
///
/// A full queue costs no attempt: the slot is reserved first. The attempt is spent before
/// any inference, so that of many submissions of one nonce a single one is judged. It is given
/// back when the analyzer fails, which is not the person's fault.
pub(crate) async fn judge(
    state: &AppState,
    submission: LivenessSubmission,
    wanted: Option<(&Username, Purpose)>,
) -> ApiResult<Judged> {
    let slot = state.analyzer.reserve()?;
    let received_at = state.now();
    let claimed = claim(state, &submission, wanted, received_at).await?;
    let ClaimedChallenge { challenge, .. } = &claimed.challenge;
    let pointer = submission.pointer;
    let keep = match wanted {
        Some((_, Purpose::Register)) => state.keep(),
        // A token is redeemed by another request; until then there is no enrolment.
        _ => Keep::Nothing,
    };
    let observed = match slot.observe(submission.capture, keep).await {
        Ok(observed) => observed,
        Err(unavailable) => {
            give_back(state, &claimed, &submission.nonce).await;
            return Err(unavailable.into());
        }
    };
    let observation = observed.map_err(|problem| unobservable(problem, pointer))?;
    let verdict = judge::judge(
        challenge,
        &observation,
        Circumstances {
            elapsed: received_at - claimed.challenge.issued_at,
            replayed: claimed.replayed,
        },
        state.policy.pad.mode,
        &state.policy.liveness,
    );
    let mut attempts_left = claimed.challenge.attempts_left;
    let live = match verdict.live {
        Ok(person) => {
            // Whoever was found live needs no further attempt.
            attempts_left = 0;
            Ok(person)
        }
        Err(reasons) => {
            let next = next_attempt(state, &claimed.challenge).await?;
            if next.is_none() {
                attempts_left = 0;
            }
            Err(Refused { reasons, next })
        }
    };
    Ok(Judged {
        session: claimed.challenge.session,
        challenge: claimed.challenge.challenge,
        met: verdict.steps,
        live,
        pad_bona_fide: verdict.pad_bona_fide,
        expires_at: claimed.challenge.expires_at,
        attempts_left,
        binding: claimed.challenge.binding,
    })
}

/// A session this request alone may answer.
struct Claimed {
    challenge: ClaimedChallenge,
    replayed: usize,
    digests: Vec<[u8; 32]>,
}

async fn claim(
    state: &AppState,
    submission: &LivenessSubmission,
    wanted: Option<(&Username, Purpose)>,
    now: DateTime<Utc>,
) -> ApiResult<Claimed> {
    let digests = digests(state, &submission.capture);
    let nonce = nonce_hash(&submission.nonce);
    let claim = state
        .store
        .claim_liveness_session(submission.session, nonce, wanted, &digests, now)
        .await?;
    let at = |code| ApiError::at(code, format!("{}/session_id", submission.pointer));
    match claim {
        Claim::Claimed { challenge, replayed } => Ok(Claimed { challenge, replayed, digests }),
        Claim::Unknown => Err(at(ErrorCode::NotFound).detail("There is no such session.")),
        Claim::Expired => Err(at(ErrorCode::SessionExpired)),
        Claim::Spent => Err(at(ErrorCode::SessionConsumed)),
        Claim::Foreign => Err(at(ErrorCode::InvalidField)
            .detail("The session was opened for another user or purpose.")),
    }
}

/// Gives an attempt back. Of a capture that was partly known nothing is forgotten: it is a
/// replay whenever it comes again.
async fn give_back(state: &AppState, claimed: &Claimed, nonce: &str) {
    let new = if claimed.replayed == 0 { &claimed.digests[..] } else { &[] };
    let nonce = nonce_hash(nonce);
    let given = state.store.unclaim_liveness_session(&claimed.challenge, nonce, new).await;
    if let Err(error) = given {
        tracing::warn!(cause = %error, "could not give a liveness attempt back");
    }
}

/// Keyed digests of the frames or the clip, each once: a still that is sent as every frame is
/// no replay, and is found out by its pixels.
fn digests(state: &AppState, capture: &LivenessCapture) -> Vec<[u8; 32]> {
    let digest = |part: &[u8]| state.keyed_hash(HashPurpose::Frame, &[part]);
    capture.parts().map(digest).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The next steps of the session, while it lasts.
async fn next_attempt(state: &AppState, claimed: &ClaimedChallenge) -> ApiResult<Option<Prompt>> {
    let now = state.now();
    if claimed.attempts_left == 0 || claimed.expires_at <= now {
        return Ok(None);
    }
    let prompt = sessions::prompt(&claimed.kinds)?;
    let hash = nonce_hash(&prompt.nonce);
    let renewed =
        state.store.renew_liveness_session(claimed.session, hash, &prompt.challenge, now).await?;
    Ok(renewed.then_some(prompt))
}

/// Captures that could not be looked at. The attempt is spent all the same: it was used to
/// make the service decode something that is no picture.
fn unobservable(problem: ObserveProblem, pointer: &str) -> ApiError {
    let clip = |code| ApiError::at(code, format!("{pointer}/video_clip"));
    match problem {
        ObserveProblem::Frame { index, problem } => {
            ApiError::undecoded(problem, &format!("{pointer}/frames/{index}/image"))
        }
        ObserveProblem::Clip(problem) => {
            let code = match problem {
                ClipProblem::Undecodable => ErrorCode::ImageUndecodable,
                ClipProblem::UnsupportedCodec => ErrorCode::UnsupportedMediaType,
                ClipProblem::TooLong => ErrorCode::PayloadTooLarge,
                ClipProblem::DimensionsTooLarge => ErrorCode::ImageDimensionsTooLarge,
            };
            clip(code).detail(format!("Mend it: {problem}."))
        }
        ObserveProblem::Timing(problem) => {
            clip(ErrorCode::InvalidField).detail(format!("Mend it: {problem}."))
        }
    }
}
