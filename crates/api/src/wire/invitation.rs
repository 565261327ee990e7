//! Invitations, as they are sent.

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Most bytes of an invitation: more than any has, so that nothing long is hashed.
const INVITATION_MAX_BYTES: usize = 128;

/// Checks the length of an invitation at `/invitation`. Whether it is good, only the database knows.
pub(crate) fn parse_invitation(text: String) -> ApiResult<String> {
    if text.is_empty() || text.len() > INVITATION_MAX_BYTES {
        return Err(ApiError::at(ErrorCode::InvalidField, "/invitation"));
    }
    Ok(text)
}
