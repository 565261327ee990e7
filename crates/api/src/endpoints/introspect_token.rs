//! `POST /oauth/introspect`.

use actix_web::{HttpRequest, web};
use faceauth_usecases::Context;
use faceauth_usecases::oauth::authenticate::authenticate;
use faceauth_usecases::oauth::introspect::{self, ActiveToken};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::browser::Provider;
use crate::auth::client_credentials;
use crate::error::{OauthErrorBody, OauthProblemResult};
use crate::extract::OauthForm;
use crate::problems::problems;
use crate::wire::presented_token::{PresentedTokenRequest, presented_token};

/// What a token is worth now. Of one that is not good, only that is said.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct IntrospectionBody {
    /// Whether the token is good now.
    #[schema(example = true)]
    active: bool,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://id.example.org")]
    iss: Option<String>,
    /// The person, as the client of the token knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0192a4f1-7c3e-7b6a-9d2f-3e5a8c1b4d70")]
    sub: Option<String>,
    /// For whom it is. An API looks for itself here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["https://id.example.org/userinfo", "https://api.example.org"]))]
    aud: Option<Vec<String>>,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "timesheets")]
    client_id: Option<String>,
    /// `Bearer` for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
    /// What the client was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "openid profile")]
    scope: Option<String>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
    /// When the person was authenticated, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_795_858_200)]
    auth_time: Option<i64>,
    /// How; see the documentation of passkeys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "urn:faceauth:acr:face-liveness")]
    acr: Option<String>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_795_858_200)]
    iat: Option<i64>,
    /// From when on it is worth nothing, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_795_859_100)]
    exp: Option<i64>,
    /// The access token itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<Uuid>,
}

impl IntrospectionBody {
    fn of_good(issuer: &str, token: ActiveToken) -> Self {
        Self {
            active: true,
            iss: Some(issuer.to_owned()),
            sub: Some(token.subject),
            aud: Some(token.audience),
            client_id: Some(token.client_id),
            token_type: token.access_token_id.map(|_| "Bearer"),
            scope: Some(token.scope),
            sid: Some(token.session),
            auth_time: Some(token.auth_time),
            acr: Some(token.acr),
            iat: Some(token.issued_at),
            exp: Some(token.expires_at),
            jti: token.access_token_id,
        }
    }
}

problems!(IntrospectionProblems: caller; NotFound);

/// Ask what a token is worth
///
/// For an API that wants to know whether a session still lives (RFC 7662). An app may ask about its
/// own tokens, and about access tokens that are for its `audience`. Only apps that authenticate may
/// ask. Whatever is not good, or none of the app's business, is `{"active": false}`.
#[utoipa::path(
    post,
    path = "/oauth/introspect",
    tag = "oidc",
    operation_id = "introspect_token",
    security((), ("client_secret" = [])),
    request_body(
        content = PresentedTokenRequest,
        content_type = "application/x-www-form-urlencoded",
    ),
    responses(
        (status = 200, description = "What the token is worth.", body = IntrospectionBody),
        (status = 400, description = "What is wrong.", body = OauthErrorBody),
        (status = 401, description = "The client has not proved who it is.", body = OauthErrorBody),
        IntrospectionProblems,
    ),
)]
pub(crate) async fn introspect_token(
    context: web::Data<Context>,
    _: Provider,
    request: HttpRequest,
    form: OauthForm,
) -> OauthProblemResult<web::Json<IntrospectionBody>> {
    let credentials = client_credentials(&request, &form.0)?;
    let client = authenticate(&context, &credentials).await?.client;
    let active = introspect::introspect(&context, &client, presented_token(&form.0)?).await?;
    let good = active.map(|token| IntrospectionBody::of_good(context.tokens.issuer(), token));
    Ok(web::Json(good.unwrap_or_default()))
}
