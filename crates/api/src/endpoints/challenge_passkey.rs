//! `POST /verify/passkey/challenge`.

use actix_web::web;
use faceauth_usecases::{Context, second_factor};

use crate::error::ApiResult;
use crate::problems::problems;
use crate::wire::second_factor::SecondFactorBody;

problems!(ChallengeProblems: caller; SecondFactorUnavailable, DatabaseUnavailable);

/// Begin a sign-in with a passkey alone
///
/// Where the deployment lets a passkey sign in alone: when the camera is broken, or when failures of
/// others make a name wait. Nobody is named, so the answer says nothing about who has an account.
#[utoipa::path(
    post,
    path = "/verify/passkey/challenge",
    tag = "sign-in",
    operation_id = "challenge_passkey",
    security(()),
    responses(
        (status = 200, description = "What the browser is asked for.", body = SecondFactorBody),
        ChallengeProblems,
    ),
)]
pub(crate) async fn challenge_passkey(
    context: web::Data<Context>,
) -> ApiResult<web::Json<SecondFactorBody>> {
    Ok(web::Json(SecondFactorBody::new(second_factor::begin_alone(&context).await?)?))
}
