//! The error contract: one closed table of codes, and the problem details that carry them
//! (RFC 9457).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use faceauth_domain::capture::ImageRejection;
use faceauth_usecases::events::Denied;
use serde::Serialize;
use utoipa::ToSchema;

mod code;
mod oauth;
mod refusal;

use crate::wire::liveness::LivenessResponse;

pub use code::ErrorCode;
pub(crate) use oauth::{OauthErrorBody, OauthProblem, OauthProblemResult, PendingOauth};

/// Media type of problem details.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which a client may try a full service again. The queue drains in less.
const OVERLOADED_RETRY_SECONDS: u32 = 1;
/// Seconds after which a client may try again when the database or a model is unavailable.
const UNAVAILABLE_RETRY_SECONDS: u32 = 5;

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
    challenge: Option<&'static str>,
    liveness: Option<Box<LivenessResponse>>,
    /// What is known about the refused caller, only for the log of security events.
    denied: Option<Box<Denied>>,
}

pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// Which part of the request a code is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON pointer (RFC 6901) into the request; form fields are named as their JSON twins.
    #[schema(example = "/face_images/1")]
    pub pointer: String,
    /// What is wrong there.
    pub code: ErrorCode,
}

/// Problem details (RFC 9457). `code` is what programs should look at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Identifies the kind of problem: `urn:faceauth:error:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:faceauth:error:no_face")]
    pub kind: String,
    /// The code in words.
    #[schema(example = "No face was found")]
    pub title: &'static str,
    /// HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What to do next.
    #[schema(example = "Face the camera in good light.")]
    pub detail: Cow<'static, str>,
    /// The code.
    pub code: ErrorCode,
    /// The request, for questions to the operator.
    #[schema(example = "0192a4f1-7c3e-7b6a-9d2f-3e5a8c1b4d70")]
    pub request_id: String,
    /// Parts of the request this is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The verdict, when a liveness capture was refused: why, and the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Box<LivenessResponse>>,
}

/// Whole seconds of a wait, rounded up, so that a client that waits exactly this long is not refused
/// again.
pub(crate) fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode) -> Self {
        let retry_after = match code {
            ErrorCode::Overloaded => Some(OVERLOADED_RETRY_SECONDS),
            ErrorCode::ModelUnavailable | ErrorCode::DatabaseUnavailable => {
                Some(UNAVAILABLE_RETRY_SECONDS)
            }
            _ => None,
        };
        let challenge = match code {
            ErrorCode::TokenInvalid | ErrorCode::TokenExpired => {
                Some("Bearer error=\"invalid_token\"")
            }
            ErrorCode::InsufficientScope => Some("Bearer error=\"insufficient_scope\""),
            _ => None,
        };
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after,
            challenge,
            liveness: None,
            denied: None,
        }
    }

    /// A code about one part of the request.
    pub(crate) fn at(code: ErrorCode, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        Self { errors: vec![FieldError { pointer, code }], ..Self::new(code) }
    }

    /// Says what to do in words of its own. Never repeats what the client sent.
    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names the parts of another refusal as well.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// `WWW-Authenticate` of the answer.
    pub(crate) fn challenge(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// Adds the refused caller and the cause, for the log of security events.
    pub(crate) fn denied(mut self, denied: Denied) -> Self {
        self.denied = Some(Box::new(denied));
        self
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// An image that was refused before decoding.
    pub(crate) fn image(rejection: ImageRejection, pointer: &str) -> Self {
        let code = match rejection {
            ImageRejection::TooManyBytes => ErrorCode::PayloadTooLarge,
            ImageRejection::UnsupportedFormat => ErrorCode::UnsupportedMediaType,
            ImageRejection::FormatMismatch => ErrorCode::ImageFormatMismatch,
            ImageRejection::DimensionsTooLarge => ErrorCode::ImageDimensionsTooLarge,
            ImageRejection::TooMuchWork => {
                return Self::at(ErrorCode::ImageDimensionsTooLarge, pointer).detail(
                    "It has more scans or pixels than a photo of its bytes: save it as a plain \
                     JPEG, or smaller.",
                );
            }
            ImageRejection::Undecodable => ErrorCode::ImageUndecodable,
        };
        Self::at(code, pointer)
    }

    /// The answer's body.
    pub(crate) fn problem(&self, request_id: String) -> Problem {
        Problem {
            kind: format!("urn:faceauth:error:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: self.detail.clone().unwrap_or(Cow::Borrowed(self.code.advice())),
            code: self.code,
            request_id,
            errors: self.errors.clone(),
            retry_after: self.retry_after,
            liveness: self.liveness.clone(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// The body is written by `headers`, which knows the request id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge);
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        let mut response = response.finish();
        let denied = self.denied.as_deref().cloned();
        response
            .extensions_mut()
            .insert(PendingProblem { problem: self.problem(String::new()), denied });
        response
    }
}

/// A problem that still lacks its request id, on its way through the response.
pub(crate) struct PendingProblem {
    pub problem: Problem,
    /// What the log of security events says of it.
    pub denied: Option<Denied>,
}
