//! `GET /userinfo`.

use actix_web::{HttpRequest, web};
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_usecases::Context;
use faceauth_usecases::oauth::userinfo;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::bearer_token;
use crate::auth::browser::Provider;
use crate::error::{OauthErrorBody, OauthProblem, OauthProblemResult};
use crate::problems::problems;

/// Who a person is, as far as the app was given it.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserInfoBody {
    /// The person, as in the ID token.
    #[schema(example = "0192a4f1-7c3e-7b6a-9d2f-3e5a8c1b4d70")]
    sub: String,
    /// The name of the account, with the scope `profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada")]
    preferred_username: Option<String>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada")]
    name: Option<String>,
}

/// The answer for the token of a request.
pub(super) async fn answer(
    context: &Context,
    request: &HttpRequest,
) -> OauthProblemResult<web::Json<UserInfoBody>> {
    let missing = || {
        OauthProblem::new(
            OauthErrorCode::InvalidToken,
            "Send an access token: Authorization: Bearer.",
        )
    };
    let token = bearer_token(request).map_err(|_| missing())?;
    let info = userinfo::userinfo(context, token).await?;
    Ok(web::Json(UserInfoBody {
        sub: info.subject,
        preferred_username: info.username.clone(),
        name: info.username,
    }))
}

problems!(UserinfoProblems: caller; NotFound);

/// Who signed in
///
/// Answers for the access token of an app, as long as its session lives.
#[utoipa::path(
    get,
    path = "/userinfo",
    tag = "oidc",
    operation_id = "userinfo",
    security(("client_access_token" = [])),
    responses(
        (status = 200, description = "The person.", body = UserInfoBody),
        (status = 401, description = "The token is not good.", body = OauthErrorBody),
        UserinfoProblems,
    ),
)]
pub(crate) async fn userinfo(
    context: web::Data<Context>,
    _: Provider,
    request: HttpRequest,
) -> OauthProblemResult<web::Json<UserInfoBody>> {
    answer(&context, &request).await
}
