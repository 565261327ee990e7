//! Resolved settings of the HTTP surface.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use faceauth_domain::policy::Policy;
use faceauth_store::retire::Retention;
use secrecy::SecretBox;

pub use faceauth_tokens::TokenSettings;
pub use faceauth_tokens::client_assertion::ClientKeys;
pub use faceauth_usecases::oauth::clients::is_ours as is_own_audience;
pub use faceauth_usecases::oauth::rules::{Credential, OidcRules, RegisteredClient};
pub use faceauth_usecases::{AttestationRules, Registration, SecondFactorRules};

mod origin;
mod page_look;
mod proxy;
mod security_txt;

pub use origin::{Origin, OriginError};
pub use page_look::{Accent, Logo, PageLook, PageLookError, PageName, Scheme};
pub use proxy::{TrustedProxy, TrustedProxyError};
pub use security_txt::{SecurityTxt, SecurityTxtError, SecurityTxtFields};

/// All settings of the HTTP surface.
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
    /// Whether and for whom people are signed in by OpenID Connect.
    pub oidc: OidcRules,
    /// Who may register.
    pub registration: Registration,
    /// Address of the page, for links of invitations.
    pub page_url: Option<String>,
    /// How the page looks.
    pub page_look: PageLook,
    /// What sign-ins are decided by.
    pub policy: Policy,
    /// Whose attestations of captures count.
    pub attestation: AttestationRules,
    /// What is asked for beside a face.
    pub second_factor: SecondFactorRules,
    /// Tokens.
    pub tokens: TokenSettings,
    /// How long accounts and events are kept.
    pub retention: Retention,
    /// Folder of the built page, if it is served.
    pub frontend_dir: Option<PathBuf>,
    /// Whether Swagger UI is served at `/docs`.
    pub docs: bool,
    /// Where to report a weakness, if configured.
    pub security_txt: Option<SecurityTxt>,
    /// Requests with pictures that are worked on at once, and of as many the bodies in memory.
    pub max_in_flight: usize,
    /// Key of the hashes that replace client addresses and idempotency keys.
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
    /// Everything else but probes: files of the page, documentation, public keys, methods that a
    /// path does not have, addresses that do not exist.
    pub other_per_minute: NonZeroU32,
}
