//! Enrolment: a new account with its references, all or nothing.

use chrono::{DateTime, Utc};
use faceauth_domain::analyzer::Evidence;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::challenge::Purpose;
use faceauth_domain::decision::{self, Assurance};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::{Consent, User, UserId, Username};
use faceauth_store::attempts::SignIn;
use faceauth_store::idempotency::{
    BATCH_IDEMPOTENCY_WINDOW, IDEMPOTENCY_WINDOW, Idempotency, Replay, Replayed,
};
use faceauth_store::templates::{FaceRecord, NewTemplate};
use faceauth_store::users::{EnrolError, Enrolment};

use super::proof::{self, Live, LiveProof};
use super::session::{self, PendingSession};
use super::{analysis, audit, verify};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, Origin, Subject};
use crate::settings::Registration;
use crate::state::{AppState, HashPurpose};
use crate::tokens::IssuedTokens;

/// Who wants to enrol, with what.
pub(crate) struct RegisterCommand {
    pub username: Username,
    pub policy_version: String,
    /// Pictures; at least one when there is no liveness proof.
    pub capture: Option<Capture>,
    /// Whether the pictures came as `face_images`; for pointers.
    pub list: bool,
    pub live: Option<LiveProof>,
}

/// Who enrols whom.
#[derive(Debug, Clone)]
pub(crate) struct Enroller {
    /// A service vouches for the pictures: they need show no liveness, and passive PAD, which
    /// takes the scan of an identity card for a print, is written down only.
    pub vouched: bool,
    /// Whether the person is signed in by it.
    pub sign_in: bool,
    /// Who calls, from where.
    pub origin: Origin,
}

/// A new account.
pub(crate) struct Registered {
    pub user: User,
    pub faces: Vec<FaceRecord>,
    /// The tokens of who was signed in.
    pub tokens: Option<IssuedTokens>,
}

/// Whether anybody, or this enroller, may make accounts.
pub(crate) fn permitted(state: &AppState, vouched: bool) -> ApiResult<()> {
    match state.registration {
        Registration::Open => Ok(()),
        Registration::Service if vouched => Ok(()),
        Registration::Service | Registration::Closed => {
            Err(ApiError::new(ErrorCode::EnrolmentNotAllowed))
        }
    }
}

/// Enrols. With an idempotency key, the same request again answers the account it made.
pub(crate) async fn register(
    state: &AppState,
    command: RegisterCommand,
    idempotency_key: Option<&str>,
    enroller: &Enroller,
) -> ApiResult<Registered> {
    permitted(state, enroller.vouched)?;
    if state.policy.require_liveness && command.live.is_none() && !enroller.vouched {
        return Err(ApiError::new(ErrorCode::LivenessRequired));
    }
    let idempotency = idempotency_key.map(|key| digest(state, key, &command, enroller));
    if let Some(key) = &idempotency
        && let Some(registered) = replay(state, key, enroller).await?
    {
        return Ok(registered);
    }

    let username = command.username;
    let enrolled =
        enrolled(state, &username, command.capture, command.list, command.live, enroller);
    let Enrolled { faces, assurance, pad_bona_fide } = enrolled.await?;

    let now = state.now();
    let user = User { id: UserId(state.new_id()), username, created_at: now };
    let begin = || session::begin(state, user.id, assurance, now, now);
    let session = enroller.sign_in.then(begin).transpose()?;
    let templates: Vec<NewTemplate> =
        faces.into_iter().map(|face| face.template(state, now)).collect();
    let faces = templates
        .iter()
        .map(|t| FaceRecord { id: t.id, model: t.embedding.model().clone(), created_at: now })
        .collect();
    let enrolment = Enrolment {
        attempt: Attempt {
            user: Some(user.id),
            assurance: Some(assurance),
            pad_bona_fide,
            ..audit::attempt(
                state,
                AttemptKind::Register,
                AttemptOutcome::Accepted,
                &enroller.origin,
            )
        },
        consent: Consent {
            policy_version: command.policy_version,
            granted_at: now,
            withdrawn_at: None,
        },
        refresh: session.as_ref().map(|session| session.row.clone()),
        idempotency: idempotency.clone(),
        user: user.clone(),
        templates,
        policy: EnrolmentPolicy::from(&state.policy),
    };
    match (state.store.enrol(&enrolment).await, idempotency) {
        (Ok(()), _) => {
            let origin = signed_in(&enroller.origin, session.as_ref());
            audit::announce(&enrolment.attempt, &origin, Subject::Account(user.id));
            let tokens = session.map(|session| session.issue(state, now, None)).transpose()?;
            Ok(Registered { user, faces, tokens })
        }
        (Err(EnrolError::UsernameTaken), _) => {
            Err(ApiError::at(ErrorCode::UsernameTaken, "/username"))
        }
        // One account with two people's faces would let both in.
        (Err(EnrolError::Misfit(odd, _)), _) => {
            Err(ApiError::at(ErrorCode::FramesInconsistent, pointer(command.list, odd)))
        }
        // The same request, sent twice at once, was faster by a moment.
        (Err(EnrolError::KeyUsed), Some(key)) => replay(state, &key, enroller)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::IdempotencyConflict)),
        (Err(EnrolError::KeyUsed), None) => Err(ApiError::new(ErrorCode::IdempotencyConflict)),
        (Err(EnrolError::Store(error)), _) => Err(error.into()),
    }
}

/// A person who enrols is who is signed in by it; a service stays the service.
fn signed_in(origin: &Origin, session: Option<&PendingSession>) -> Origin {
    session.map_or_else(|| origin.clone(), |s| origin.by(Actor::Session(s.row.session)))
}

/// A face that is to be a reference.
pub(crate) struct NewFace {
    pub embedding: Embedding,
    /// As the previous model sees it.
    pub previous: Option<Embedding>,
    /// Where enrolment images are kept.
    pub image: Option<EncodedImage>,
}

impl NewFace {
    /// As it is stored.
    pub(crate) fn template(self, state: &AppState, created_at: DateTime<Utc>) -> NewTemplate {
        let Self { embedding, previous, image } = self;
        NewTemplate { id: TemplateId(state.new_id()), embedding, previous, image, created_at }
    }
}

impl From<Evidence> for NewFace {
    fn from(evidence: Evidence) -> Self {
        Self { embedding: evidence.embedding, previous: evidence.previous, image: evidence.image }
    }
}

/// What becomes of the pictures or the capture.
struct Enrolled {
    faces: Vec<NewFace>,
    assurance: Assurance,
    pad_bona_fide: bool,
}

async fn enrolled(
    state: &AppState,
    username: &Username,
    pictures: Option<Capture>,
    list: bool,
    live: Option<LiveProof>,
    enroller: &Enroller,
) -> ApiResult<Enrolled> {
    let origin = &enroller.origin;
    let pointer = |index| pointer(list, index);
    let evidence = match pictures {
        Some(capture) => {
            let slot = state.analyzer.reserve()?;
            analysis::subjects(slot, capture, pointer, state.keep()).await?
        }
        None => Vec::new(),
    };
    let Some(live) = live else {
        if !enroller.vouched {
            admit(state, AttemptKind::Register, None, Some(username), &evidence, origin).await?;
        }
        return Ok(Enrolled {
            pad_bona_fide: bona_fide(state, &evidence),
            faces: evidence.into_iter().map(NewFace::from).collect(),
            assurance: Assurance::Face,
        });
    };
    let person = live_person(state, live, username, AttemptKind::Register, None, origin).await?;
    for (index, picture) in evidence.iter().enumerate() {
        proof::same_person(state, picture, &person.person.embedding, pointer(index))?;
    }
    let LiveSubject { person: LivePerson { embedding, previous, assurance, image }, pad_bona_fide } =
        person;
    // With a token the capture is gone; a picture that came along shows the same person.
    let image = image.or_else(|| evidence.into_iter().find_map(|picture| picture.image));
    Ok(Enrolled { faces: vec![NewFace { embedding, previous, image }], assurance, pad_bona_fide })
}

/// Somebody who was found live, for an enrolment.
pub(crate) struct LiveSubject {
    pub person: LivePerson,
    pub pad_bona_fide: bool,
}

/// The person of a liveness proof; a refusal is written down.
pub(crate) async fn live_person(
    state: &AppState,
    live: LiveProof,
    username: &Username,
    kind: AttemptKind,
    user: Option<UserId>,
    origin: &Origin,
) -> ApiResult<LiveSubject> {
    match proof::live(state, live, username, Purpose::Register).await? {
        Live::Person { person, pad_bona_fide } => Ok(LiveSubject { person, pad_bona_fide }),
        Live::Refused(judged) => {
            let attempt = Attempt {
                user,
                reasons: judged.reasons(),
                pad_bona_fide: judged.pad_bona_fide,
                ..audit::attempt(state, kind, AttemptOutcome::LivenessFailed, origin)
            };
            audit::record(state, &attempt, origin, Some(username)).await?;
            Err(ApiError::liveness(*judged))
        }
    }
}

fn bona_fide(state: &AppState, evidence: &[Evidence]) -> bool {
    evidence.iter().all(|one| decision::bona_fide(one.pad, &state.policy.pad))
}

/// Refuses pictures that the policy does not accept by themselves, and writes it down.
pub(crate) async fn admit(
    state: &AppState,
    kind: AttemptKind,
    user: Option<UserId>,
    username: Option<&Username>,
    evidence: &[Evidence],
    origin: &Origin,
) -> ApiResult<()> {
    for one in evidence {
        if let Err(refusal) = decision::admit(one.pad, &state.policy) {
            let attempt = Attempt {
                user,
                pad_bona_fide: bona_fide(state, evidence),
                ..audit::attempt(state, kind, refusal.into(), origin)
            };
            audit::record(state, &attempt, origin, username).await?;
            return Err(ApiError::new(verify::code(refusal)));
        }
    }
    Ok(())
}

/// Where the i-th picture stands in the request.
fn pointer(list: bool, index: usize) -> String {
    if list { format!("/face_images/{index}") } else { "/face_image".to_owned() }
}

/// The key and the request, as keyed hashes.
fn digest(
    state: &AppState,
    key: &str,
    command: &RegisterCommand,
    enroller: &Enroller,
) -> Idempotency {
    let username = command.username.key();
    let mut parts = vec![username.as_bytes(), command.policy_version.as_bytes()];
    let pictures = command.capture.iter().flat_map(|capture| capture.images());
    parts.extend(pictures.map(|image| image.bytes()));
    match &command.live {
        Some(LiveProof::Capture(submission)) => {
            parts.push(submission.nonce.as_bytes());
            parts.extend(submission.capture.parts());
        }
        Some(LiveProof::Token(token)) => parts.push(token.as_bytes()),
        None => {}
    }
    // A key that signs nobody in must not be replayed where people are signed in.
    let purpose = match enroller.sign_in {
        true => HashPurpose::IdempotencyKey,
        false => HashPurpose::BatchKey,
    };
    Idempotency {
        key_hash: state.keyed_hash(purpose, &[key.as_bytes()]),
        request_digest: state.keyed_hash(HashPurpose::Registration, &parts),
    }
}

/// The account that this very request made before, with new tokens. Refused when the faces it
/// enrolled are gone: a reset or a withdrawal ended what the request began.
async fn replay(
    state: &AppState,
    key: &Idempotency,
    enroller: &Enroller,
) -> ApiResult<Option<Registered>> {
    let now = state.now();
    let window = match enroller.sign_in {
        true => IDEMPOTENCY_WINDOW,
        false => BATCH_IDEMPOTENCY_WINDOW,
    };
    let Replayed { user, faces } = match state.store.replayed_enrolment(key, window, now).await? {
        Replay::Fresh => return Ok(None),
        Replay::Conflict => return Err(ApiError::new(ErrorCode::IdempotencyConflict)),
        Replay::Same(replayed) => *replayed,
    };
    if !enroller.sign_in {
        return Ok(Some(Registered { user, faces, tokens: None }));
    }
    let refused = || ApiError::new(ErrorCode::AuthenticationFailed);
    let matched = faces.first().ok_or_else(refused)?.id;
    // The face was shown when the account was made, and not again.
    let session = session::begin(state, user.id, Assurance::Face, user.created_at, now)?;
    // The pictures were judged when the account was made.
    let attempt = Attempt {
        user: Some(user.id),
        assurance: Some(Assurance::Face),
        ..audit::attempt(state, AttemptKind::Register, AttemptOutcome::Accepted, &enroller.origin)
    };
    let sign_in =
        SignIn { attempt: &attempt, refresh: &session.row, matched, begun: None, upgrade: None };
    if !state.store.record_sign_in(&sign_in).await? {
        return Err(refused());
    }
    let origin = signed_in(&enroller.origin, Some(&session));
    audit::announce(&attempt, &origin, Subject::Account(user.id));
    let tokens = Some(session.issue(state, now, None)?);
    Ok(Some(Registered { user, faces, tokens }))
}
