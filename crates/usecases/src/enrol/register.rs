//! A new account with its references, all or nothing.

use std::sync::Arc;

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::second_factor::AfterFace;
use faceauth_domain::user::{Consent, User, UserId};
use faceauth_store::enrol::{EnrolError, Enrolment};
use faceauth_store::faces::{FaceRecord, NewTemplate};
use faceauth_store::replay::Idempotency;
use faceauth_store::second_factor::FaceShown;

use super::proven::{Claim, Proven};
use super::{Enroller, Entry, RegisterCommand, Registered, idempotency, permit};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, InvitationProblem, Result};
use crate::events::Subject;
use crate::invitation;
use crate::off_thread::off_thread;
use crate::presented::Place;
use crate::second_factor::{self, Pending};
use crate::session::{self, PendingSession, ShownBy};

/// Enrols. With an idempotency key, the same request again answers the account it made.
///
/// # Errors
/// Why nobody is enrolled, or a failure of ours.
pub async fn register(
    context: &Context,
    command: RegisterCommand,
    idempotency_key: Option<&str>,
    enroller: &Enroller,
) -> Result<Registered> {
    permit(context, enroller.vouched, command.invitation.is_some())?;
    let (command, idempotency) = match idempotency_key {
        Some(key) => {
            let (hashes, key) = (Arc::clone(&context.hashes), key.to_owned());
            let sign_in = enroller.sign_in;
            off_thread(&*context.blocking, move || {
                let digest = idempotency::digest(&hashes, &key, &command, sign_in);
                (command, Some(digest))
            })
            .await?
        }
        None => (command, None),
    };
    let RegisterCommand { username, invitation, policy_version, presented } = command;
    let claim = Claim {
        context,
        kind: AttemptKind::Register,
        user: None,
        username: &username,
        vouched: enroller.vouched,
        origin: &enroller.origin,
    };
    claim.check_liveness(&presented)?;
    if let Some(key) = &idempotency
        && let Some(registered) = idempotency::replay(context, key, enroller).await?
    {
        return Ok(registered);
    }
    // Checked before anything is analysed; the transaction decides.
    let invitation = match invitation {
        Some(secret) => Some(invitation::check(context, &secret, &username).await?),
        None => None,
    };
    let enroller = &enroller.invited(invitation.is_some());
    let claim = Claim { origin: &enroller.origin, ..claim };
    let proven = claim.prove(presented).await?;
    let attempt = Attempt {
        assurance: Some(proven.assurance.into()),
        pad_bona_fide: proven.pad_bona_fide,
        attestation: proven.attestation,
        ..claim.attempt(AttemptOutcome::Accepted)
    };
    let now = context.now();
    let user = User { id: UserId(context.new_id()), username, created_at: now };
    let consent = Consent { policy_version, granted_at: now, withdrawn_at: None };
    store(context, NewAccount { user, invitation, consent, proven, attempt, idempotency }, enroller)
        .await
}

/// Everything that an account begins with.
struct NewAccount {
    user: User,
    /// Hash of the secret of the invitation that makes it.
    invitation: Option<[u8; 32]>,
    consent: Consent,
    proven: Proven,
    attempt: Attempt,
    idempotency: Option<Idempotency>,
}

/// Stores the account, and signs its owner in where the enroller wants that.
async fn store(context: &Context, account: NewAccount, enroller: &Enroller) -> Result<Registered> {
    let NewAccount { user, invitation, consent, proven, attempt, idempotency } = account;
    let now = user.created_at;
    let (shown, assurance) = (proven.shown_by(), proven.assurance);
    let faces = std::iter::once(proven.face).chain(proven.others);
    let (places, templates): (Vec<Place>, Vec<NewTemplate>) =
        faces.map(|face| (face.place.clone(), face.template(context, now))).unzip();
    let face = FaceShown {
        assurance,
        template: templates.first().ok_or(Error::Internal("nothing was enrolled"))?.id,
        attested: shown.attested,
        known_device: None,
    };
    let (session, pending) = entry(context, &user, (shown, face), enroller)?;
    let faces = templates
        .iter()
        .map(|t| FaceRecord { id: t.id, model: t.embedding.model().clone(), created_at: now })
        .collect();
    let enrolment = Enrolment {
        attempt: Attempt { user: Some(user.id), ..attempt },
        consent,
        refresh: session.as_ref().map(|session| session.row.clone()),
        transaction: pending.as_ref().map(|pending| pending.row.clone()),
        idempotency: idempotency.clone(),
        invitation,
        user: user.clone(),
        templates,
        policy: EnrolmentPolicy::from(&context.policy),
    };
    match context.store.enrol(&enrolment).await {
        Ok(()) => {
            let origin = enroller.signed_in(session.as_ref());
            audit::announce(&enrolment.attempt, &origin, Subject::Account(user.id));
            let tokens = session.map(|session| session.issue(context, now, None)).transpose()?;
            let asked = pending.map(|pending| Entry::Asked(pending.asked));
            Ok(Registered { user, faces, entry: tokens.map(Entry::SignedIn).or(asked) })
        }
        Err(EnrolError::KeyUsed) => again(context, idempotency.as_ref(), enroller).await,
        Err(EnrolError::Invitation) => Err(InvitationProblem::Unknown.into()),
        Err(EnrolError::UsernameTaken) => Err(Error::UsernameTaken),
        // Both people could sign in to an account with two people's faces.
        Err(EnrolError::Misfit(odd, _)) => Err(places.into_iter().nth(odd).map_or(
            Error::Internal("the store refused a reference that it was not given"),
            Error::AnotherPerson,
        )),
        Err(EnrolError::Store(error)) => Err(error.into()),
    }
}

/// What the owner of a new account is given: a session, or a transaction that waits for the first
/// passkey; neither where a service enrols for later.
fn entry(
    context: &Context,
    user: &User,
    (shown, face): (ShownBy, FaceShown),
    enroller: &Enroller,
) -> Result<(Option<PendingSession>, Option<Pending>)> {
    if !enroller.sign_in {
        return Ok((None, None));
    }
    match second_factor::after(context, false, false) {
        AfterFace::RegisterPasskey => {
            let pending = second_factor::register(context, user, Vec::new(), Some(face))?;
            Ok((None, Some(pending)))
        }
        AfterFace::SignIn | AfterFace::AskPasskey | AfterFace::Missing => {
            let at = user.created_at;
            Ok((Some(session::begin(context, user.id, shown, at, at)?), None))
        }
    }
}

/// The same request, sent twice at once, was faster by a moment.
async fn again(
    context: &Context,
    key: Option<&Idempotency>,
    enroller: &Enroller,
) -> Result<Registered> {
    let made = match key {
        Some(key) => idempotency::replay(context, key, enroller).await?,
        None => None,
    };
    made.ok_or(Error::IdempotencyConflict)
}
