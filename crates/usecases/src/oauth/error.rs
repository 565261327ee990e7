//! Why a client did not get what it asked for.

use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_store::StoreError;
use faceauth_store::account::AccountError;
use faceauth_tokens::TokenError;

use crate::error::Error;
use crate::events::Denied;

/// What a use case for a client answers.
pub type OauthResult<T> = std::result::Result<T, OauthError>;

/// Why a client did not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The request was refused.
    #[error("{}", .0.code.as_str())]
    Refused(Box<OauthRefusal>),
    /// Something of ours failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// A refusal, in the words of OAuth.
#[derive(Debug, Clone)]
pub struct OauthRefusal {
    /// `error` of the answer.
    pub code: OauthErrorCode,
    /// `error_description` of the answer: what the client's developer should know. Printable ASCII
    /// without quotes (RFC 6749, 5.2). Never repeats what was sent.
    pub description: &'static str,
    /// What the log of security events says of it, where it is one.
    pub denied: Option<Denied>,
}

impl OauthError {
    /// A refusal.
    #[must_use]
    pub fn refused(code: OauthErrorCode, description: &'static str) -> Self {
        Self::Refused(Box::new(OauthRefusal { code, description, denied: None }))
    }

    /// Adds what the log of security events says of it.
    #[must_use]
    pub fn denied(self, denied: Denied) -> Self {
        match self {
            Self::Refused(refusal) => {
                Self::Refused(Box::new(OauthRefusal { denied: Some(denied), ..*refusal }))
            }
            failed @ Self::Failed(_) => failed,
        }
    }
}

impl From<StoreError> for OauthError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AccountError> for OauthError {
    fn from(error: AccountError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<TokenError> for OauthError {
    fn from(error: TokenError) -> Self {
        Self::Failed(error.into())
    }
}
