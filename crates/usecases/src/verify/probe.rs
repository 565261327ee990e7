//! What a person shows at a sign-in, and what it is compared with.

use chrono::{DateTime, Utc};
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::decision::{self, Decision, Refusal, Settlement};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::evidence::Evidence;
use faceauth_domain::policy::Policy;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_store::faces::NewTemplate;
use faceauth_store::lookup::Reference;

use crate::context::Context;
use crate::judgement::Judgement;
use crate::proof::Live;

/// The face of a person who was found live: what may become a template.
pub(super) struct LiveFace {
    embedding: Embedding,
    /// As the previous model sees it.
    previous: Option<Embedding>,
}

impl LiveFace {
    pub(super) fn template(self, context: &Context, created_at: DateTime<Utc>) -> NewTemplate {
        let Self { embedding, previous } = self;
        let id = TemplateId(context.new_id());
        NewTemplate { id, embedding, previous, image: None, created_at }
    }
}

/// What is compared with the templates.
pub(super) enum Probe {
    /// A single picture.
    Picture(Box<Evidence>),
    /// The person of a liveness capture, or its refusal.
    Live(Live),
}

impl Probe {
    pub(super) fn live_face(&self) -> Option<LiveFace> {
        match self {
            Self::Live(Live::Person(live)) => Some(LiveFace {
                embedding: live.person.embedding.clone(),
                previous: live.person.previous.clone(),
            }),
            Self::Picture(_) | Self::Live(Live::Refused(_)) => None,
        }
    }

    /// What was found of the attestation of a capture; `None` when nobody asked.
    pub(super) fn attestation(&self) -> Option<AttestationFinding> {
        match self {
            Self::Live(Live::Person(live)) => live.attestation,
            Self::Live(Live::Refused(judgement)) => judgement.attestation,
            Self::Picture(_) => None,
        }
    }

    /// The decision, whether passive PAD counted as bona fide, and the capture that was
    /// refused, if one was.
    pub(super) fn decide(
        self,
        policy: &Policy,
        templates: &[Template],
    ) -> (Decision, bool, Option<Box<Judgement>>) {
        match self {
            Self::Picture(evidence) => {
                let bona_fide = decision::bona_fide(evidence.pad, &policy.pad);
                (decision::decide(&evidence, templates, policy), bona_fide, None)
            }
            Self::Live(Live::Person(live)) => {
                let decision = decision::decide_live(&live.person, templates, policy);
                (decision, live.pad_bona_fide, None)
            }
            Self::Live(Live::Refused(judgement)) => {
                let decision = Decision::Rejected(Refusal::LivenessFailed);
                (decision, judgement.pad_bona_fide, Some(judgement))
            }
        }
    }
}

pub(super) fn templates(reference: Option<&Reference>) -> &[Template] {
    reference.map_or(&[][..], |reference| &reference.templates)
}

/// What settles the sign-in before all models have run. Nothing for a name that is locked: its
/// refusals take the same time, whomever the picture shows.
pub(super) fn settlement(policy: &Policy, templates: &[Template], locked: bool) -> Settlement {
    if locked {
        Settlement::Nothing
    } else {
        Settlement::Acceptance { templates: templates.to_vec(), policy: Box::new(policy.clone()) }
    }
}
