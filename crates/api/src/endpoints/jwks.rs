//! `GET /.well-known/jwks.json`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;
use utoipa::ToSchema;

use crate::problems::problems;

/// How long verifiers may keep the set: the pace at which a key could be rotated in.
const CACHE: &str = "public, max-age=300";

/// A JWK set (RFC 7517), as a schema.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema counts")]
pub(crate) struct KeySet {
    /// The keys that tokens may be signed with.
    keys: Vec<Key>,
}

/// A public key on Ed25519 (RFC 8037) or P-256 (RFC 7518), as a schema.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema counts")]
pub(crate) struct Key {
    /// Kind of the key: `OKP` or `EC`.
    #[schema(example = "OKP")]
    kty: String,
    /// Its curve: `Ed25519` or `P-256`.
    #[schema(example = "Ed25519")]
    crv: String,
    /// The algorithm it signs with.
    #[schema(example = "EdDSA")]
    alg: Option<String>,
    /// What it is for.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    used_for: Option<String>,
    /// Identifier, `kid` of tokens.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    /// The public key, or its first coordinate, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// The second coordinate of a key on P-256.
    y: Option<String>,
}

problems!(JwksProblems: caller);

/// Verification keys
///
/// The public keys of access tokens as a JWK set (RFC 7517).
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "tokens",
    operation_id = "jwks",
    security(()),
    responses(
        (status = 200, description = "The key set.", body = KeySet,
            content_type = "application/jwk-set+json"),
        JwksProblems,
    ),
)]
pub(crate) async fn jwks(context: web::Data<Context>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .content_type("application/jwk-set+json")
        .body(context.tokens.jwks().to_string())
}
