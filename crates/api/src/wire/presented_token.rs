//! The form that `/oauth/revoke` and `/oauth/introspect` take.

use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::parameters::Parameters;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{OauthProblem, OauthProblemResult};

/// A token that a client presents (RFC 7009, 2.1; RFC 7662, 2.1).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "token": "tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI",
    "token_type_hint": "refresh_token",
    "client_id": "timesheets",
}))]
#[expect(dead_code, reason = "documents what the handlers read")]
pub(crate) struct PresentedTokenRequest {
    /// The refresh token or access token.
    token: String,
    /// `refresh_token` or `access_token`. Not needed, and a wrong one does no harm.
    token_type_hint: Option<String>,
    /// The client, when it has no secret.
    client_id: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, of `private_key_jwt`.
    client_assertion_type: Option<String>,
    /// A JWT that the client has signed, of `private_key_jwt`.
    client_assertion: Option<String>,
}

/// The token of a form.
pub(crate) fn presented_token(form: &Parameters) -> OauthProblemResult<&str> {
    form.get("token")
        .ok_or_else(|| OauthProblem::new(OauthErrorCode::InvalidRequest, "token is missing."))
}
