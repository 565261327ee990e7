//! `POST /token`.

use actix_web::{HttpRequest, web};
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_usecases::Context;
use faceauth_usecases::events::Actor;
use faceauth_usecases::oauth::authenticate::authenticate;
use faceauth_usecases::oauth::token::{self, ClientTokens, CodeGrant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::browser::Provider;
use crate::auth::client_credentials;
use crate::error::{OauthErrorBody, OauthProblem, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;
use crate::source::Source;

/// A token request (RFC 6749, 4.1.3 and 6).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "grant_type": "authorization_code",
    "client_id": "timesheets",
    "code": "SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbI",
    "redirect_uri": "https://timesheets.example.org/callback",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
}))]
#[expect(dead_code, reason = "documents what the handler reads")]
pub(crate) struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    grant_type: String,
    /// The code, of `authorization_code`.
    code: Option<String>,
    /// The address that the code went to, of `authorization_code`.
    redirect_uri: Option<String>,
    /// The secret behind `code_challenge`, of `authorization_code`.
    code_verifier: Option<String>,
    /// The refresh token, of `refresh_token`.
    refresh_token: Option<String>,
    /// Less than was given before, of `refresh_token`.
    scope: Option<String>,
    /// The client, when it has no secret.
    client_id: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, of `private_key_jwt`.
    client_assertion_type: Option<String>,
    /// A JWT that the client has signed, of `private_key_jwt`.
    client_assertion: Option<String>,
}

/// The tokens of a client.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenResponse {
    /// For `/userinfo` and the client's own API.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3Qi...")]
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token is too old.
    #[schema(example = 900)]
    expires_in: u64,
    /// With the scope `offline_access`. Good once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI")]
    refresh_token: Option<String>,
    /// Who signed in, when, and how.
    #[schema(example = "eyJ0eXAiOiJKV1Qi...")]
    id_token: String,
    /// What the client was given.
    #[schema(example = "openid profile")]
    scope: String,
}

impl From<ClientTokens> for TokenResponse {
    fn from(tokens: ClientTokens) -> Self {
        let ClientTokens { access_token, expires_in, refresh_token, id_token, scope } = tokens;
        let token_type = "Bearer";
        Self { access_token, token_type, expires_in, refresh_token, id_token, scope }
    }
}

problems!(TokenProblems: caller; NotFound);

/// Tokens for an app
///
/// Redeems an authorization code, once and within a minute, or renews a session with a refresh
/// token, once. A code or refresh token that comes again ends what it was exchanged for, because
/// somebody has a copy.
#[utoipa::path(
    post,
    path = "/token",
    tag = "oidc",
    operation_id = "issue_tokens",
    security((), ("client_secret" = [])),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenResponse),
        (status = 400, description = "What is wrong.", body = OauthErrorBody),
        (status = 401, description = "The client has not proved who it is.", body = OauthErrorBody),
        TokenProblems,
    ),
)]
pub(crate) async fn issue_tokens(
    context: web::Data<Context>,
    _: Provider,
    source: Source,
    request: HttpRequest,
    form: OauthForm,
) -> OauthProblemResult<web::Json<TokenResponse>> {
    let form = &form.0;
    let credentials = client_credentials(&request, form)?;
    let client = authenticate(&context, &credentials).await?.client;
    let origin = source.by(Actor::Client(client.id().to_string()));
    let tokens = match form.get("grant_type") {
        Some("authorization_code") => {
            let grant = CodeGrant {
                code: required(form, "code", "code is missing.")?,
                redirect_uri: required(form, "redirect_uri", "redirect_uri is missing.")?,
                verifier: required(form, "code_verifier", "code_verifier is missing.")?,
            };
            token::redeem(&context, &client, &grant, &origin).await?
        }
        Some("refresh_token") => {
            let refresh = required(form, "refresh_token", "refresh_token is missing.")?;
            token::refresh(&context, &client, refresh, form.get("scope"), &origin).await?
        }
        Some(_) => {
            return Err(OauthProblem::new(
                OauthErrorCode::UnsupportedGrantType,
                "The grant_type has to be authorization_code or refresh_token.",
            ));
        }
        None => {
            return Err(OauthProblem::new(
                OauthErrorCode::InvalidRequest,
                "grant_type is missing.",
            ));
        }
    };
    Ok(web::Json(tokens.into()))
}

fn required<'a>(
    form: &'a Parameters,
    name: &str,
    missing: &'static str,
) -> OauthProblemResult<&'a str> {
    form.get(name).ok_or_else(|| OauthProblem::new(OauthErrorCode::InvalidRequest, missing))
}
