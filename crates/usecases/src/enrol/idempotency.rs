//! The same registration again: it answers the account that it made the first time.

use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::decision::Refusal;
use faceauth_domain::second_factor::AfterFace;
use faceauth_store::replay::{
    BATCH_IDEMPOTENCY_WINDOW, IDEMPOTENCY_WINDOW, Idempotency, Replay, Replayed,
};
use faceauth_store::second_factor::{AskSecondFactor, FaceShown};
use faceauth_store::sign_in::SignIn;

use super::{Enroller, Entry, RegisterCommand, Registered};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::Subject;
use crate::keyed_hash::{HashPurpose, KeyedHash};
use crate::presented::{LiveProof, LivenessToken, Pictures, Presented};
use crate::second_factor::{self, Pending};
use crate::session::{self, ShownBy};

/// The key and the request, as keyed hashes. It takes as long as the pictures are large.
pub(super) fn digest(
    hashes: &KeyedHash,
    key: &str,
    command: &RegisterCommand,
    sign_in: bool,
) -> Idempotency {
    let username = command.username.key();
    let mut parts = vec![username.as_bytes(), command.policy_version.as_bytes()];
    parts.extend(command.invitation.as_deref().map(str::as_bytes));
    let (pictures, proof) = match &command.presented {
        Presented::Pictures(pictures) => (Some(pictures), None),
        Presented::Live { proof, beside } => (beside.as_ref(), Some(proof)),
    };
    parts.extend(pictures.into_iter().flat_map(Pictures::images).map(|image| image.bytes()));
    match proof {
        Some(LiveProof::Capture(submission)) => {
            parts.push(submission.nonce.as_bytes());
            parts.extend(submission.capture.parts());
        }
        Some(LiveProof::Token(LivenessToken { token, .. })) => parts.push(token.as_bytes()),
        None => {}
    }
    // An idempotency key of a batch signs nobody in, so it must not be replayed where people are
    // signed in.
    let purpose = match sign_in {
        true => HashPurpose::IdempotencyKey,
        false => HashPurpose::BatchKey,
    };
    Idempotency {
        key_hash: hashes.of(purpose, &[key.as_bytes()]),
        request_digest: hashes.of(HashPurpose::Registration, &parts),
    }
}

/// The account that the same request made before, with new tokens. Refused when the faces that it
/// enrolled no longer exist, because of a reset or a withdrawal.
pub(super) async fn replay(
    context: &Context,
    key: &Idempotency,
    enroller: &Enroller,
) -> Result<Option<Registered>> {
    let now = context.now();
    let window = match enroller.sign_in {
        true => IDEMPOTENCY_WINDOW,
        false => BATCH_IDEMPOTENCY_WINDOW,
    };
    let Replayed { user, faces } = match context.store.replayed_enrolment(key, window, now).await? {
        Replay::Fresh => return Ok(None),
        Replay::Conflict => return Err(Error::IdempotencyConflict),
        Replay::Same(replayed) => *replayed,
    };
    if !enroller.sign_in {
        return Ok(Some(Registered { user, faces, entry: None }));
    }
    let refused = || Error::Refused(Refusal::NoTemplate);
    let matched = faces.first().ok_or_else(refused)?.id;
    let (kind, outcome) = (AttemptKind::Register, AttemptOutcome::Accepted);
    // The pictures were judged when the account was made.
    let attempt = Attempt {
        user: Some(user.id),
        assurance: Some(Assurance::Face.into()),
        ..audit::attempt(context, kind, outcome, &enroller.origin)
    };
    let has_passkey = !context.store.credentials(user.id).await?.is_empty();
    match second_factor::after(context, false, has_passkey) {
        AfterFace::SignIn => {}
        AfterFace::RegisterPasskey => {
            let face = FaceShown {
                assurance: Assurance::Face,
                template: matched,
                attested: None,
                known_device: None,
            };
            let Pending { row, asked } =
                second_factor::register(context, &user, Vec::new(), Some(face))?;
            let attempt = Attempt { outcome: AttemptOutcome::SecondFactorAsked, ..attempt };
            let (id, transaction) = (user.id, &row);
            let ask = AskSecondFactor { user: id, attempt: &attempt, transaction, upgrade: None };
            if !context.store.ask_second_factor(&ask).await? {
                return Err(refused());
            }
            audit::announce(&attempt, &enroller.origin, Subject::Account(id));
            return Ok(Some(Registered { user, faces, entry: Some(Entry::Asked(asked)) }));
        }
        // Whoever has a passkey by now signs in with a face and shows it.
        AfterFace::AskPasskey | AfterFace::Missing => return Err(refused()),
    }
    // The face was shown when the account was made, and not again.
    let shown = ShownBy { authentication: Assurance::Face.into(), attested: None };
    let session = session::begin(context, user.id, shown, user.created_at, now)?;
    let sign_in = SignIn {
        attempt: &attempt,
        refresh: &session.row,
        matched,
        begun: None,
        upgrade: None,
        alone: context.second_factor.face_alone(),
    };
    if !context.store.record_sign_in(&sign_in).await? {
        return Err(refused());
    }
    let origin = enroller.signed_in(Some(&session));
    audit::announce(&attempt, &origin, Subject::Account(user.id));
    let entry = Some(Entry::SignedIn(session.issue(context, now, None)?));
    Ok(Some(Registered { user, faces, entry }))
}
