//! The log of security events: who did what to whom, from where, in which request.
//!
//! Everything with the target [`SECURITY_EVENTS`] is written by [`Event::log`]. An event without
//! an actor, a subject or an origin does not compile. The words and their meaning are in
//! [`kind`], and docs/operations.md shows the same table. No event holds a picture, a vector, a
//! score, a secret, an address or a name as typed.

mod kind;

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use faceauth_domain::user::{UserId, Username};
use uuid::Uuid;

pub(crate) use kind::EventKind;

use crate::error::{ApiError, ErrorCode};
use crate::limit::ClientAddress;
use crate::state::{AppState, HashPurpose};

/// The target of security events: what a log filter or a file of their own selects.
pub const SECURITY_EVENTS: &str = "faceauth::security";

/// Bytes kept of a keyed hash: enough to tell repeats apart.
const HASH_BYTES: usize = 16;

/// What stands where an event has no client or no request.
const NONE: &str = "none";

/// A keyed hash that stands for an address or a claimed name.
pub(crate) type ShortHash = [u8; HASH_BYTES];

/// Who acts, as far as they have proved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Actor {
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
pub(crate) enum Subject {
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
    pub(crate) fn of(state: &AppState, account: Option<UserId>, name: Option<&Username>) -> Self {
        match (account, name) {
            (Some(account), _) => Self::Account(account),
            (None, Some(name)) => {
                Self::Name(short_hash(state, HashPurpose::ClaimedName, name.key().as_bytes()))
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

/// Where a request came from, whoever is behind it. A handler takes it as a parameter and
/// names the actor: [`Source::by`].
#[derive(Debug, Clone)]
pub(crate) struct Source {
    client: ShortHash,
    request_id: String,
}

impl Source {
    /// The source of a request.
    pub(crate) fn new(request: &ServiceRequest, request_id: String) -> Self {
        let client = request.app_data::<web::Data<ClientAddress>>();
        let client = client.and_then(|clients| clients.of_request(request.request()));
        let state = request.app_data::<web::Data<AppState>>();
        let client = state.map(|state| client_hash(state, client)).unwrap_or_default();
        Self { client, request_id }
    }

    /// Who is behind it.
    pub(crate) fn by(self, actor: Actor) -> Origin {
        Origin { actor, client: Some(self.client), request_id: Some(self.request_id) }
    }

    /// The id of the request.
    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl FromRequest for Source {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let source = request.extensions().get::<Self>().cloned();
        std::future::ready(source.ok_or_else(|| ApiError::new(ErrorCode::InternalError)))
    }
}

/// Who acts, and where the request came from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    actor: Actor,
    client: Option<ShortHash>,
    request_id: Option<String>,
}

impl Origin {
    /// Work that FaceAuth does by itself: there is no request and no client.
    pub(crate) fn upkeep() -> Self {
        Self { actor: Actor::Upkeep, client: None, request_id: None }
    }

    /// The same request, once more is known of who is behind it.
    pub(crate) fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// Somebody who has proved nothing is the device they sent a token of.
    pub(crate) fn on_device(&self, device: Option<Uuid>) -> Self {
        match (&self.actor, device) {
            (Actor::Anonymous, Some(device)) => self.by(Actor::Device(device)),
            _ => self.clone(),
        }
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The keyed hash of the client address.
    pub(crate) fn client(&self) -> Vec<u8> {
        self.client.unwrap_or_default().to_vec()
    }

    /// Logs an event that needs no words of its own.
    pub(crate) fn log(&self, kind: EventKind, subject: Subject) {
        Event { kind, origin: self, subject, details: Details::default() }.log();
    }
}

/// What some kinds of events say besides.
#[derive(Debug, Default)]
pub(crate) struct Details<'a> {
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
pub(crate) struct Event<'a> {
    pub kind: EventKind,
    pub origin: &'a Origin,
    pub subject: Subject,
    pub details: Details<'a>,
}

impl Event<'_> {
    /// Writes it into the log.
    pub(crate) fn log(self) {
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

/// What is known of a refusal when the answer is made; see [`ApiError::denied`].
#[derive(Debug, Clone)]
pub(crate) struct Denied {
    pub kind: EventKind,
    pub actor: Actor,
    pub subject: Subject,
    pub reason: &'static str,
    pub session: Option<Uuid>,
}

impl Denied {
    /// Credentials that are missing or not good: whoever sent them has proved nothing.
    pub(crate) fn credentials(reason: &'static str) -> Self {
        Self {
            kind: EventKind::CredentialsRefused,
            actor: Actor::Anonymous,
            subject: Subject::Unknown,
            reason,
            session: None,
        }
    }
}

/// Logs a refusal that has to do with who is calling. Every answer passes here, so that no
/// refusal is forgotten; `denied` says more where more is known.
pub(crate) fn refused(
    source: &Source,
    code: ErrorCode,
    retry_after: Option<u32>,
    denied: Option<Denied>,
) {
    let Some(kind) = EventKind::of_refusal(code) else { return };
    let denied = denied.unwrap_or(Denied {
        kind,
        actor: Actor::Anonymous,
        subject: Subject::Unknown,
        reason: code.as_str(),
        session: None,
    });
    let Denied { kind, actor, subject, reason, session } = denied;
    let origin = source.clone().by(actor);
    let details = Details { reason: Some(reason), retry_after, session, ..Details::default() };
    Event { kind, origin: &origin, subject, details }.log();
}

/// The keyed hash that stands for a client address.
fn client_hash(state: &AppState, client: Option<IpAddr>) -> ShortHash {
    let text = client.map(|address| address.to_string()).unwrap_or_default();
    short_hash(state, HashPurpose::Client, text.as_bytes())
}

fn short_hash(state: &AppState, purpose: HashPurpose, bytes: &[u8]) -> ShortHash {
    let mut short = [0; HASH_BYTES];
    short.copy_from_slice(&state.keyed_hash(purpose, &[bytes])[..HASH_BYTES]);
    short
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
