//! An account, as answers name it.

use faceauth_domain::user::User;
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

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self { id: user.id.0, username: user.username.as_str().to_owned() }
    }
}
