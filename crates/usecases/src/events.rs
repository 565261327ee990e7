//! The log of security events: who did what to whom, from where, in which request.
//!
//! Everything with the target [`SECURITY_EVENTS`] is written by [`Event::log`]. An event without
//! an actor, a subject or an origin does not compile. The words and their meaning are in
//! [`kind`], and docs/operations.md shows the same table. No event holds a picture, a vector, a
//! score, a secret, an address or a name as typed.

mod kind;

use std::net::IpAddr;

use faceauth_domain::user::{UserId, Username};
use uuid::Uuid;

pub use kind::EventKind;

use crate::keyed_hash::{HashPurpose, KeyedHash};

/// The target of security events: what a log filter or a file of their own selects.
pub const SECURITY_EVENTS: &str = "faceauth::security";

/// Bytes kept of a keyed hash: enough to tell repeats apart.
const HASH_BYTES: usize = 16;

/// What stands where an event has no client or no request.
const NONE: &str = "none";

/// A keyed hash that stands for an address or a claimed name.
pub type ShortHash = [u8; HASH_BYTES];

/// Who acts, as far as they have proved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has proved nothing.
    Anonymous,
    /// A device that has signed in to the account before. It says nothing of who holds it.
    Device(Uuid),
    /// Who is signed in, by the session.
    Session(Uuid),
    /// Who has the enrolment token of an account that was reset.
    EnrolmentToken,
    /// A service, by the prefix of its API key.
    ApiKey(String),
    /// FaceAuth itself.
    Upkeep,
}

impl Actor {
    fn text(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Device(id) => format!("device:{id}"),
            Self::Session(id) => format!("session:{id}"),
            Self::EnrolmentToken => "enrolment_token".to_owned(),
            Self::ApiKey(prefix) => format!("api_key:{prefix}"),
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
    /// Nobody has been named, or nothing that can be read.
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

    fn text(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Name(hash) => format!("name:{}", hex(hash)),
            Self::ApiKey(prefix) => format!("api_key:{prefix}"),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// Who acts, and where the request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    actor: Actor,
    client: Option<ShortHash>,
    request_id: Option<String>,
}

impl Origin {
    /// A request: who is behind it, and where it came from.
    #[must_use]
    pub fn new(actor: Actor, client: ShortHash, request_id: String) -> Self {
        Self { actor, client: Some(client), request_id: Some(request_id) }
    }

    /// Work that FaceAuth does by itself: there is no request and no client.
    #[must_use]
    pub fn upkeep() -> Self {
        Self { actor: Actor::Upkeep, client: None, request_id: None }
    }

    /// The same request, once more is known of who is behind it.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// Somebody who has proved nothing is the device they sent a token of.
    #[must_use]
    pub fn on_device(&self, device: Option<Uuid>) -> Self {
        match (&self.actor, device) {
            (Actor::Anonymous, Some(device)) => self.by(Actor::Device(device)),
            _ => self.clone(),
        }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The keyed hash of the client address.
    #[must_use]
    pub fn client(&self) -> Vec<u8> {
        self.client.unwrap_or_default().to_vec()
    }

    /// Logs an event that needs no words of its own.
    pub fn log(&self, kind: EventKind, subject: Subject) {
        Event { kind, origin: self, subject, details: Details::default() }.log();
    }
}

/// What some kinds of events say besides.
#[derive(Debug, Default)]
pub struct Details<'a> {
    /// How an attempt ended.
    pub outcome: Option<&'static str>,
    /// Why something was refused.
    pub reason: Option<&'static str>,
    /// What was shown.
    pub assurance: Option<&'static str>,
    /// Why a liveness capture was refused.
    pub liveness_reasons: Option<String>,
    /// Whether the passive PAD score counted as bona fide.
    pub pad_bona_fide: Option<bool>,
    /// The model in use.
    pub model: Option<&'a str>,
    /// Seconds to wait.
    pub retry_after: Option<u32>,
    /// The session of a token that proves nothing any more.
    pub session: Option<Uuid>,
}

/// A security event.
#[derive(Debug)]
pub struct Event<'a> {
    /// What has happened.
    pub kind: EventKind,
    /// Who did it, from where, in which request.
    pub origin: &'a Origin,
    /// To whom.
    pub subject: Subject,
    /// What else is known.
    pub details: Details<'a>,
}

impl Event<'_> {
    /// Writes it into the log.
    pub fn log(self) {
        let Self { kind, origin, subject, details } = self;
        let client = origin.client.as_ref().map_or_else(|| NONE.to_owned(), |hash| hex(hash));
        let request_id = origin.request_id.as_deref().unwrap_or(NONE);
        // The level of a call is fixed when it is compiled.
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: SECURITY_EVENTS,
                    $level,
                    event = kind.as_str(),
                    actor = origin.actor.text(),
                    subject = subject.text(),
                    client,
                    // In the event itself: a filter that selects these alone drops the span.
                    request_id,
                    outcome = details.outcome,
                    reason = details.reason,
                    assurance = details.assurance,
                    reasons = details.liveness_reasons,
                    pad_bona_fide = details.pad_bona_fide,
                    model = details.model,
                    retry_after = details.retry_after,
                    session = details.session.map(|session| session.to_string()),
                    "security event"
                )
            };
        }
        if kind.is_warning() { line!(tracing::Level::WARN) } else { line!(tracing::Level::INFO) }
    }
}

/// What is known of a refusal when the answer is made; it goes along with the refusal.
#[derive(Debug, Clone)]
pub struct Denied {
    /// What has happened.
    pub kind: EventKind,
    /// Who was refused.
    pub actor: Actor,
    /// About whom.
    pub subject: Subject,
    /// Why, in a word.
    pub reason: &'static str,
    /// The session of a token that proves nothing any more.
    pub session: Option<Uuid>,
}

impl Denied {
    /// Credentials that are missing or not good: whoever sent them has proved nothing.
    #[must_use]
    pub fn credentials(reason: &'static str) -> Self {
        Self {
            kind: EventKind::CredentialsRefused,
            actor: Actor::Anonymous,
            subject: Subject::Unknown,
            reason,
            session: None,
        }
    }
}

/// The keyed hash that stands for a client address.
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
