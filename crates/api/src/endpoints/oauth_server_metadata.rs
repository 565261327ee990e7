//! `GET /.well-known/oauth-authorization-server`.

use actix_web::{HttpResponse, web};
use faceauth_usecases::Context;

use super::openid_configuration::{ProviderMetadata, answer};
use crate::auth::browser::Provider;
use crate::problems::problems;

problems!(MetadataProblems: caller; NotFound);

/// OAuth server metadata
///
/// The same as the OpenID Connect configuration, at the address of RFC 8414.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "oidc",
    operation_id = "oauth_server_metadata",
    security(()),
    responses(
        (status = 200, description = "The metadata.", body = ProviderMetadata),
        MetadataProblems,
    ),
)]
pub(crate) async fn oauth_server_metadata(
    context: web::Data<Context>,
    _: Provider,
) -> HttpResponse {
    answer(&context)
}
