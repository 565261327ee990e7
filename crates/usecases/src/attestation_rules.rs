//! Whose attestations count, and what happens without one.

use std::collections::HashMap;

use faceauth_attestation::android::Android;
use faceauth_attestation::apple::Apple;
use faceauth_domain::attestation::AttestationMode;

use crate::events::Origin;

/// Whose attestations count, and what happens without one. The default looks at none.
#[derive(Debug, Clone, Default)]
pub struct AttestationRules {
    /// For callers without an API key, and for keys that are not named.
    pub mode: AttestationMode,
    /// For services, by the prefix of their API key.
    pub by_service: HashMap<String, AttestationMode>,
    /// Android apps whose captures count.
    pub android: Option<Android>,
    /// Apple's apps whose captures count.
    pub apple: Option<Apple>,
}

impl AttestationRules {
    /// What counts for a caller.
    pub(crate) fn mode(&self, origin: &Origin) -> AttestationMode {
        let named = origin.service().and_then(|prefix| self.by_service.get(prefix));
        named.copied().unwrap_or(self.mode)
    }
}
