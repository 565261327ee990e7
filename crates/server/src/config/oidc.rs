//! Clients that sign people in.

use std::path::PathBuf;

use serde::Deserialize;

use super::lenient;

/// OpenID Connect. Values that are not set follow the mode.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    pub enabled: Option<bool>,
    pub clients: Vec<OidcClient>,
}

/// A client of OpenID Connect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcClient {
    #[serde(deserialize_with = "lenient::text")]
    pub client_id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    #[serde(deserialize_with = "lenient::list")]
    pub redirect_uris: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub post_logout_redirect_uris: Vec<String>,
    /// `none`, `client_secret_basic` or `private_key_jwt`.
    pub authentication: String,
    /// File that holds the secret.
    pub secret_file: Option<PathBuf>,
    /// Public keys, a JWK set as JSON.
    pub jwks: Option<String>,
    #[serde(default)]
    pub first_party: bool,
    #[serde(default)]
    pub pairwise: bool,
    pub sector: Option<String>,
    pub audience: Option<String>,
    #[serde(default)]
    pub require_par: bool,
    #[serde(default)]
    pub offline_access: bool,
}
