//! The references of an account.

use std::net::IpAddr;

use faceauth_domain::attempt::AttemptKind;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::UserId;
use faceauth_store::templates::{AddFaceError, FaceRecord, NewTemplate};

use super::{analysis, register};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

/// Adds a face to the account of `user`.
pub(crate) async fn add(
    state: &AppState,
    user: UserId,
    image: EncodedImage,
    client: Option<IpAddr>,
) -> ApiResult<FaceRecord> {
    if state.policy.require_liveness {
        return Err(ApiError::new(ErrorCode::LivenessRequired));
    }
    let slot = state.analyzer.reserve()?;
    let evidence = [analysis::subject(slot, image, "/face_image").await?];
    register::admit(state, AttemptKind::AddFace, Some(user), &evidence, client).await?;
    let now = state.now();
    let attempt =
        register::attempt(state, AttemptKind::AddFace, Some(user), &evidence, client, now);
    let [evidence] = evidence;
    let template = NewTemplate {
        id: TemplateId(state.new_id()),
        embedding: evidence.embedding,
        created_at: now,
    };
    match state.store.add_face(user, &template, &attempt).await {
        Ok(()) => Ok(FaceRecord {
            id: template.id,
            model: template.embedding.model().clone(),
            created_at: now,
        }),
        Err(AddFaceError::UserGone) => Err(ApiError::new(ErrorCode::TokenInvalid)),
        Err(AddFaceError::TooMany) => Err(ApiError::new(ErrorCode::EnrolmentNotAllowed)
            .detail("The account has as many faces as it can have: remove one first.")),
        Err(AddFaceError::Store(error)) => Err(error.into()),
    }
}
