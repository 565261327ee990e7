//! `POST /userinfo`.

use actix_web::{HttpRequest, web};
use faceauth_usecases::Context;

use super::userinfo::{UserInfoBody, answer};
use crate::auth::browser::Provider;
use crate::error::{OauthErrorBody, OauthProblemResult};
use crate::problems::problems;

problems!(UserinfoProblems: caller; NotFound);

/// Who signed in, by POST
///
/// The same as with GET. The token stands in the header alone.
#[utoipa::path(
    post,
    path = "/userinfo",
    tag = "oidc",
    operation_id = "userinfo_by_form",
    security(("client_access_token" = [])),
    responses(
        (status = 200, description = "The person.", body = UserInfoBody),
        (status = 401, description = "The token is not good.", body = OauthErrorBody),
        UserinfoProblems,
    ),
)]
pub(crate) async fn userinfo_by_form(
    context: web::Data<Context>,
    _: Provider,
    request: HttpRequest,
) -> OauthProblemResult<web::Json<UserInfoBody>> {
    answer(&context, &request).await
}
