//! The actor and the subject of an event, and where its request came from.

use std::net::IpAddr;

use faceauth_domain::user::{UserId, Username};
use uuid::Uuid;

use crate::keyed_hash::{HashPurpose, KeyedHash};

/// Bytes kept of a keyed hash: enough to recognise repeats.
const HASH_BYTES: usize = 16;

/// A keyed hash that replaces an address or a claimed name.
pub type ShortHash = [u8; HASH_BYTES];

/// The party that acts, as far as it has proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A caller who has proved nothing.
    Anonymous,
    /// A device that has signed in to the account before. Anybody may hold it.
    Device(Uuid),
    /// A person who is signed in, by the session.
    Session(Uuid),
    /// The holder of the enrolment token of an account that was reset.
    EnrolmentToken,
    /// The holder of an invitation.
    Invitation,
    /// A service, by the prefix of its API key.
    ApiKey(String),
    /// A client of OpenID Connect that has proved who it is, or names itself and keeps no secret.
    Client(String),
    /// FaceAuth itself.
    Upkeep,
}

impl Actor {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Device(id) => format!("device:{id}"),
            Self::Session(id) => format!("session:{id}"),
            Self::EnrolmentToken => "enrolment_token".to_owned(),
            Self::Invitation => "invitation".to_owned(),
            Self::ApiKey(prefix) => format!("api_key:{prefix}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Upkeep => "upkeep".to_owned(),
        }
    }
}

/// Whom or what an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An account.
    Account(UserId),
    /// A claimed name that is not known to have an account: a keyed hash of it.
    Name(ShortHash),
    /// A key of a service, by its prefix.
    ApiKey(String),
    /// A client of OpenID Connect.
    Client(String),
    /// Nobody was named, or the name could not be read.
    Unknown,
}

impl Subject {
    /// The account, or the name that was claimed, or nobody.
    #[must_use]
    pub fn of(hashes: &KeyedHash, account: Option<UserId>, name: Option<&Username>) -> Self {
        match (account, name) {
            (Some(account), _) => Self::Account(account),
            (None, Some(name)) => {
                Self::Name(short_hash(hashes, HashPurpose::ClaimedName, name.key().as_bytes()))
            }
            (None, None) => Self::Unknown,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Name(hash) => format!("name:{}", hex(hash)),
            Self::ApiKey(prefix) => format!("api_key:{prefix}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// The actor, and where the request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    actor: Actor,
    /// The prefix of the API key of the request, whoever acts.
    service: Option<String>,
    pub(super) client: Option<ShortHash>,
    pub(super) request_id: Option<String>,
}

impl Origin {
    /// A request: its actor, and where it came from.
    #[must_use]
    pub fn new(actor: Actor, client: ShortHash, request_id: String) -> Self {
        let service = match &actor {
            Actor::ApiKey(prefix) => Some(prefix.clone()),
            _ => None,
        };
        Self { actor, service, client: Some(client), request_id: Some(request_id) }
    }

    /// Work that FaceAuth does without a request and a client.
    #[must_use]
    pub fn upkeep() -> Self {
        Self { actor: Actor::Upkeep, service: None, client: None, request_id: None }
    }

    /// The same request, when more is known about its actor.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// A caller who has proved nothing else is the device of the token.
    #[must_use]
    pub fn on_device(&self, device: Option<Uuid>) -> Self {
        match (&self.actor, device) {
            (Actor::Anonymous, Some(device)) => self.by(Actor::Device(device)),
            _ => self.clone(),
        }
    }

    /// The same request, which a service sends for the actor.
    #[must_use]
    pub fn through(self, service: Option<&str>) -> Self {
        Self { service: service.map(str::to_owned), ..self }
    }

    /// The prefix of the API key of the request, whoever acts.
    pub(crate) fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The actor.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The keyed hash of the client address.
    #[must_use]
    pub fn client(&self) -> Vec<u8> {
        self.client.unwrap_or_default().to_vec()
    }
}

/// The keyed hash that replaces a client address.
#[must_use]
pub fn client_hash(hashes: &KeyedHash, client: Option<IpAddr>) -> ShortHash {
    let text = client.map(|address| address.to_string()).unwrap_or_default();
    short_hash(hashes, HashPurpose::Client, text.as_bytes())
}

fn short_hash(hashes: &KeyedHash, purpose: HashPurpose, bytes: &[u8]) -> ShortHash {
    let mut short = [0; HASH_BYTES];
    short.copy_from_slice(&hashes.of(purpose, &[bytes])[..HASH_BYTES]);
    short
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
