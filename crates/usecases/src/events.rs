//! The log of security events. Each has an actor, an action, a subject, a client and a request.
//!
//! Everything with the target [`SECURITY_EVENTS`] is written by [`Event::log`]. An event without
//! an actor, a subject or an origin does not compile. The words and their meaning are in
//! [`kind`], and docs/operations.md shows the same table. No event holds a picture, a vector, a
//! score, a secret, an address or a name as typed.

mod kind;
mod party;

use uuid::Uuid;

pub use kind::EventKind;
pub use party::{Actor, Origin, ShortHash, Subject, client_hash};

use party::hex;

/// The target of security events: what a log filter or a file of their own selects.
pub const SECURITY_EVENTS: &str = "faceauth::security";

/// What stands where an event has no client or no request.
const NONE: &str = "none";

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
    /// What was found of the attestation of a capture.
    pub attestation: Option<&'static str>,
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
                    actor = origin.actor().text(),
                    subject = subject.text(),
                    client,
                    // In the event itself: a filter that selects these alone drops the span.
                    request_id,
                    outcome = details.outcome,
                    reason = details.reason,
                    assurance = details.assurance,
                    reasons = details.liveness_reasons,
                    attestation = details.attestation,
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
    /// The refused caller.
    pub actor: Actor,
    /// About whom.
    pub subject: Subject,
    /// Why, in a word.
    pub reason: &'static str,
    /// The session of a token that proves nothing any more.
    pub session: Option<Uuid>,
}

impl Denied {
    /// Missing or invalid credentials. Their sender has proved nothing.
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

    /// A caller who may not do this here.
    #[must_use]
    pub fn access(reason: &'static str) -> Self {
        Self { kind: EventKind::AccessRefused, ..Self::credentials(reason) }
    }
}

impl Origin {
    /// Logs an event that needs no words of its own.
    pub fn log(&self, kind: EventKind, subject: Subject) {
        Event { kind, origin: self, subject, details: Details::default() }.log();
    }
}
