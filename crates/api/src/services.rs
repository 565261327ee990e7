//! What stands behind the HTTP surface.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use faceauth_domain::analyzer::FaceAnalyzer;
use faceauth_domain::clock::Clock;
use faceauth_store::Store;
use faceauth_tokens::{TokenIssuer, TokenKeys};
use faceauth_usecases::outbox::EventReceiver;
use faceauth_usecases::{BlockingThreads, Context, KeyedHash};
use secrecy::SecretBox;

use crate::budget::Budgets;
use crate::drain::Drain;
use crate::places::Places;
use crate::settings::ApiSettings;

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
    /// Whether the replica is about to stop.
    pub drain: Drain,
    /// Who is told what happens to accounts, if anybody is.
    pub receiver: Option<Arc<dyn EventReceiver>>,
}

impl Services {
    /// What use cases work with. Takes the key of hashes out of `settings`.
    pub(crate) fn context(self, settings: &mut ApiSettings) -> Context {
        let empty = SecretBox::new(Box::new([0; 32]));
        let key = std::mem::replace(&mut settings.client_hash_key, empty);
        Context {
            tokens: TokenIssuer::new(self.keys, settings.tokens.clone()),
            store: self.store,
            analyzer: self.analyzer,
            clock: self.clock,
            policy: settings.policy.clone(),
            attestation: settings.attestation.clone(),
            second_factor: settings.second_factor.clone(),
            oidc: settings.oidc.clone(),
            registration: settings.registration,
            page_url: settings.page_url.clone(),
            enrolment_image: settings.retention.enrolment_image,
            hashes: Arc::new(KeyedHash::new(key)),
            blocking: Arc::new(BlockingPool),
        }
    }
}

/// The runtime's threads for what blocks.
struct BlockingPool;

impl BlockingThreads for BlockingPool {
    fn run(&self, work: Box<dyn FnOnce() + Send>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let running = tokio::task::spawn_blocking(work);
        // A panic leaves nothing behind, which the caller sees.
        Box::pin(async move { drop(running.await) })
    }
}

/// How much is let in at once, shared by every event loop.
pub(crate) struct Capacity {
    /// Memory for bodies, and places for work.
    pub places: Places,
    /// What decoding may cost each client.
    pub budgets: Budgets,
}

impl Capacity {
    pub(crate) fn new(settings: &ApiSettings) -> Self {
        let places = Places::new(settings.max_in_flight);
        Self { places, budgets: Budgets::new(&settings.limits) }
    }
}
