//! Refusals that a library has written, put into our words.
//!
//! Libraries below the handlers answer some requests directly, with plain text or without a body.
//! Every answer passes `headers`, which asks here.

use actix_cors::CorsError;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;

use crate::error::{ApiError, ErrorCode, PROBLEM_JSON, PendingOauth, PendingProblem};

/// Our refusal in place of a library's, if `response` is one.
pub(crate) fn in_our_words(response: &HttpResponse) -> Option<ApiError> {
    let status = response.status();
    let ours = response.extensions().contains::<PendingProblem>()
        || response.extensions().contains::<PendingOauth>()
        || response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON);
    if ours || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let preflight = response.error().is_some_and(|error| error.as_error::<CorsError>().is_some());
    if preflight {
        return Some(ApiError::new(ErrorCode::InvalidField).detail(
            "This origin, method or header is not allowed for browsers of other origins.",
        ));
    }
    let code = match status {
        // Answers to conditions on a file and to a range of it, which are HTTP's own.
        StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE => return None,
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => ErrorCode::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => ErrorCode::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Overloaded,
        other if other.is_server_error() => ErrorCode::InternalError,
        _ => {
            let refusal = ApiError::new(ErrorCode::InvalidField);
            return Some(refusal.detail("The request cannot be read."));
        }
    };
    Some(ApiError::new(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;

    #[test]
    fn a_librarys_refusal_is_told_from_ours() {
        let code = |response: HttpResponse| in_our_words(&response).map(|error| error.code());
        assert_eq!(code(HttpResponse::NotFound().finish()), Some(ErrorCode::NotFound));
        assert_eq!(code(HttpResponse::BadRequest().body("no")), Some(ErrorCode::InvalidField));
        assert_eq!(code(HttpResponse::BadGateway().finish()), Some(ErrorCode::InternalError));
        assert_eq!(
            code(CorsError::OriginNotAllowed.error_response()),
            Some(ErrorCode::InvalidField)
        );
        assert_eq!(code(HttpResponse::Ok().finish()), None);
        assert_eq!(code(HttpResponse::NotModified().finish()), None);
        assert_eq!(code(HttpResponse::RangeNotSatisfiable().finish()), None);
        assert_eq!(code(ApiError::new(ErrorCode::Overloaded).error_response()), None);
    }
}
