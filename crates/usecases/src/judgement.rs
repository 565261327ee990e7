//! The result of a liveness capture, and which of several reasons is answered first.

use std::fmt;

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::challenge::{Binding, Challenge};
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::liveness::reason::{Concern, LivenessReason};
use uuid::Uuid;

/// What the person is asked to do, and the nonce that answers it.
pub struct Prompt {
    /// Goes back with the capture.
    pub nonce: String,
    /// The steps.
    pub challenge: Challenge,
}

/// The result of a capture.
pub struct Judgement {
    /// The session it answers.
    pub session: Uuid,
    /// The steps that were asked for.
    pub challenge: Challenge,
    /// For each step whether it was met.
    pub met: Vec<bool>,
    /// The person, or why the capture was refused and, while attempts remain, what to do
    /// next.
    pub live: Result<LivePerson, Refused>,
    /// Whether the passive PAD score counted as bona fide.
    pub pad_bona_fide: bool,
    /// What was found of the attestation; `None` when nobody asked.
    pub attestation: Option<AttestationFinding>,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Captures the session will still judge.
    pub attempts_left: u8,
    /// What and whom the session is for.
    pub binding: Binding,
}

/// A capture that was refused.
pub struct Refused {
    /// Why, at least one.
    pub reasons: Vec<LivenessReason>,
    /// The next attempt of the same session.
    pub next: Option<Prompt>,
}

impl fmt::Debug for Judgement {
    /// Neither faces nor nonces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judgement")
            .field("session", &self.session)
            .field("reasons", &self.reasons())
            .finish_non_exhaustive()
    }
}

impl Judgement {
    /// Why the capture was refused; empty when it was not.
    #[must_use]
    pub fn reasons(&self) -> Vec<LivenessReason> {
        self.live.as_ref().err().map(|refused| refused.reasons.clone()).unwrap_or_default()
    }

    /// The reason to fix first; among equals, the one that was reported first. `None` when the
    /// capture was not refused.
    #[must_use]
    pub fn first_concern(&self) -> Option<Concern> {
        Concern::first(&self.live.as_ref().err()?.reasons)
    }
}
