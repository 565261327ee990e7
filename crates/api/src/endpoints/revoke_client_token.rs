//! `POST /oauth/revoke`.

use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::authenticate::authenticate;
use faceauth_usecases::oauth::revoke;

use crate::auth::browser::Provider;
use crate::auth::client_credentials;
use crate::error::{OauthErrorBody, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::presented_token::{PresentedTokenRequest, presented_token};

problems!(RevocationProblems: caller; NotFound);

/// Give a token back
///
/// Ends the session of the app that the token belongs to (RFC 7009). A refresh token and an access
/// token do the same. A token that is unknown, too old or of another app is no error. APIs that
/// check only the signature of an access token accept it until it expires.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "oidc",
    operation_id = "revoke_client_token",
    security((), ("client_secret" = [])),
    request_body(
        content = PresentedTokenRequest,
        content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (status = 200, description = "The token is worth nothing now."),
        (status = 400, description = "What is wrong.", body = OauthErrorBody),
        (status = 401, description = "The client has not proved who it is.", body = OauthErrorBody),
        RevocationProblems,
    ),
)]
pub(crate) async fn revoke_client_token(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    request: HttpRequest,
    form: OauthForm,
) -> OauthProblemResult<HttpResponse> {
    let credentials = client_credentials(&request, &form.0)?;
    let client = authenticate(&context, &credentials).await?.client;
    let token = presented_token(&form.0)?;
    revoke::revoke(&context, &client, token, &source.by(Actor::Anonymous)).await?;
    Ok(HttpResponse::Ok().finish())
}
