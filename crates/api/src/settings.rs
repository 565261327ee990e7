//! Resolved settings of the HTTP surface.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use faceauth_domain::policy::Policy;
use faceauth_store::retention::Retention;
use ipnet::IpNet;
use secrecy::SecretBox;

/// Everything the HTTP surface is told.
pub struct ApiSettings {
    /// Address to listen on.
    pub bind: SocketAddr,
    /// Event loops.
    pub http_workers: usize,
    /// Origins browsers may call from, exactly.
    pub cors_origins: Vec<Origin>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Requests a minute.
    pub limits: LimitSettings,
    /// Who may register.
    pub registration: Registration,
    /// What sign-ins are decided by.
    pub policy: Policy,
    /// Tokens.
    pub tokens: TokenSettings,
    /// How long accounts and events are kept.
    pub retention: Retention,
    /// Folder of the built page, if it is served.
    pub frontend_dir: Option<PathBuf>,
    /// Requests with pictures that are worked on at once, and of as many the bodies in memory.
    pub max_in_flight: usize,
    /// Key of the hashes that stand for client addresses and idempotency keys.
    pub client_hash_key: SecretBox<[u8; 32]>,
}

/// Requests a minute from one client address, and bursts of as many.
#[derive(Debug, Clone, Copy)]
pub struct LimitSettings {
    /// `/register`, `/verify` and `/liveness` together.
    pub sign_in_per_minute: NonZeroU32,
    /// `/detect`.
    pub detect_per_minute: NonZeroU32,
    /// `/me` and `/token`.
    pub account_per_minute: NonZeroU32,
    /// Requests with an API key.
    pub service_per_minute: NonZeroU32,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Services with an API key that may enrol.
    Service,
    /// Nobody.
    Closed,
}

/// Names and lifetimes of tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// Lifetime of an access token.
    pub access_ttl: Duration,
    /// Lifetime of a refresh token.
    pub refresh_ttl: Duration,
    /// Lifetime of a session, however often it is renewed.
    pub session_ttl: Duration,
}

/// A web origin: scheme, host and perhaps port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no web origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is http:// or https:// with a host and no path, for example https://app.example.org"
)]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let uri: actix_web::http::Uri = text.parse().map_err(|_| OriginError)?;
        let scheme = uri.scheme_str().filter(|s| ["http", "https"].contains(s));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err(OriginError);
        };
        // A parsed URI always has a path; an origin is written without one.
        let written = format!("{scheme}://{authority}");
        if written != text || authority.as_str().contains('@') || authority.host().contains('*') {
            return Err(OriginError);
        }
        Ok(Self(written))
    }
}

/// A network of proxies, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

impl TrustedProxy {
    /// Whether `address` belongs to it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address with a prefix length, for example 10.0.0.0/8")]
pub struct TrustedProxyError;

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, TrustedProxyError> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map(Self).map_err(|_| TrustedProxyError)
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for good in ["https://app.example.org", "http://localhost:5173"] {
            assert_eq!(good.parse::<Origin>().unwrap().as_str(), good);
        }
        for bad in ["*", "https://*", "app.example.org", "https://a/", "https://a/b", "ftp://a", ""]
        {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError), "{bad}");
        }
    }

    #[test]
    fn proxies_are_networks_or_addresses() {
        let network: TrustedProxy = "10.0.0.0/8".parse().unwrap();
        assert!(network.contains("10.9.8.7".parse().unwrap()));
        assert!(!network.contains("11.0.0.1".parse().unwrap()));
        let one: TrustedProxy = "::1".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
        assert_eq!("everybody".parse::<TrustedProxy>(), Err(TrustedProxyError));
    }
}
