//! `POST /oauth/par`.

use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::oauth::authenticate::authenticate;
use faceauth_usecases::oauth::authorize;
use serde::Serialize;
use utoipa::ToSchema;

use super::authorize::AuthorizationParameters;
use crate::auth::browser::Provider;
use crate::auth::client_credentials;
use crate::error::{OauthErrorBody, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;

/// What the browser brings in place of the request.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushedBody {
    /// For `/authorize`, once.
    #[schema(example = "urn:ietf:params:oauth:request_uri:...")]
    request_uri: String,
    /// Seconds until it is too late.
    #[schema(example = 60)]
    expires_in: u64,
}

problems!(PushProblems: caller; NotFound);

/// Push an authorization request
///
/// The client sends its request directly (RFC 9126), so that no browser can read or change it.
#[utoipa::path(
    post,
    path = "/oauth/par",
    tag = "oidc",
    operation_id = "push_authorization",
    security((), ("client_secret" = [])),
    request_body(
        content = AuthorizationParameters,
        content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (status = 201, description = "It waits for its browser.", body = PushedBody),
        (status = 400, description = "What is wrong with it.", body = OauthErrorBody),
        (status = 401, description = "The client has not proved who it is.", body = OauthErrorBody),
        PushProblems,
    ),
)]
pub(crate) async fn push_authorization(
    context: web::Data<Context>,
    _: Provider,
    request: HttpRequest,
    form: OauthForm,
) -> OauthProblemResult<HttpResponse> {
    let credentials = client_credentials(&request, &form.0)?;
    let found = authenticate(&context, &credentials).await?;
    let pushed = authorize::push(&context, &found.client, &form.0).await?;
    let body = PushedBody { request_uri: pushed.request_uri, expires_in: pushed.expires_in };
    Ok(HttpResponse::Created().json(body))
}
