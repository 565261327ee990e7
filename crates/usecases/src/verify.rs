//! Sign-in: is the person at the camera the owner of the claimed name?

use faceauth_domain::analyzer::{Depth, Settled};
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::decision::{self, Decision, Refusal};
use faceauth_domain::embedding::{Embedding, ModelId, Score};
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::policy::Policy;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_domain::user::Username;
use faceauth_store::attempts::SignIn;
use faceauth_store::failures::Begun;
use faceauth_store::templates::{NewTemplate, Reference};
use faceauth_store::upgrade::Upgrade;

use super::liveness::Judged;
use super::proof::{self, Live, LiveProof, Presented};
use super::session::{self, SignedIn};
use super::{analysis, audit, device, failures};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Actor, EventKind, Origin, Subject};
use crate::state::AppState;

/// A claimed name and what is to prove it.
pub(crate) struct VerifyCommand {
    pub username: Username,
    pub presented: Presented,
    /// The token of a device that has signed in before.
    pub device_token: Option<String>,
}

/// A sign-in and what it was decided on.
pub(crate) struct Verified {
    pub signed_in: SignedIn,
    /// For services that may see it, and nobody else.
    pub score: Score,
}

/// Decides a sign-in. Cheap refusals come first, and an unknown name costs what a known one does:
/// templates are asked for under every name, and all models of the matcher run for whoever is not
/// accepted.
pub(crate) async fn verify(
    state: &AppState,
    command: VerifyCommand,
    origin: &Origin,
) -> ApiResult<Verified> {
    if command.presented.live.is_none() && state.policy.require_liveness {
        return Err(ApiError::new(ErrorCode::LivenessRequired));
    }
    let device = command.device_token.as_deref().and_then(|token| device::of_token(state, token));
    let begun = failures::begin(state, &command.username, device, origin).await?;
    let origin = origin.on_device(begun.known_device());
    let outcome = decide(state, command.username, command.presented, &begun, &origin).await;
    if let Err(error) = &outcome {
        // Before the answer: who hangs up meanwhile has learnt nothing.
        failures::end(state, &begun, error.code()).await?;
    }
    outcome
}

async fn decide(
    state: &AppState,
    username: Username,
    presented: Presented,
    begun: &Begun,
    origin: &Origin,
) -> ApiResult<Verified> {
    let policy = &state.policy;
    let locked = policy.failures.locks(begun.number());
    let (probe, reference) = match presented {
        // What a picture is compared with comes first, so that the matcher can end early.
        Presented { image: Some(image), live: None } => {
            let slot = state.analyzer.reserve()?;
            let reference = reference(state, &username).await?;
            let settled = settled(policy, templates(reference.as_ref()), locked);
            let evidence = analysis::recognised(slot, image, "/face_image", settled).await?;
            (Probe::Picture(Box::new(evidence)), reference)
        }
        Presented { image, live: Some(live) } => {
            let live = live_probe(state, image, live, &username).await?;
            (Probe::Live(live), reference(state, &username).await?)
        }
        Presented { image: None, live: None } => {
            return Err(ApiError::at(ErrorCode::MissingField, "/face_image"));
        }
    };
    let live = probe.live_face();
    let (decision, pad_bona_fide, refused) = probe.decide(state, templates(reference.as_ref()));
    let decision = decision::unless_locked(decision, locked);

    let now = state.now();
    let mut attempt = Attempt {
        user: reference.as_ref().map(|r| r.user.id),
        pad_bona_fide,
        ..audit::attempt(state, AttemptKind::Verify, AttemptOutcome::Accepted, origin)
    };
    match (decision, reference) {
        (Decision::Accepted { template: matched, assurance, score, upgrade }, Some(reference)) => {
            attempt.assurance = Some(assurance);
            let session = session::begin(state, reference.user.id, assurance, now, now)?;
            let template = live.filter(|_| upgrade).map(|(embedding, previous)| NewTemplate {
                id: TemplateId(state.new_id()),
                embedding,
                previous,
                image: None,
                created_at: now,
            });
            let enrolment = EnrolmentPolicy::from(&state.policy);
            let sign_in = SignIn {
                attempt: &attempt,
                refresh: &session.row,
                matched,
                begun: Some(begun),
                upgrade: template.as_ref().map(|template| Upgrade { template, policy: &enrolment }),
            };
            if !state.store.record_sign_in(&sign_in).await? {
                // Erased, reset or withdrawn between the query and now.
                return Err(ApiError::new(ErrorCode::AuthenticationFailed));
            }
            let (origin, subject) = (
                origin.by(Actor::Session(session.row.session)),
                Subject::Account(reference.user.id),
            );
            audit::announce(&attempt, &origin, subject.clone());
            if template.is_some() {
                origin.log(EventKind::MovedToModel, subject);
            }
            let tokens = session.issue(state, now, begun.known_device())?;
            Ok(Verified { signed_in: SignedIn { user: reference.user, tokens }, score })
        }
        (decision, _) => {
            let refusal = match decision {
                Decision::Rejected(refusal) => refusal,
                // Templates without an account do not exist; refuse all the same.
                Decision::Accepted { .. } => Refusal::NoTemplate,
            };
            attempt.outcome = refusal.into();
            attempt.reasons = refused.as_ref().map(|judged| judged.reasons()).unwrap_or_default();
            audit::record(state, &attempt, origin, Some(&username)).await?;
            Err(match refused {
                Some(judged) => ApiError::liveness(*judged),
                None => ApiError::new(code(refusal)),
            })
        }
    }
}

/// What is compared with the templates.
enum Probe {
    /// A single picture.
    Picture(Box<faceauth_domain::analyzer::Evidence>),
    /// The person of a liveness capture, or its refusal.
    Live(Live),
}

impl Probe {
    /// The face of a person who was found live, as the current and the previous model see it: what
    /// may become a template.
    fn live_face(&self) -> Option<(Embedding, Option<Embedding>)> {
        match self {
            Self::Picture(_) => None,
            Self::Live(Live::Person { person, .. }) => {
                Some((person.embedding.clone(), person.previous.clone()))
            }
            Self::Live(Live::Refused(_)) => None,
        }
    }

    /// The decision, whether passive PAD counted as bona fide, and the capture that was
    /// refused, if one was.
    fn decide(
        self,
        state: &AppState,
        templates: &[Template],
    ) -> (Decision, bool, Option<Box<Judged>>) {
        let policy = &state.policy;
        match self {
            Self::Picture(evidence) => {
                let bona_fide = decision::bona_fide(evidence.pad, &policy.pad);
                (decision::decide(&evidence, templates, policy), bona_fide, None)
            }
            Self::Live(Live::Person { person, pad_bona_fide }) => {
                (decision::decide_live(&person, templates, policy), pad_bona_fide, None)
            }
            Self::Live(Live::Refused(judged)) => {
                let decision = Decision::Rejected(Refusal::LivenessFailed);
                (decision, judged.pad_bona_fide, Some(judged))
            }
        }
    }
}

/// Whom the name belongs to, and what to compare with.
async fn reference(state: &AppState, username: &Username) -> ApiResult<Option<Reference>> {
    let policy = &state.policy;
    // Always both, so that the time does not tell which one a name has templates of.
    let previous = policy.previous.as_ref().map(|previous| &previous.matching.model);
    let models: Vec<&ModelId> = std::iter::once(&policy.matching.model).chain(previous).collect();
    Ok(state.store.reference(&username.key(), &models).await?)
}

fn templates(reference: Option<&Reference>) -> &[Template] {
    reference.map_or(&[][..], |reference| &reference.templates)
}

/// Whether the first stage of a cascade decides by itself. Never for a name that is locked: its
/// refusals take the same time, whomever the picture shows.
fn settled(policy: &Policy, templates: &[Template], locked: bool) -> Settled {
    let (policy, templates) = (policy.clone(), templates.to_vec());
    Box::new(move |first, pad| !locked && decision::settles(first, pad, &templates, &policy))
}

/// What a liveness capture shows; a picture beside it has to show the same person.
async fn live_probe(
    state: &AppState,
    image: Option<EncodedImage>,
    live: LiveProof,
    username: &Username,
) -> ApiResult<Live> {
    let picture = match image {
        Some(image) => {
            let slot = state.analyzer.reserve()?;
            Some(analysis::subject(slot, image, "/face_image", Depth::Probe).await?)
        }
        None => None,
    };
    let live = proof::live(state, live, username, Purpose::Verify).await?;
    if let (Live::Person { person, .. }, Some(picture)) = (&live, &picture) {
        proof::same_person(state, picture, &person.embedding, "/face_image".to_owned())?;
    }
    Ok(live)
}

/// What the client is told. Identity outcomes are one answer.
pub(crate) fn code(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::LivenessRequired => ErrorCode::LivenessRequired,
        Refusal::PresentationAttack | Refusal::LivenessFailed => ErrorCode::LivenessFailed,
        Refusal::NoTemplate | Refusal::NonMatch | Refusal::Locked => {
            ErrorCode::AuthenticationFailed
        }
    }
}
