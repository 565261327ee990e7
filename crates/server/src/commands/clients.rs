//! `faceauth clients`: the clients of the OpenID Connect provider, made by the operator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use faceauth_api::client_secret::{self, ClientSecret};
use faceauth_domain::clock::Clock;
use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientId, ClientRegistration};
use faceauth_domain::oauth::credential::ClientCredential;
use faceauth_domain::oauth::redirect_uri::RedirectUri;
use faceauth_store::clients::StoredClient;
use uuid::Uuid;

use super::database::with_store;
use crate::clock::SystemClock;

/// What is done with clients.
#[derive(Subcommand)]
pub enum Command {
    /// Register an app or a site that signs people in here, and print its id and its secret, once.
    Create(Box<Create>),
    /// List the clients, without their secrets.
    List,
    /// Give a client a new secret, or new keys. The one before is good no more, at once.
    Rotate {
        /// The client.
        client_id: ClientId,
        /// File with the new public keys, for a client that signs with a key.
        #[arg(long, value_name = "FILE")]
        jwks: Option<PathBuf>,
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Remove a client. It signs nobody in any more, and its sessions end.
    Remove {
        /// The client.
        client_id: ClientId,
    },
}

/// What a client is.
#[derive(Args)]
pub struct Create {
    /// What people read on the sign-in page.
    #[arg(long)]
    name: String,
    /// What the client is called in requests; random when not set.
    #[arg(long = "id", value_name = "CLIENT_ID")]
    id: Option<ClientId>,
    /// Where answers go: https, http on a loopback address, or a scheme of the app. May be repeated.
    #[arg(long = "redirect-uri", value_name = "URI", required = true)]
    redirect_uris: Vec<RedirectUri>,
    /// Where the browser may go after a logout; may be repeated.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// It keeps no secret: an app in a browser or on a phone.
    #[arg(long, conflicts_with = "jwks")]
    public: bool,
    /// It signs with a key of its own (`private_key_jwt`): file with its public keys, a JWK set.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// It belongs to the deployment itself. People are not asked for their consent.
    #[arg(long)]
    first_party: bool,
    /// Its subjects are its own: no other client can tell that both know one person.
    #[arg(long)]
    pairwise: bool,
    /// Host that several clients with the same pairwise subjects share.
    #[arg(long, value_name = "HOST", requires = "pairwise")]
    sector: Option<String>,
    /// An API of the client: another `aud` of its access tokens.
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// Its requests must be pushed (RFC 9126).
    #[arg(long)]
    require_par: bool,
    /// It may have refresh tokens.
    #[arg(long)]
    offline_access: bool,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// As the command has them.
    pub fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(config),
            Self::List => list(config),
            Self::Rotate { client_id, jwks, json } => {
                rotate(config, &client_id, jwks.as_deref(), json)
            }
            Self::Remove { client_id } => remove(config, &client_id),
        }
    }
}

/// A new credential, and the secret when it is one.
struct Fresh {
    credential: ClientCredential,
    secret: Option<ClientSecret>,
}

/// Makes the credential of a client that authenticates in this way.
///
/// # Errors
/// When the keys cannot be read or are not public keys, or there is no randomness.
fn fresh(authentication: ClientAuthentication, jwks: Option<&Path>) -> anyhow::Result<Fresh> {
    match (authentication, jwks) {
        (ClientAuthentication::None, None) => {
            Ok(Fresh { credential: ClientCredential::None, secret: None })
        }
        (ClientAuthentication::ClientSecretBasic, None) => {
            let secret = ClientSecret::random().context("no randomness")?;
            Ok(Fresh {
                credential: ClientCredential::SecretHash(secret.hash()),
                secret: Some(secret),
            })
        }
        (ClientAuthentication::PrivateKeyJwt, Some(path)) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            client_secret::check_public_keys(&text)
                .with_context(|| format!("{} is no set of public keys", path.display()))?;
            Ok(Fresh { credential: ClientCredential::Jwks(text), secret: None })
        }
        (ClientAuthentication::PrivateKeyJwt, None) => {
            anyhow::bail!("the client signs with a key: name the file of its public keys (--jwks)")
        }
        (_, Some(_)) => anyhow::bail!("the client has no keys: leave --jwks out"),
    }
}

impl Create {
    fn run(self, config: Option<&Path>) -> anyhow::Result<()> {
        let authentication = match (self.public, &self.jwks) {
            (true, _) => ClientAuthentication::None,
            (false, Some(_)) => ClientAuthentication::PrivateKeyJwt,
            (false, None) => ClientAuthentication::ClientSecretBasic,
        };
        let Fresh { credential, secret } = fresh(authentication, self.jwks.as_deref())?;
        let id = match self.id {
            Some(id) => id,
            None => Uuid::new_v4().to_string().parse()?,
        };
        let client = Client::new(ClientRegistration {
            id,
            name: self.name,
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            authentication,
            first_party: self.first_party,
            pairwise: self.pairwise,
            sector: self.sector,
            audience: self.audience,
            require_par: self.require_par,
            offline_access: self.offline_access,
        })?;
        let id = client.id().clone();
        let now = SystemClock.now();
        let stored = StoredClient { client, credential, created_at: now, credential_at: now };
        let created = with_store(config, async |store| Ok(store.create_client(&stored).await?))?;
        ensure!(created, "another client is called {id}: choose another --id");
        print(&id, secret.as_ref(), self.json);
        Ok(())
    }
}

/// Prints what the client needs.
fn print(id: &ClientId, secret: Option<&ClientSecret>, json: bool) {
    if json {
        let mut words = serde_json::json!({ "client_id": id.as_str() });
        if let Some(secret) = secret {
            words["client_secret"] = secret.text().into();
        }
        println!("{words}");
        return;
    }
    println!("client_id      {id}");
    if let Some(secret) = secret {
        eprintln!("Keep the secret now: it is not stored and cannot be shown again.");
        println!("client_secret  {}", secret.text());
    }
}

/// Lists the clients that the command line has made.
///
/// # Errors
/// When the database cannot be reached.
fn list(config: Option<&Path>) -> anyhow::Result<()> {
    let clients = with_store(config, async |store| Ok(store.clients().await?))?;
    println!(
        "{:<36} {:<19} {:<12} {:<12} name",
        "client id", "authentication", "made", "credential"
    );
    for stored in clients {
        let it = stored.client.registration();
        let day = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d").to_string();
        println!(
            "{:<36} {:<19} {:<12} {:<12} {}",
            it.id.as_str(),
            it.authentication.as_str(),
            day(stored.created_at),
            day(stored.credential_at),
            it.name
        );
    }
    Ok(())
}

/// Gives a client another credential.
///
/// # Errors
/// When there is no such client, it has no credential, or the database cannot be reached.
fn rotate(
    config: Option<&Path>,
    id: &ClientId,
    jwks: Option<&Path>,
    json: bool,
) -> anyhow::Result<()> {
    let found = with_store(config, async |store| Ok(store.client(id).await?))?;
    let found = found.with_context(|| unknown(id))?;
    let authentication = found.client.registration().authentication;
    ensure!(
        authentication != ClientAuthentication::None,
        "{id} keeps no secret: there is nothing to rotate"
    );
    let Fresh { credential, secret } = fresh(authentication, jwks)?;
    let now = SystemClock.now();
    let rotated =
        with_store(config, async |store| Ok(store.rotate_client(id, &credential, now).await?))?;
    ensure!(rotated, unknown(id));
    print(id, secret.as_ref(), json);
    Ok(())
}

/// Removes a client.
///
/// # Errors
/// When there is none, or the database cannot be reached.
fn remove(config: Option<&Path>, id: &ClientId) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let removed = with_store(config, async |store| Ok(store.remove_client(id, now).await?))?;
    ensure!(removed, unknown(id));
    println!("{id} is removed");
    Ok(())
}

fn unknown(id: &ClientId) -> String {
    format!("the command line has made no client {id}: see `faceauth clients list`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        _command: Command,
    }

    #[test]
    fn a_client_has_one_way_to_prove_itself() {
        let parse = |words: &str| Line::try_parse_from(words.split(' '));
        let base = "clients create --name App --redirect-uri https://app.example.org/callback";
        for good in ["", " --public", " --jwks keys.json", " --id app --pairwise --sector a.test"] {
            assert!(parse(&format!("{base}{good}")).is_ok(), "{good}");
        }
        for odd in [" --public --jwks keys.json", " --sector a.test", " --id a/b"] {
            assert!(parse(&format!("{base}{odd}")).is_err(), "{odd}");
        }
        assert!(parse("clients create --name App").is_err());
        let foreign = "clients create --name App --redirect-uri http://app.example.org/callback";
        assert!(parse(foreign).is_err());
    }
}
