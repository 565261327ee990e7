//! The form of a client's request (RFC 6749, appendix B).

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev};
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::parameters::Parameters;

use super::bytes::Limited;
use super::{check_coding, media_type};
use crate::error::{ApiError, ErrorCode, OauthProblem};

/// Most bytes of a form. A client assertion and a long authorization request together have some
/// thousand.
const FORM_BYTES: usize = 16 * 1024;

/// What a client sends to `/token` and the endpoints beside it.
pub(crate) struct OauthForm(pub Parameters);

impl FromRequest for OauthForm {
    type Error = OauthProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, OauthProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = Limited::new(payload.take(), &request, FORM_BYTES);
        Box::pin(async move {
            if media_type(&request).as_deref() != Some("application/x-www-form-urlencoded") {
                return Err(OauthProblem::new(
                    OauthErrorCode::InvalidRequest,
                    "Send application/x-www-form-urlencoded.",
                ));
            }
            check_coding(&request)?;
            payload.check_announced()?;
            let body = payload.all().await?;
            let text =
                std::str::from_utf8(&body).map_err(|_| ApiError::new(ErrorCode::InvalidField))?;
            parameters(text).map(Self)
        })
    }
}

/// The parameters of a query or a form.
fn parameters(encoded: &str) -> Result<Parameters, OauthProblem> {
    Parameters::of_query(encoded)
        .map_err(|_| OauthProblem::new(OauthErrorCode::InvalidRequest, "A parameter stands twice."))
}
