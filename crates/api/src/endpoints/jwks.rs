//! `GET /.well-known/jwks.json`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;

use crate::problems::problems;

/// How long verifiers may keep the set: the pace at which a key could be rotated in.
const CACHE: &str = "public, max-age=300";

problems!(JwksProblems: caller);

/// Verification keys
///
/// The public keys of access tokens as a JWK set (RFC 7517).
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "tokens",
    operation_id = "jwks",
    responses(
        (status = 200, description = "The key set.", body = Object, content_type = "application/jwk-set+json"),
        JwksProblems,
    ),
)]
pub(crate) async fn jwks(context: web::Data<Context>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .content_type("application/jwk-set+json")
        .body(context.tokens.jwks().to_string())
}
