//! The refusals of clients' requests, as OAuth answers them: JSON with `error` and
//! `error_description` (RFC 6749, 5.2), and no problem details.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_usecases::Error;
use faceauth_usecases::events::Denied;
use faceauth_usecases::oauth::{OauthError, OauthRefusal};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, ErrorCode, UNAVAILABLE_RETRY_SECONDS};

/// How a client that has not proved who it is shall do so (RFC 6749, 5.2).
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"clients\"");

/// Body of a refusal.
#[derive(Serialize, ToSchema)]
pub(crate) struct OauthErrorBody {
    /// What is wrong, a word of RFC 6749 or OpenID Connect.
    #[schema(example = "invalid_grant")]
    pub error: &'static str,
    /// The same for the client's developer.
    #[schema(example = "The code is unknown, used or too old.")]
    pub error_description: &'static str,
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct OauthProblem(Box<OauthRefusal>);

pub(crate) type OauthProblemResult<T> = Result<T, OauthProblem>;

/// Marks an answer as ours, and says what the log of security events says of it.
pub(crate) struct PendingOauth {
    pub denied: Option<Denied>,
}

impl OauthProblem {
    pub(crate) fn new(code: OauthErrorCode, description: &'static str) -> Self {
        Self(Box::new(OauthRefusal { code, description, denied: None }))
    }
}

impl From<OauthError> for OauthProblem {
    fn from(error: OauthError) -> Self {
        match error {
            OauthError::Refused(refusal) => Self(refusal),
            OauthError::Failed(error) => error.into(),
        }
    }
}

impl From<Error> for OauthProblem {
    /// A failure of ours. It is logged where every other use case's are.
    fn from(error: Error) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for OauthProblem {
    fn from(error: ApiError) -> Self {
        let status = error.code().status();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return Self::new(
                OauthErrorCode::TemporarilyUnavailable,
                "The service is busy, or its database is away. Try again in some seconds.",
            );
        }
        if status.is_client_error() {
            let description = match error.code() {
                ErrorCode::PayloadTooLarge => "The body is too large.",
                ErrorCode::RequestTimeout => "The body arrives too slowly.",
                _ => "The request cannot be read.",
            };
            return Self::new(OauthErrorCode::InvalidRequest, description);
        }
        Self::new(OauthErrorCode::ServerError, "Something went wrong on our side.")
    }
}

impl fmt::Display for OauthProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())
    }
}

impl ResponseError for OauthProblem {
    fn status_code(&self) -> StatusCode {
        match self.0.code {
            OauthErrorCode::InvalidClient | OauthErrorCode::InvalidToken => {
                StatusCode::UNAUTHORIZED
            }
            OauthErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
            OauthErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            OauthErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let OauthRefusal { code, description, denied } = &*self.0;
        let mut answer = HttpResponse::build(self.status_code());
        match code {
            OauthErrorCode::InvalidClient => {
                answer.insert_header((header::WWW_AUTHENTICATE, BASIC));
            }
            // RFC 6750, 3.
            OauthErrorCode::InvalidToken | OauthErrorCode::InsufficientScope => {
                let challenge = format!("Bearer error=\"{}\"", code.as_str());
                answer.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            OauthErrorCode::TemporarilyUnavailable => {
                answer.insert_header((header::RETRY_AFTER, UNAVAILABLE_RETRY_SECONDS));
            }
            _ => {}
        }
        let body = OauthErrorBody { error: code.as_str(), error_description: description };
        let mut answer = answer.json(body);
        answer.extensions_mut().insert(PendingOauth { denied: denied.clone() });
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_the_status_of_its_standard() {
        for code in OauthErrorCode::ALL {
            let status = OauthProblem::new(*code, "why").error_response().status();
            let expected = match code.as_str() {
                "invalid_client" | "invalid_token" => 401,
                "insufficient_scope" => 403,
                "server_error" => 500,
                "temporarily_unavailable" => 503,
                _ => 400,
            };
            assert_eq!(status.as_u16(), expected, "{}", code.as_str());
        }
    }
}
