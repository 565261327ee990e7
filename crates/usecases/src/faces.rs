//! The references of an account.

use faceauth_domain::analyzer::Depth;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::decision::{self, Assurance};
use faceauth_domain::enrolment::{EnrolmentPolicy, Misfit};
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::user::User;
use faceauth_store::account::{AccountError, Enrolling};
use faceauth_store::templates::{AddFaceError, FaceRecord};

use super::proof::{self, Presented};
use super::register::NewFace;
use super::{analysis, audit, register};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::events::{Origin, Subject};
use crate::state::AppState;

/// Adds a face to an account.
pub(crate) async fn add(
    state: &AppState,
    account: Enrolling<'_>,
    presented: Presented,
    origin: &Origin,
) -> ApiResult<FaceRecord> {
    // Before anything is looked at: what has ended costs no analysis.
    let owner = account.owner().await?;
    let user = owner.id;
    let (face, assurance, pad_bona_fide) = added(state, &owner, presented, origin).await?;
    let now = state.now();
    let attempt = Attempt {
        user: Some(user),
        assurance: Some(assurance),
        pad_bona_fide,
        ..audit::attempt(state, AttemptKind::AddFace, AttemptOutcome::Accepted, origin)
    };
    let template = face.template(state, now);
    match account.add_face(&template, &attempt, &EnrolmentPolicy::from(&state.policy)).await {
        Ok(()) => {
            audit::announce(&attempt, origin, Subject::Account(user));
            let model = template.embedding.model().clone();
            Ok(FaceRecord { id: template.id, model, created_at: now })
        }
        Err(AddFaceError::SessionOver) => Err(AccountError::SessionOver.into()),
        Err(AddFaceError::ConsentWithdrawn) => Err(ApiError::new(ErrorCode::ConsentRequired)
            .detail("Consent is withdrawn: grant it anew at /me/consent.")),
        Err(AddFaceError::Misfit(misfit)) => {
            if misfit == Misfit::SomebodyElse {
                let refused =
                    Attempt { outcome: AttemptOutcome::NonMatch, assurance: None, ..attempt };
                audit::record(state, &refused, origin, None).await?;
            }
            Err(refusal(misfit))
        }
        Err(AddFaceError::TooMany) => Err(ApiError::new(ErrorCode::EnrolmentNotAllowed)
            .detail("The account has as many faces as it can have: remove one first.")),
        Err(AddFaceError::Store(error)) => Err(error.into()),
    }
}

/// What the client is told of a face that may not stand beside those there are. Only a fresh
/// session of the account gets here.
fn refusal(misfit: Misfit) -> ApiError {
    match misfit {
        Misfit::NothingToCompare => ApiError::new(ErrorCode::EnrolmentNotAllowed).detail(
            "The account has no face that this one could be compared with. Ask whoever runs the \
             service to reset the account.",
        ),
        Misfit::SomebodyElse => ApiError::new(ErrorCode::FramesInconsistent).detail(
            "The face does not match the faces of the account. If your face has changed, ask \
             whoever runs the service to reset the account.",
        ),
        Misfit::Displaces => ApiError::new(ErrorCode::FramesInconsistent).detail(
            "With this picture the account would recognise another of its faces no more. Take \
             one that is more like them.",
        ),
    }
}

/// The face to add, what was shown, and whether passive PAD counted as bona fide.
async fn added(
    state: &AppState,
    owner: &User,
    presented: Presented,
    origin: &Origin,
) -> ApiResult<(NewFace, Assurance, bool)> {
    let Presented { image, live } = presented;
    if live.is_none() && state.policy.require_liveness {
        return Err(ApiError::new(ErrorCode::LivenessRequired));
    }
    let picture = match image {
        Some(image) => {
            let slot = state.analyzer.reserve()?;
            Some(analysis::subject(slot, image, "/face_image", Depth::Subject(state.keep())).await?)
        }
        None => None,
    };
    let Some(live) = live else {
        let evidence =
            [picture.ok_or_else(|| ApiError::at(ErrorCode::MissingField, "/face_image"))?];
        let kind = AttemptKind::AddFace;
        register::admit(state, kind, Some(owner.id), None, &evidence, origin).await?;
        let [evidence] = evidence;
        let bona_fide = decision::bona_fide(evidence.pad, &state.policy.pad);
        return Ok((evidence.into(), Assurance::Face, bona_fide));
    };
    let kind = AttemptKind::AddFace;
    let live =
        register::live_person(state, live, &owner.username, kind, Some(owner.id), origin).await?;
    if let Some(picture) = &picture {
        let at = "/face_image".to_owned();
        proof::same_person(state, picture, &live.person.embedding, at)?;
    }
    let LivePerson { embedding, previous, assurance, image } = live.person;
    let image = image.or_else(|| picture.and_then(|picture| picture.image));
    Ok((NewFace { embedding, previous, image }, assurance, live.pad_bona_fide))
}
