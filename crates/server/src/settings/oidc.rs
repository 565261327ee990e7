//! Whether and for whom people are signed in by OpenID Connect.

use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};
use faceauth_api::client_secret;
use faceauth_api::settings::{
    ClientKeys, Credential, OidcRules, RegisteredClient, TokenSettings, is_own_audience,
};
use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientRegistration};
use faceauth_domain::oauth::redirect_uri::RedirectUri;
use secrecy::ExposeSecret;
use url::{Host, Url};

use crate::config::{self, Config, Mode};
use crate::keys;

/// Shortest secret of a client in characters: at least 128 bits when it is drawn at random.
const MIN_SECRET_CHARS: usize = 32;

/// Resolves OpenID Connect.
///
/// # Errors
/// When clients could not use the issuer, or a client breaks a rule. Names the client.
pub(super) fn rules(config: &Config, tokens: &TokenSettings) -> anyhow::Result<OidcRules> {
    let config::Oidc { enabled, clients } = &config.oidc;
    let usable = check_issuer(&tokens.issuer);
    let enabled = match enabled {
        Some(enabled) => *enabled,
        None => config.mode == Mode::Development && usable.is_ok(),
    };
    if !enabled {
        ensure!(
            clients.is_empty(),
            "oidc.clients names clients and OpenID Connect is off: set oidc.enabled = true"
        );
        return Ok(OidcRules::default());
    }
    usable?;
    let strict = config.mode == Mode::Production;
    let clients = clients
        .iter()
        .map(|client| {
            registered(client, tokens, strict)
                .with_context(|| format!("oidc.clients: {}", client.client_id))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let ids: BTreeSet<_> = clients.iter().map(|known| known.client.id()).collect();
    ensure!(ids.len() == clients.len(), "oidc.clients names a client_id twice");
    Ok(OidcRules { enabled, clients })
}

/// Clients find the other addresses below the issuer (OpenID Connect Discovery section 4).
fn check_issuer(issuer: &str) -> anyhow::Result<()> {
    let url = Url::parse(issuer).ok();
    let url = url.context("tokens.issuer is an https:// address for OpenID Connect")?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    ensure!(
        url.scheme() == "https" || (url.scheme() == "http" && loopback),
        "tokens.issuer is an https:// address for OpenID Connect, or http:// on this machine"
    );
    ensure!(
        url.query().is_none() && url.fragment().is_none() && !issuer.ends_with('/'),
        "tokens.issuer has no query, no fragment and no / at its end for OpenID Connect"
    );
    Ok(())
}

fn registered(
    client: &config::OidcClient,
    tokens: &TokenSettings,
    strict: bool,
) -> anyhow::Result<RegisteredClient> {
    let uris = |name: &str, texts: &[String]| {
        let uri =
            |text: &String| RedirectUri::parse(text).with_context(|| format!("{name}: {text}"));
        texts.iter().map(uri).collect::<anyhow::Result<Vec<_>>>()
    };
    let registration = ClientRegistration {
        id: client.client_id.parse()?,
        name: client.name.clone(),
        redirect_uris: uris("redirect_uris", &client.redirect_uris)?,
        post_logout_redirect_uris: uris(
            "post_logout_redirect_uris",
            &client.post_logout_redirect_uris,
        )?,
        authentication: client.authentication.parse()?,
        first_party: client.first_party,
        pairwise: client.pairwise,
        sector: client.sector.clone(),
        audience: client.audience.clone(),
        require_par: client.require_par,
        offline_access: client.offline_access,
    };
    let checked = Client::new(registration)?;
    if let Some(audience) = checked.audience() {
        ensure!(
            !is_own_audience(tokens, audience),
            "audience = \"{audience}\" is one of this service's own"
        );
    }
    let credential = credential(client, checked.authentication(), strict)?;
    Ok(RegisteredClient { client: checked, credential })
}

/// What the client's proof is held against. Never shows a secret.
fn credential(
    client: &config::OidcClient,
    authentication: ClientAuthentication,
    strict: bool,
) -> anyhow::Result<Credential> {
    match (authentication, &client.secret_file, &client.jwks) {
        (ClientAuthentication::None, None, None) => Ok(Credential::None),
        (ClientAuthentication::ClientSecretBasic, Some(file), None) => {
            let text = keys::read(file, strict).context("secret_file")?;
            let secret = text.expose_secret().trim();
            ensure!(
                secret.len() >= MIN_SECRET_CHARS
                    && secret.bytes().all(|byte| byte.is_ascii_graphic()),
                "secret_file holds one line of at least {MIN_SECRET_CHARS} visible ASCII characters"
            );
            Ok(Credential::SecretHash(client_secret::hash(secret)))
        }
        (ClientAuthentication::PrivateKeyJwt, None, Some(jwks)) => {
            ClientKeys::parse(jwks).context("jwks")?;
            Ok(Credential::Jwks(jwks.clone()))
        }
        (ClientAuthentication::None, ..) => {
            bail!("authentication = \"none\" has no secret_file and no jwks")
        }
        (ClientAuthentication::ClientSecretBasic, ..) => {
            bail!("authentication = \"client_secret_basic\" has a secret_file and no jwks")
        }
        (ClientAuthentication::PrivateKeyJwt, ..) => {
            bail!("authentication = \"private_key_jwt\" has jwks and no secret_file")
        }
    }
}
