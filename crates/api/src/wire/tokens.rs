//! The tokens of a sign-in.

use faceauth_usecases::session::{IssuedTokens, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use super::user::UserBody;

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensBody {
    /// How the access token is sent.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// JWT (RFC 9068), verified by the keys at `/.well-known/jwks.json`.
    #[schema(example = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl")]
    pub access_token: String,
    /// Lifetime of the access token in seconds.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Opaque; good for one `POST /token/refresh`.
    #[schema(example = "fr_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4uLi4")]
    pub refresh_token: String,
    /// Lifetime of the refresh token in seconds.
    #[schema(example = 2_592_000)]
    pub refresh_expires_in: u64,
    /// Only in the answer of a sign-in: keep it on the device and send it with the next sign-in.
    /// Failures of others then do not make this device wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
}

impl From<IssuedTokens> for TokensBody {
    fn from(tokens: IssuedTokens) -> Self {
        Self {
            token_type: "Bearer",
            access_token: tokens.access_token,
            expires_in: tokens.expires_in,
            refresh_token: tokens.refresh_token,
            refresh_expires_in: tokens.refresh_expires_in,
            device_token: tokens.device_token,
        }
    }
}

/// Somebody who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInBody {
    #[serde(flatten)]
    pub tokens: TokensBody,
    /// The person.
    pub user: UserBody,
}

impl From<SignedIn> for SignedInBody {
    fn from(signed_in: SignedIn) -> Self {
        Self { tokens: signed_in.tokens.into(), user: signed_in.user.into() }
    }
}
