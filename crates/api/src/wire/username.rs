//! Claimed names.

use faceauth_domain::user::Username;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Parses a claimed name at `/username`.
pub(crate) fn parse_username(text: &str) -> ApiResult<Username> {
    Username::parse(text).map_err(|reason| {
        ApiError::at(ErrorCode::InvalidField, "/username").detail(format!("Mend it: {reason}."))
    })
}
