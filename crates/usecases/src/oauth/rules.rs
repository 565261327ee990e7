//! What a deployment says of OpenID Connect.

use faceauth_domain::oauth::client::Client;

pub use faceauth_domain::oauth::credential::ClientCredential as Credential;

/// Whether and for whom people are signed in by OpenID Connect. The default: for nobody.
#[derive(Debug, Clone, Default)]
pub struct OidcRules {
    /// Whether this service is an OpenID Connect provider.
    pub enabled: bool,
    /// The clients that the configuration names.
    pub clients: Vec<RegisteredClient>,
}

/// A client, and how it proves that it is the one.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// What its proof is held against.
    pub credential: Credential,
}
