//! Judging a capture against the session it answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use faceauth_attestation::statement::Statement;
use faceauth_domain::analyzer::{CaptureNeeds, Keep};
use faceauth_domain::challenge::{Challenge, ClaimedChallenge, Purpose};
use faceauth_domain::decision::{CaptureSettlement, Settlement};
use faceauth_domain::liveness::judge::{self, Circumstances, Verdict};
use faceauth_domain::user::Username;
use faceauth_store::liveness::Claim;
use faceauth_telemetry::{label, metrics};

use super::sessions::{self, nonce_hash};
use crate::attestation::{self, Presenter};
use crate::context::Context;
use crate::error::{Error, Result, SessionProblem};
use crate::judgement::{Judgement, Prompt, Refused};
use crate::keyed_hash::HashPurpose;
use crate::off_thread::off_thread;
use crate::presented::LivenessSubmission;

/// Claims the session of `submission` and judges its capture. The attestation of the
/// capture is checked first and settled with the claim. `settlement` is what spares the person the
/// whole matcher.
///
/// A full queue costs no attempt: the slot is reserved first. The attempt is spent before
/// any inference, so that of many submissions of one nonce a single one is judged. It is given
/// back when the analyzer fails, which is not the person's fault.
pub(crate) async fn judge_capture(
    context: &Context,
    submission: LivenessSubmission,
    presenter: Presenter<'_>,
    settlement: Settlement,
) -> Result<Judged> {
    let wanted = presenter.wanted;
    let slot = context.analyzer.reserve((&submission.capture).into())?;
    let received_at = context.now();
    let Hashed { submission, digests, statement } = hash(context, submission, presenter).await?;
    let presented = submission.attestation.as_ref().zip(statement.as_ref());
    let attested_at = &submission.attestation_place;
    let checked =
        attestation::check(context, presented, presenter, attested_at, received_at).await?;
    let claimed = claim(context, &submission, digests, wanted, received_at).await?;
    let ClaimedChallenge { challenge, .. } = &claimed.challenge;
    let keep = match wanted {
        Some((_, Purpose::Register)) => context.keep(),
        // Another request redeems a token. Until then there is no enrolment.
        _ => Keep::Nothing,
    };
    let place = submission.place.clone();
    let circumstances = Circumstances {
        elapsed: received_at - claimed.challenge.issued_at,
        replayed: claimed.replayed,
    };
    let needs = CaptureNeeds {
        keep,
        lids: challenge.closes_eyes(),
        policy: context.policy.liveness,
        settlement: CaptureSettlement::of(settlement, challenge, circumstances),
    };
    let observed = match slot.observe(submission.capture, needs, submission.ahead).await {
        Ok(observed) => observed,
        Err(unavailable) => {
            Spent { claimed, nonce: submission.nonce }.give_back(context).await;
            return Err(unavailable.into());
        }
    };
    // Only now: whoever has to send the same again may use the same counter.
    let bound = claimed.challenge.binding.username.as_ref();
    let attestation = checked
        .settle(context, bound, presenter, &submission.attestation_place, received_at)
        .await?;
    let observation = observed.map_err(|problem| Error::Capture(place, problem))?;
    let verdict = judge::judge(
        challenge,
        &observation,
        circumstances,
        context.policy.pad.mode,
        &context.policy.liveness,
    );
    count(challenge, &verdict);
    let mut attempts_left = claimed.challenge.attempts_left;
    let live = match verdict.live {
        Ok(person) => {
            // A person who was found live needs no further attempt.
            attempts_left = 0;
            Ok(person)
        }
        Err(reasons) => {
            let next = next_attempt(context, &claimed.challenge).await?;
            if next.is_none() {
                attempts_left = 0;
            }
            Err(Refused { reasons, next })
        }
    };
    let judgement = Judgement {
        session: claimed.challenge.session,
        challenge: claimed.challenge.challenge.clone(),
        met: verdict.steps,
        live,
        pad_bona_fide: verdict.pad_bona_fide,
        attestation,
        expires_at: claimed.challenge.expires_at,
        attempts_left,
        binding: claimed.challenge.binding.clone(),
    };
    let spent = Spent { claimed, nonce: submission.nonce };
    Ok(Judged { judgement, spent })
}

/// Counts a verdict: how it ended, why, and which steps were met.
fn count(challenge: &Challenge, verdict: &Verdict) {
    match &verdict.live {
        Ok(_) => metrics::liveness_verdicts(label::Verdict::Live),
        Err(reasons) => {
            metrics::liveness_verdicts(label::Verdict::Refused);
            reasons.iter().copied().for_each(metrics::liveness_reasons);
        }
    }
    for (step, met) in challenge.steps().iter().zip(&verdict.steps) {
        let result = if *met { label::StepResult::Met } else { label::StepResult::Missed };
        metrics::liveness_steps(*step, result);
    }
}

/// A capture that was judged, and what that took from its session.
pub(crate) struct Judged {
    pub judgement: Judgement,
    pub spent: Spent,
}

/// An attempt of a session, and its nonce.
pub(crate) struct Spent {
    claimed: Claimed,
    nonce: String,
}

impl Spent {
    /// Gives the attempt back, when nobody will learn the verdict. A session that has gone on stays
    /// as it is. When some frames of the capture were known before, its digests stay: it remains a
    /// replay.
    pub(crate) async fn give_back(&self, context: &Context) {
        let Self { claimed, nonce } = self;
        let new = if claimed.replayed == 0 { &claimed.digests[..] } else { &[] };
        let nonce = nonce_hash(nonce);
        let given = context.store.unclaim_liveness_session(&claimed.challenge, nonce, new).await;
        if let Err(error) = given {
            tracing::warn!(cause = %error, "could not give a liveness attempt back");
        }
    }
}

/// A session this request alone may answer.
struct Claimed {
    challenge: ClaimedChallenge,
    replayed: usize,
    digests: Vec<[u8; 32]>,
}

/// A submission with what is computed over all its bytes.
struct Hashed {
    submission: LivenessSubmission,
    /// Keyed digests of the frames or the clip, each once. A still that is sent as every frame is
    /// not a replay; its pixels give it away.
    digests: Vec<[u8; 32]>,
    /// What an app signs about it, where an attestation is looked at.
    statement: Option<Statement>,
}

/// Hashes a capture, which may have 10 MiB.
async fn hash(
    context: &Context,
    submission: LivenessSubmission,
    presenter: Presenter<'_>,
) -> Result<Hashed> {
    let hashes = Arc::clone(&context.hashes);
    let signed = submission.attestation.is_some() && attestation::counts(context, presenter);
    off_thread(&*context.blocking, move || {
        let digest = |part: &[u8]| hashes.of(HashPurpose::Frame, &[part]);
        let digests = submission.capture.parts().map(digest).collect::<BTreeSet<_>>();
        let statement =
            signed.then(|| attestation::statement(&submission.nonce, &submission.capture));
        Hashed { digests: digests.into_iter().collect(), statement, submission }
    })
    .await
}

async fn claim(
    context: &Context,
    submission: &LivenessSubmission,
    digests: Vec<[u8; 32]>,
    wanted: Option<(&Username, Purpose)>,
    now: DateTime<Utc>,
) -> Result<Claimed> {
    let nonce = nonce_hash(&submission.nonce);
    let claim = context
        .store
        .claim_liveness_session(submission.session, nonce, wanted, &digests, now)
        .await?;
    let problem = match claim {
        Claim::Claimed { challenge, replayed } => {
            return Ok(Claimed { challenge, replayed, digests });
        }
        Claim::Unknown => SessionProblem::Unknown,
        Claim::Expired => SessionProblem::Expired,
        Claim::Spent => SessionProblem::Spent,
        Claim::Foreign => SessionProblem::Foreign,
    };
    Err(Error::Session(submission.place.clone(), problem))
}

/// The next steps of the session, while it lasts.
async fn next_attempt(context: &Context, claimed: &ClaimedChallenge) -> Result<Option<Prompt>> {
    let now = context.now();
    if claimed.attempts_left == 0 || claimed.expires_at <= now {
        return Ok(None);
    }
    let prompt = sessions::prompt(&claimed.kinds)?;
    let hash = nonce_hash(&prompt.nonce);
    let renewed =
        context.store.renew_liveness_session(claimed.session, hash, &prompt.challenge, now).await?;
    Ok(renewed.then_some(prompt))
}
