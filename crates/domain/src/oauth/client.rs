//! An application that sends people here to sign in.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::redirect_uri::RedirectUri;
use crate::line::visible_line;

/// Longest client id in characters.
pub const MAX_CLIENT_ID_CHARS: usize = 64;

/// Longest name of a client in characters. People read it on the sign-in page.
pub const MAX_CLIENT_NAME_CHARS: usize = 64;

/// Most redirect URIs of a client: stages and platforms of one app. Also the most addresses to
/// come back to after a logout.
pub const MAX_REDIRECT_URIS: usize = 20;

/// Longest audience or sector in bytes.
pub const MAX_AUDIENCE_BYTES: usize = 256;

/// What a client is called in requests: letters, digits and `. _ ~ -`, so that it means the same in
/// a form, in a header and in an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

impl ClientId {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClientId {
    type Err = ClientFlaw;

    fn from_str(text: &str) -> Result<Self, ClientFlaw> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        let fits = (1..=MAX_CLIENT_ID_CHARS).contains(&text.len());
        if fits && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientFlaw::Id)
        }
    }
}

/// How a client proves at the token endpoint that it is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// Not at all: an app in a browser or on a phone can keep no secret. PKCE protects its codes.
    None,
    /// A secret in the header `Authorization: Basic` (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// A JWT that it signs with its own key (RFC 7523).
    PrivateKeyJwt,
}

impl ClientAuthentication {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::None, Self::ClientSecretBasic, Self::PrivateKeyJwt];

    /// The registered word (OpenID Connect Core section 9).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

impl FromStr for ClientAuthentication {
    type Err = ClientFlaw;

    fn from_str(word: &str) -> Result<Self, ClientFlaw> {
        Self::ALL.into_iter().find(|way| way.as_str() == word).ok_or(ClientFlaw::Authentication)
    }
}

/// Why a registration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientFlaw {
    /// A client id with other characters, or too many.
    #[error("a client id has 1 to {MAX_CLIENT_ID_CHARS} ASCII letters, digits and . _ ~ -")]
    Id,
    /// A name that is no visible line.
    #[error("the name of a client is one line of 1 to {MAX_CLIENT_NAME_CHARS} visible characters")]
    Name,
    /// A word that is no way to authenticate.
    #[error("authentication is one of none, client_secret_basic, private_key_jwt")]
    Authentication,
    /// None, or too many.
    #[error("a client has 1 to {MAX_REDIRECT_URIS} redirect URIs, each once")]
    RedirectUris,
    /// Too many, or one twice.
    #[error("a client has at most {MAX_REDIRECT_URIS} addresses after logout, each once")]
    PostLogoutRedirectUris,
    /// No visible ASCII, or too long.
    #[error("an audience has 1 to {MAX_AUDIENCE_BYTES} visible ASCII characters")]
    Audience,
    /// Redirect URIs of several hosts, or of none, and no sector.
    #[error("pairwise subjects need a sector when the redirect URIs have no host or several hosts")]
    MissingSector,
    /// A sector that is no host name.
    #[error("a sector is a host name in lower case")]
    Sector,
    /// A sector without pairwise subjects.
    #[error("a sector is only for pairwise subjects")]
    UnusedSector,
}

/// What somebody registers, before it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRegistration {
    /// What the client is called in requests.
    pub id: ClientId,
    /// What people read on the sign-in page.
    pub name: String,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after a logout.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How the client authenticates.
    pub authentication: ClientAuthentication,
    /// Whether it belongs to the deployment itself. People are asked for consent only for others.
    pub first_party: bool,
    /// Whether its subjects are its own: no two sectors can tell that they know one person.
    pub pairwise: bool,
    /// Host that stands for a group of clients with the same pairwise subjects. Without one it is
    /// the host of the redirect URIs.
    pub sector: Option<String>,
    /// An API of the client: another `aud` of its access tokens.
    pub audience: Option<String>,
    /// Whether its authorization requests must be pushed (RFC 9126).
    pub require_par: bool,
    /// Whether it may have refresh tokens.
    pub offline_access: bool,
}

/// A client that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    registration: ClientRegistration,
    sector: Option<String>,
}

impl Client {
    /// Checks a registration.
    ///
    /// # Errors
    /// The first rule of [`ClientFlaw`] that it breaks.
    pub fn new(mut registration: ClientRegistration) -> Result<Self, ClientFlaw> {
        registration.name = visible_line(&registration.name, MAX_CLIENT_NAME_CHARS)
            .ok_or(ClientFlaw::Name)?
            .to_owned();
        let count = registration.redirect_uris.len();
        if !(1..=MAX_REDIRECT_URIS).contains(&count) || !all_differ(&registration.redirect_uris) {
            return Err(ClientFlaw::RedirectUris);
        }
        let after = &registration.post_logout_redirect_uris;
        if after.len() > MAX_REDIRECT_URIS || !all_differ(after) {
            return Err(ClientFlaw::PostLogoutRedirectUris);
        }
        let is_audience = |text: &String| {
            (1..=MAX_AUDIENCE_BYTES).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !registration.audience.as_ref().is_none_or(is_audience) {
            return Err(ClientFlaw::Audience);
        }
        let sector = sector(&registration)?;
        Ok(Self { registration, sector })
    }

    /// What was registered.
    #[must_use]
    pub fn registration(&self) -> &ClientRegistration {
        &self.registration
    }

    /// What the client is called in requests.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.registration.id
    }

    /// What people read on the sign-in page.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.registration.name
    }

    /// How the client authenticates.
    #[must_use]
    pub fn authentication(&self) -> ClientAuthentication {
        self.registration.authentication
    }

    /// Whether it can keep no secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.registration.authentication == ClientAuthentication::None
    }

    /// Whether nobody but this client gets and redeems a code that goes to `redirect_uri`. An app on
    /// a device that keeps no secret can be imitated by another app there (RFC 8252 section 8.6).
    #[must_use]
    pub fn is_assured_at(&self, redirect_uri: &RedirectUri) -> bool {
        !self.is_public() || redirect_uri.leads_to_its_owner()
    }

    /// Whether it belongs to the deployment itself, so that nobody is asked for consent.
    #[must_use]
    pub fn is_first_party(&self) -> bool {
        self.registration.first_party
    }

    /// What its pairwise subjects are made from. `None` when it sees the ids of accounts.
    #[must_use]
    pub fn sector(&self) -> Option<&str> {
        self.sector.as_deref()
    }

    /// Another `aud` of its access tokens: its own API.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.registration.audience.as_deref()
    }

    /// Whether its authorization requests must be pushed.
    #[must_use]
    pub fn requires_par(&self) -> bool {
        self.registration.require_par
    }

    /// Whether it may have refresh tokens.
    #[must_use]
    pub fn may_have_offline_access(&self) -> bool {
        self.registration.offline_access
    }

    /// The registered address that a request means by `presented`. The answer goes to `presented`,
    /// whose loopback port may differ.
    #[must_use]
    pub fn redirect_uri(&self, presented: &str) -> Option<&RedirectUri> {
        self.registration.redirect_uris.iter().find(|uri| uri.matches(presented))
    }

    /// The only registered address, for a request that may leave it out. `None` when there are
    /// several.
    #[must_use]
    pub fn only_redirect_uri(&self) -> Option<&RedirectUri> {
        match self.registration.redirect_uris.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The registered address after a logout that a request means by `presented`.
    #[must_use]
    pub fn post_logout_redirect_uri(&self, presented: &str) -> Option<&RedirectUri> {
        self.registration.post_logout_redirect_uris.iter().find(|uri| uri.matches(presented))
    }
}

fn all_differ(uris: &[RedirectUri]) -> bool {
    uris.iter().map(RedirectUri::as_str).collect::<BTreeSet<_>>().len() == uris.len()
}

/// The sector that the registration names, or the one host of its redirect URIs (OpenID Connect
/// Core section 8.1).
fn sector(registration: &ClientRegistration) -> Result<Option<String>, ClientFlaw> {
    match (registration.pairwise, &registration.sector) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(ClientFlaw::UnusedSector),
        (true, Some(sector)) if is_host(sector) => Ok(Some(sector.clone())),
        (true, Some(_)) => Err(ClientFlaw::Sector),
        (true, None) => {
            let hosts: BTreeSet<_> =
                registration.redirect_uris.iter().map(RedirectUri::host).collect();
            match hosts.into_iter().collect::<Vec<_>>().as_slice() {
                [Some(host)] => Ok(Some((*host).to_owned())),
                _ => Err(ClientFlaw::MissingSector),
            }
        }
    }
}

fn is_host(text: &str) -> bool {
    text.len() <= MAX_AUDIENCE_BYTES
        && url::Host::parse(text).is_ok_and(|host| host.to_string() == text)
}

#[cfg(test)]
mod tests;
