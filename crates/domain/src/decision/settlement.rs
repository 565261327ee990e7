//! What settles a sign-in before all models of the matcher have looked.

use super::{Decision, Probe, admit, decide_live};
use crate::assurance::Assurance;
use crate::challenge::Challenge;
use crate::embedding::Embedding;
use crate::evidence::PadScore;
use crate::liveness::evidence::Observation;
use crate::liveness::judge::{self, Circumstances};
use crate::policy::Policy;
use crate::template::Template;

/// Whether the first stage of a cascade decides a sign-in by itself: [`super::decide`] would accept on
/// `first`, its part of the embedding, alone. Then the other models need not run.
///
/// Where PAD refuses, or nobody is accepted, all of them run: how long a refusal takes says nothing
/// about who was seen.
#[must_use]
pub fn settles(first: &Embedding, pad: PadScore, templates: &[Template], policy: &Policy) -> bool {
    let probe = Probe { current: first, previous: None, assurance: Assurance::Face };
    admit(pad, policy).is_ok()
        && matches!(probe.decide(templates, policy), Decision::Accepted { .. })
}

/// What settles a sign-in before all models of the matcher have run.
#[derive(Debug, Clone)]
pub enum Settlement {
    /// Nothing does: all of them run.
    Nothing,
    /// The first stage of a cascade accepts by itself, see [`settles`].
    Acceptance {
        /// What the account enrolled.
        templates: Vec<Template>,
        /// What decides.
        policy: Box<Policy>,
    },
}

impl Settlement {
    /// Whether `first`, the first stage's part of the embedding, and `pad` settle the matter.
    #[must_use]
    pub fn is_met(&self, first: &Embedding, pad: PadScore) -> bool {
        match self {
            Self::Nothing => false,
            Self::Acceptance { templates, policy } => settles(first, pad, templates, policy),
        }
    }
}

/// What settles a sign-in with a liveness capture before the whole matcher has looked.
#[derive(Debug, Clone)]
pub enum CaptureSettlement {
    /// Nothing does: the whole matcher looks where the verdict needs it.
    Nothing,
    /// The first stage of a cascade finds a living person and accepts by itself.
    Acceptance(Box<CaptureTerms>),
}

/// What a capture is judged by.
#[derive(Debug, Clone)]
pub struct CaptureTerms {
    /// The steps that were asked for.
    pub challenge: Challenge,
    /// What is known of the capture beside its pixels.
    pub circumstances: Circumstances,
    /// What the account enrolled.
    pub templates: Vec<Template>,
    /// What decides.
    pub policy: Policy,
}

impl CaptureSettlement {
    /// The same for a capture, when this is known of it.
    #[must_use]
    pub fn of(by: Settlement, challenge: &Challenge, circumstances: Circumstances) -> Self {
        match by {
            Settlement::Nothing => Self::Nothing,
            Settlement::Acceptance { templates, policy } => {
                Self::Acceptance(Box::new(CaptureTerms {
                    challenge: challenge.clone(),
                    circumstances,
                    templates,
                    policy: *policy,
                }))
            }
        }
    }

    /// Whether the person is accepted on `observation`, which the first stage alone has made.
    ///
    /// Every rule is asked, those of the challenge too: who is refused for whatever reason costs
    /// what everybody costs, so the time says nothing about who was seen.
    #[must_use]
    pub fn is_met(&self, observation: &Observation) -> bool {
        let Self::Acceptance(terms) = self else { return false };
        let CaptureTerms { challenge, circumstances, templates, policy } = &**terms;
        let mode = policy.pad.mode;
        let verdict = judge::judge(challenge, observation, *circumstances, mode, &policy.liveness);
        verdict.live.is_ok_and(|person| {
            matches!(decide_live(&person, templates, policy), Decision::Accepted { .. })
        })
    }
}
