//! Which clients there are: those of the configuration, and those that the command line has made.

use faceauth_domain::oauth::client::ClientId;
use faceauth_tokens::TokenSettings;

use crate::context::Context;
use crate::error::Result;
use crate::oauth::rules::RegisteredClient;

/// Begins the audiences of tokens that the service issues to itself.
const OWN_AUDIENCES: &str = "urn:faceauth:";

/// The client that is called so. The configuration comes first.
///
/// # Errors
/// A failure of ours.
pub async fn find(context: &Context, client_id: &str) -> Result<Option<RegisteredClient>> {
    let configured = context.oidc.clients.iter();
    let named = configured.into_iter().find(|known| known.client.id().as_str() == client_id);
    if let Some(known) = named {
        return Ok(Some(known.clone()));
    }
    // A text that is no id names no client.
    let Ok(id) = client_id.parse::<ClientId>() else { return Ok(None) };
    let Some(stored) = context.store.client(&id).await? else { return Ok(None) };
    // The configuration may have changed since the client was made.
    if stored.client.audience().is_some_and(|audience| is_ours(context.tokens.settings(), audience))
    {
        tracing::warn!(
            client = id.as_str(),
            "the audience of a client is one of the service's own"
        );
        return Ok(None);
    }
    Ok(Some(RegisteredClient { client: stored.client, credential: stored.credential }))
}

/// Whether `audience` is one that the service itself answers to. No client may have it: its tokens
/// would open what only the page's own tokens may.
#[must_use]
pub fn is_ours(settings: &TokenSettings, audience: &str) -> bool {
    let issuer = settings.issuer.trim_end_matches('/');
    audience == settings.audience
        || audience.starts_with(OWN_AUDIENCES)
        || audience
            .strip_prefix(issuer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn no_client_has_an_audience_of_the_service() {
        let settings = TokenSettings {
            issuer: "https://faceauth.test/".to_owned(),
            audience: "faceauth".to_owned(),
            access_ttl: Duration::ZERO,
            refresh_ttl: Duration::ZERO,
            session_ttl: Duration::ZERO,
        };
        for ours in [
            "faceauth",
            "https://faceauth.test",
            "https://faceauth.test/",
            "https://faceauth.test/userinfo",
            "urn:faceauth:device",
        ] {
            assert!(is_ours(&settings, ours), "{ours}");
        }
        for other in ["https://api.example.org", "https://faceauth.test.example", "faceauth2"] {
            assert!(!is_ours(&settings, other), "{other}");
        }
    }
}
