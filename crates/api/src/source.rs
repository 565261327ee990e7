//! Where a request came from, and the log of refused callers.

use actix_web::dev::ServiceRequest;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use faceauth_usecases::Context;
use faceauth_usecases::events::{
    Actor, Denied, Details, Event, EventKind, Origin, ShortHash, Subject, client_hash,
};

use crate::error::{ApiError, ErrorCode};
use crate::limit::ClientAddress;

/// Where a request came from, without its actor. A handler takes it as a parameter and adds the
/// actor: [`Source::by`].
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
        let context = request.app_data::<web::Data<Context>>();
        let client = context.map(|context| client_hash(&context.hashes, client));
        Self { client: client.unwrap_or_default(), request_id }
    }

    /// The actor of the request.
    pub(crate) fn by(self, actor: Actor) -> Origin {
        Origin::new(actor, self.client, self.request_id)
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

/// Logs a refusal because of the caller. Every answer passes here, so no refusal is forgotten.
/// `denied` has more details where they are known.
pub(crate) fn log_refusal(
    source: &Source,
    code: ErrorCode,
    retry_after: Option<u32>,
    denied: Option<Denied>,
) {
    let Some(kind) = kind_of(code) else { return };
    let denied = denied.unwrap_or(Denied {
        kind,
        actor: Actor::Anonymous,
        subject: Subject::Unknown,
        reason: code.as_str(),
        session: None,
    });
    log_denied(source, denied, retry_after);
}

/// Logs what is known of a refusal because of the caller.
pub(crate) fn log_denied(source: &Source, denied: Denied, retry_after: Option<u32>) {
    let Denied { kind, actor, subject, reason, session } = denied;
    let origin = source.clone().by(actor);
    let details = Details { reason: Some(reason), retry_after, session, ..Details::default() };
    Event { kind, origin: &origin, subject, details }.log();
}

/// The event of a refusal because of the caller. `authentication_failed` is not one of them,
/// because the attempt has an event of its own.
const fn kind_of(code: ErrorCode) -> Option<EventKind> {
    match code {
        ErrorCode::TokenInvalid
        | ErrorCode::TokenExpired
        | ErrorCode::InvitationInvalid
        | ErrorCode::InvitationExpired => Some(EventKind::CredentialsRefused),
        ErrorCode::InsufficientScope
        | ErrorCode::ConsentRequired
        | ErrorCode::EnrolmentNotAllowed
        | ErrorCode::ForeignOrigin
        | ErrorCode::LivenessRequired => Some(EventKind::AccessRefused),
        ErrorCode::RateLimited => Some(EventKind::RateLimited),
        ErrorCode::TooManyFailures => Some(EventKind::Blocked),
        _ => None,
    }
}
