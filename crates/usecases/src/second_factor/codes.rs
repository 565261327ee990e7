//! Recovery codes of an account: what is shown once, and what is kept.

use faceauth_domain::second_factor::RECOVERY_CODES;
use faceauth_domain::user::UserId;
use faceauth_tokens::recovery::RecoveryCode;

use crate::context::Context;
use crate::error::Result;
use crate::keyed_hash::HashPurpose;

/// Codes that are yet to be stored.
pub(crate) struct NewCodes {
    /// What their owner is shown, once.
    pub texts: Vec<String>,
    /// What is kept.
    pub hashes: Vec<[u8; 32]>,
}

impl NewCodes {
    /// Codes for the account `user`.
    pub(crate) fn random(context: &Context, user: UserId) -> Result<Self> {
        let codes =
            (0..RECOVERY_CODES).map(|_| RecoveryCode::random()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            texts: codes.iter().map(RecoveryCode::text).collect(),
            hashes: codes.iter().map(|code| hash(context, user, code)).collect(),
        })
    }
}

/// What is kept of a code. It is bound to the account, and worth nothing without the deployment's
/// key.
pub(crate) fn hash(context: &Context, user: UserId, code: &RecoveryCode) -> [u8; 32] {
    context.hashes.of(HashPurpose::RecoveryCode, &[user.0.as_bytes(), code.expose()])
}
