//! What a client is asked for beside a face.

use faceauth_domain::second_factor::{PasskeyName, SecondFactorMode};
use faceauth_store::passkeys::PasskeyRecord;
use faceauth_usecases::second_factor::{Asked, Next};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::webauthn::{CredentialJson, OptionsJson};
use crate::error::{ApiError, ApiResult, ErrorCode};

/// An intermediate success: the face was recognised, and nobody is signed in yet. Never a token.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorBody {
    /// Send it with the answer, within `expires_in` seconds, to any replica. It takes three answers
    /// and signs in once.
    #[schema(example = "VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4")]
    pub transaction: String,
    /// Seconds until it is too old.
    #[schema(example = 120)]
    pub expires_in: u64,
    /// What the person does next.
    pub next: NextBody,
    /// For the browser: `navigator.credentials.get` when a passkey is shown, and
    /// `navigator.credentials.create` when one is registered, after
    /// `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON`
    /// (WebAuthn Level 3).
    #[schema(value_type = OptionsJson)]
    pub options: Value,
}

/// A passkey to register.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RegisterPasskeyRequest {
    /// Of `/verify`, `/register` or `/me/passkeys/challenge`.
    #[schema(example = "VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4")]
    pub transaction: String,
    /// What its owner calls it.
    #[schema(example = "my phone", min_length = 1, max_length = 64)]
    pub name: String,
    /// What the browser answered to the options.
    #[schema(value_type = CredentialJson)]
    pub credential: Map<String, Value>,
}

/// What the person does next.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NextBody {
    /// Show a passkey at `/verify/passkey`, or a recovery code at `/verify/recovery-code`.
    ShowPasskey,
    /// Register the first passkey at `/register/passkey`.
    RegisterPasskey,
}

impl SecondFactorBody {
    pub(crate) fn new(asked: Asked) -> ApiResult<Self> {
        let Asked { transaction, expires_in, next, options } = asked;
        let options =
            serde_json::from_str(&options).map_err(|_| ApiError::new(ErrorCode::InternalError))?;
        let next = match next {
            Next::ShowPasskey => NextBody::ShowPasskey,
            Next::RegisterPasskey => NextBody::RegisterPasskey,
        };
        Ok(Self { transaction, expires_in, next, options })
    }
}

/// When a face is not enough.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecondFactorModeBody {
    /// There are no passkeys here.
    Off,
    /// Whoever has a passkey is asked for it.
    Offered,
    /// Everybody needs a passkey.
    Required,
}

impl From<SecondFactorMode> for SecondFactorModeBody {
    fn from(mode: SecondFactorMode) -> Self {
        match mode {
            SecondFactorMode::Off => Self::Off,
            SecondFactorMode::Offered => Self::Offered,
            SecondFactorMode::Required => Self::Required,
        }
    }
}

/// A passkey of the account. Never its key.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyBody {
    /// Identifier.
    pub id: Uuid,
    /// What its owner calls it.
    #[schema(example = "my phone")]
    pub name: String,
    /// `synced`: the device may copy it to other devices of its owner. `device_bound`: it says that
    /// it never leaves the device.
    #[schema(example = "synced")]
    pub kind: &'static str,
    /// When it was registered.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// When it last signed its owner in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl From<PasskeyRecord> for PasskeyBody {
    fn from(passkey: PasskeyRecord) -> Self {
        let PasskeyRecord { id, name, kind, created_at, last_used_at } = passkey;
        Self { id, name, kind: kind.as_str(), created_at, last_used_at }
    }
}

/// The name of a passkey, in the field `name`.
pub(crate) fn passkey_name(text: &str) -> ApiResult<PasskeyName> {
    PasskeyName::parse(text).ok_or_else(|| {
        ApiError::at(ErrorCode::InvalidField, "/name")
            .detail("A passkey's name is one line of 1 to 64 characters.")
    })
}
