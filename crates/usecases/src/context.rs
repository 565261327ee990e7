//! What every use case can reach; built once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::analyzer::{FaceAnalyzer, Keep};
use faceauth_domain::attestation::AttestationMode;
use faceauth_domain::clock::Clock;
use faceauth_domain::policy::Policy;
use faceauth_store::Store;
use faceauth_tokens::TokenIssuer;
use uuid::{NoContext, Timestamp, Uuid};

use crate::attestation_rules::AttestationRules;
use crate::error::Result;
use crate::events::Origin;
use crate::keyed_hash::KeyedHash;
use crate::oauth::rules::OidcRules;
use crate::off_thread::BlockingThreads;
use crate::second_factor_rules::SecondFactorRules;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has an invitation, and services with an API key that may enrol.
    Invite,
    /// Services with an API key that may enrol.
    Service,
    /// Nobody.
    Closed,
}

/// What use cases work with.
pub struct Context {
    /// Rows.
    pub store: Store,
    /// Pixels to evidence.
    pub analyzer: Arc<dyn FaceAnalyzer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Signs tokens and knows its own again.
    pub tokens: TokenIssuer,
    /// What sign-ins are decided by.
    pub policy: Policy,
    /// Whose attestations of captures count.
    pub attestation: AttestationRules,
    /// What is asked for beside a face.
    pub second_factor: SecondFactorRules,
    /// Whether and for whom people are signed in by OpenID Connect.
    pub oidc: OidcRules,
    /// Who may register.
    pub registration: Registration,
    /// Address of the page, for links of invitations; `None` when nobody has named one.
    pub page_url: Option<String>,
    /// How long pictures of enrolled faces are kept; `None` when none are.
    pub enrolment_image: Option<TimeDelta>,
    /// Hashes that stand for names, addresses and frames.
    pub hashes: Arc<KeyedHash>,
    /// Where large inputs are hashed.
    pub blocking: Arc<dyn BlockingThreads>,
}

impl Context {
    /// Whether pictures that came now could be analysed, so that those of a service which is full need
    /// not be received.
    ///
    /// # Errors
    /// [`Error::Analyzer`] when they could not.
    pub fn room(&self) -> Result<()> {
        Ok(self.analyzer.room()?)
    }

    /// What enrolments leave behind beside templates.
    pub(crate) fn keep(&self) -> Keep {
        match self.enrolment_image {
            Some(_) => Keep::FaceImage,
            None => Keep::Nothing,
        }
    }

    /// Whether pictures alone are refused: they prove no liveness, and nothing attests them.
    pub(crate) fn wants_capture(&self, origin: &Origin) -> bool {
        self.policy.require_liveness || self.attestation.mode(origin) == AttestationMode::Require
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// An identifier that sorts by the time it was made (UUID version 7).
    pub(crate) fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }
}
