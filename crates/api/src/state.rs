//! What every request can reach; built once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::analyzer::{FaceAnalyzer, Keep};
use faceauth_domain::clock::Clock;
use faceauth_store::Store;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use uuid::{NoContext, Timestamp, Uuid};

use crate::budget::Budgets;
use crate::places::Places;
use crate::settings::{ApiSettings, Registration};
use crate::tokens::{TokenIssuer, TokenKeys};
use faceauth_domain::policy::Policy;

/// What stands behind the HTTP surface.
pub struct Services {
    /// Rows.
    pub store: Store,
    /// Pixels to evidence.
    pub analyzer: Arc<dyn FaceAnalyzer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The keys of tokens.
    pub keys: TokenKeys,
}

/// The state shared by every event loop.
pub(crate) struct AppState {
    pub store: Store,
    pub analyzer: Arc<dyn FaceAnalyzer>,
    pub clock: Arc<dyn Clock>,
    pub tokens: TokenIssuer,
    pub policy: Policy,
    pub registration: Registration,
    /// How long pictures of enrolled faces are kept; `None` when none are.
    pub enrolment_image: Option<TimeDelta>,
    pub places: Places,
    pub budgets: Budgets,
    hash_key: SecretBox<[u8; 32]>,
}

/// What a keyed hash is for. Different purposes give unrelated hashes of one value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HashPurpose {
    /// A client address in the audit trail.
    Client,
    /// A claimed name in the log of security events.
    ClaimedName,
    /// An `Idempotency-Key`.
    IdempotencyKey,
    /// The key of one person of a batch.
    BatchKey,
    /// The content of a registration.
    Registration,
    /// A frame or clip of a liveness capture, to know it again.
    Frame,
    /// The face that a liveness token is bound to.
    SeenFace,
    /// The refresh token that follows one.
    NextRefreshToken,
}

impl HashPurpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Client => b"faceauth client address v1",
            Self::ClaimedName => b"faceauth claimed name v1",
            Self::IdempotencyKey => b"faceauth idempotency key v1",
            Self::BatchKey => b"faceauth batch key v1",
            Self::Registration => b"faceauth registration v1",
            Self::Frame => b"faceauth liveness frame v1",
            Self::SeenFace => b"faceauth seen face v1",
            Self::NextRefreshToken => b"faceauth next refresh token v1",
        }
    }
}

impl AppState {
    pub(crate) fn new(settings: &mut ApiSettings, services: Services) -> Self {
        let empty = SecretBox::new(Box::new([0; 32]));
        Self {
            tokens: TokenIssuer::new(services.keys, settings.tokens.clone()),
            store: services.store,
            analyzer: services.analyzer,
            clock: services.clock,
            policy: settings.policy.clone(),
            registration: settings.registration,
            enrolment_image: settings.retention.enrolment_image,
            places: Places::new(settings.max_in_flight),
            budgets: Budgets::new(&settings.limits),
            hash_key: std::mem::replace(&mut settings.client_hash_key, empty),
        }
    }

    /// What enrolments leave behind beside templates.
    pub(crate) fn keep(&self) -> Keep {
        match self.enrolment_image {
            Some(_) => Keep::FaceImage,
            None => Keep::Nothing,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// An identifier that sorts by the time it was made (UUID version 7).
    pub(crate) fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }

    /// HMAC-SHA-256 over length-prefixed `parts`, so that no two lists read the same.
    pub(crate) fn keyed_hash(&self, purpose: HashPurpose, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.hash_key.expose_secret()) else {
            unreachable!("HMAC takes keys of any length")
        };
        for part in std::iter::once(&purpose.label()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}
