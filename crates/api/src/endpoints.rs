//! One file an endpoint: what it takes, what it answers, its documentation, its handler.

pub(crate) mod accounts;
pub(crate) mod attempts;
pub(crate) mod batch;
pub(crate) mod capture;
pub(crate) mod consent;
pub(crate) mod detect;
pub(crate) mod docs;
pub(crate) mod export;
pub(crate) mod faces;
pub(crate) mod health;
pub(crate) mod jwks;
pub(crate) mod liveness;
pub(crate) mod me;
pub(crate) mod register;
pub(crate) mod security_txt;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod verify;

use chrono::{DateTime, Utc};
use faceauth_usecases::session::{IssuedTokens, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// Identifier, `sub` of tokens.
    pub id: Uuid,
    /// The name the person signs in with, as first written.
    #[schema(example = "ada")]
    pub username: String,
}

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensBody {
    /// How the access token is sent.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// JWT (RFC 9068), verified by the keys at `/.well-known/jwks.json`.
    pub access_token: String,
    /// Lifetime of the access token in seconds.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Opaque; good for one `POST /token/refresh`.
    pub refresh_token: String,
    /// Lifetime of the refresh token in seconds.
    #[schema(example = 2_592_000)]
    pub refresh_expires_in: u64,
    /// Of a sign-in: keep it on the device and send it with the next one. Failures of others
    /// then do not make this device wait.
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
    /// Who.
    pub user: UserBody,
}

impl From<SignedIn> for SignedInBody {
    fn from(signed_in: SignedIn) -> Self {
        Self { tokens: signed_in.tokens.into(), user: signed_in.user.into() }
    }
}

impl From<faceauth_domain::user::User> for UserBody {
    fn from(user: faceauth_domain::user::User) -> Self {
        Self { id: user.id.0, username: user.username.as_str().to_owned() }
    }
}

/// An enrolled face. Never its vector.
#[derive(Serialize, ToSchema)]
pub(crate) struct FaceBody {
    /// Identifier.
    pub id: Uuid,
    /// The model its template was made with.
    #[schema(example = "sface+fr-feature+lm68")]
    pub model: String,
    /// When it was enrolled.
    pub created_at: DateTime<Utc>,
}

impl From<faceauth_store::templates::FaceRecord> for FaceBody {
    fn from(face: faceauth_store::templates::FaceRecord) -> Self {
        Self { id: face.id.0, model: face.model.as_str().to_owned(), created_at: face.created_at }
    }
}

/// How usable a picture of a face is.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityBody {
    /// Whether it can be used.
    pub acceptable: bool,
    /// What to change, most helpful first; empty when acceptable.
    pub reasons: Vec<crate::error::ErrorCode>,
}
