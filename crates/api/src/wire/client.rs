//! A client that an account holder has signed in to.

use chrono::{DateTime, Utc};
use faceauth_store::clients::ClientConsent;
use faceauth_usecases::oauth::connected::ConnectedClient;
use serde::Serialize;
use utoipa::ToSchema;

/// A client that the account holder has signed in to.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectedClientBody {
    /// The client.
    #[schema(example = "shop")]
    client_id: String,
    /// Its name. Missing when it is registered no more, and in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The Shop")]
    name: Option<String>,
    /// What it was given, in the words of OAuth.
    #[schema(example = json!(["openid", "profile"]))]
    scopes: Vec<String>,
    /// Whether the account holder was asked. Nobody is asked for apps of the deployment itself.
    #[schema(example = true)]
    asked: bool,
    /// When the account holder first signed in to it.
    first_used_at: DateTime<Utc>,
    /// When the account holder last signed in to it.
    last_used_at: DateTime<Utc>,
}

impl From<ConnectedClient> for ConnectedClientBody {
    fn from(ConnectedClient { given, name }: ConnectedClient) -> Self {
        Self { name, ..given.into() }
    }
}

impl From<ClientConsent> for ConnectedClientBody {
    fn from(given: ClientConsent) -> Self {
        Self {
            client_id: given.client_id,
            name: None,
            scopes: given.scopes,
            asked: given.asked,
            first_used_at: given.granted_at,
            last_used_at: given.last_used_at,
        }
    }
}
