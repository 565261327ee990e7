//! `GET /.well-known/openid-configuration`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use faceauth_domain::authentication::Authentication;
use faceauth_domain::oauth::client::ClientAuthentication;
use faceauth_domain::oauth::scope::OauthScope;
use faceauth_usecases::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::browser::Provider;
use crate::problems::problems;

/// How long clients may keep it.
const CACHE: &str = "public, max-age=300";

/// Algorithms of client assertions.
const ASSERTION_ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "RS256", "PS256"];

/// Claims that a client can be told.
const CLAIMS: [&str; 14] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "exp",
    "iat",
    "iss",
    "name",
    "nonce",
    "preferred_username",
    "sid",
    "sub",
    "client_id",
];

/// What a client has to know of this provider (OpenID Connect Discovery 1.0, RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://id.example.org",
    "authorization_endpoint": "https://id.example.org/authorize",
    "token_endpoint": "https://id.example.org/token",
    "userinfo_endpoint": "https://id.example.org/userinfo",
    "jwks_uri": "https://id.example.org/.well-known/jwks.json",
    "end_session_endpoint": "https://id.example.org/end-session",
    "revocation_endpoint": "https://id.example.org/oauth/revoke",
    "introspection_endpoint": "https://id.example.org/oauth/introspect",
    "pushed_authorization_request_endpoint": "https://id.example.org/oauth/par",
    "scopes_supported": ["openid", "profile", "offline_access"],
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "subject_types_supported": ["public", "pairwise"],
    "id_token_signing_alg_values_supported": ["EdDSA"],
    "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA", "RS256", "PS256"],
    "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
    "revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA", "RS256", "PS256"],
    "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "introspection_endpoint_auth_signing_alg_values_supported": ["ES256", "EdDSA"],
    "code_challenge_methods_supported": ["S256"],
    "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
    "acr_values_supported": ["urn:faceauth:acr:face", "urn:faceauth:acr:face-liveness"],
    "claims_supported": ["sub", "name", "preferred_username"],
    "ui_locales_supported": ["de", "en"],
    "authorization_response_iss_parameter_supported": true,
    "claims_parameter_supported": false,
    "request_parameter_supported": false,
    "request_uri_parameter_supported": false,
    "require_pushed_authorization_requests": false,
}))]
pub(crate) struct ProviderMetadata {
    /// `iss` of tokens and answers.
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    pushed_authorization_request_endpoint: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    subject_types_supported: [&'static str; 2],
    id_token_signing_alg_values_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 5],
    acr_values_supported: Vec<String>,
    claims_supported: [&'static str; 14],
    ui_locales_supported: [&'static str; 2],
    authorization_response_iss_parameter_supported: bool,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_pushed_authorization_requests: bool,
}

/// The metadata of this deployment.
pub(super) fn metadata(context: &Context) -> ProviderMetadata {
    let issuer = context.tokens.issuer();
    let at = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
    let methods: Vec<_> = ClientAuthentication::ALL.into_iter().map(|way| way.as_str()).collect();
    // A client that only names itself may ask about no token.
    let proving = ClientAuthentication::ALL
        .into_iter()
        .filter(|way| *way != ClientAuthentication::None)
        .map(|way| way.as_str())
        .collect();
    ProviderMetadata {
        issuer: issuer.to_owned(),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        userinfo_endpoint: at("/userinfo"),
        jwks_uri: at("/.well-known/jwks.json"),
        end_session_endpoint: at("/end-session"),
        revocation_endpoint: at("/oauth/revoke"),
        introspection_endpoint: at("/oauth/introspect"),
        pushed_authorization_request_endpoint: at("/oauth/par"),
        scopes_supported: OauthScope::ALL.into_iter().map(OauthScope::as_str).collect(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        subject_types_supported: ["public", "pairwise"],
        id_token_signing_alg_values_supported: [context.tokens.signing_algorithm_name()],
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        introspection_endpoint_auth_methods_supported: proving,
        introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        code_challenge_methods_supported: ["S256"],
        prompt_values_supported: ["none", "login", "consent", "select_account", "create"],
        acr_values_supported: Authentication::ALL.iter().map(|shown| shown.acr()).collect(),
        claims_supported: CLAIMS,
        ui_locales_supported: ["de", "en"],
        authorization_response_iss_parameter_supported: true,
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        require_pushed_authorization_requests: false,
    }
}

/// The answer of both addresses.
pub(super) fn answer(context: &Context) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHE)).json(metadata(context))
}

problems!(ConfigurationProblems: caller; NotFound);

/// OpenID Connect configuration
///
/// What a client has to know of this provider. Most libraries read it by themselves.
#[utoipa::path(
    get,
    path = "/.well-known/openid-configuration",
    tag = "oidc",
    operation_id = "openid_configuration",
    security(()),
    responses(
        (status = 200, description = "The metadata.", body = ProviderMetadata),
        ConfigurationProblems,
    ),
)]
pub(crate) async fn openid_configuration(context: web::Data<Context>, _: Provider) -> HttpResponse {
    answer(&context)
}
