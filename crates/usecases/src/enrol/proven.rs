//! The one road from what was shown to the faces that may become templates.

use chrono::{DateTime, Utc};
use faceauth_domain::analyzer::Work;
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::decision::{self, Settlement};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::{UserId, Username};
use faceauth_store::faces::NewTemplate;

use crate::analysis::{self, AllShown, Shown};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::Origin;
use crate::judgement::Judgement;
use crate::presented::{LiveProof, Pictures, Place, Presented};
use crate::proof::{self, Beside, FoundLive, Live, Wanted};
use crate::session::ShownBy;

/// For whom faces are enrolled, and how a refusal is written down.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    pub context: &'a Context,
    pub kind: AttemptKind,
    /// The account, when there is one already.
    pub user: Option<UserId>,
    pub username: &'a Username,
    /// See [`Enroller::vouched`](super::Enroller::vouched).
    pub vouched: bool,
    pub origin: &'a Origin,
}

/// What may be enrolled.
pub(super) struct Proven {
    pub face: NewFace,
    /// Those of further pictures.
    pub others: Vec<NewFace>,
    /// What was shown.
    pub assurance: Assurance,
    /// Whether passive PAD counted as bona fide.
    pub pad_bona_fide: bool,
    /// What was found of the attestation of a capture; `None` when nobody asked.
    pub attestation: Option<AttestationFinding>,
}

impl Proven {
    /// What a session rests on that begins with it.
    pub(super) fn shown_by(&self) -> ShownBy {
        let attested = self.attestation.and_then(AttestationFinding::good);
        ShownBy { authentication: self.assurance.into(), attested }
    }
}

/// A face that is to be a reference.
pub(super) struct NewFace {
    embedding: Embedding,
    /// As the previous model sees it.
    previous: Option<Embedding>,
    /// Where enrolment images are kept.
    image: Option<EncodedImage>,
    /// What it was seen in.
    pub place: Place,
}

impl NewFace {
    /// As it is stored.
    pub(super) fn template(self, context: &Context, created_at: DateTime<Utc>) -> NewTemplate {
        let Self { embedding, previous, image, place: _ } = self;
        let id = TemplateId(context.new_id());
        NewTemplate { id, embedding, previous, image, created_at }
    }
}

impl From<Shown> for NewFace {
    fn from(shown: Shown) -> Self {
        let Shown { evidence, place } = shown;
        let (embedding, previous) = (evidence.embedding, evidence.previous);
        Self { embedding, previous, image: evidence.image, place }
    }
}

impl Claim<'_> {
    /// Refuses pictures alone where the policy asks for liveness. Costs nothing, so it is asked
    /// before everything else.
    pub(super) fn check_liveness(&self, presented: &Presented<Pictures>) -> Result<()> {
        if self.context.wants_capture(self.origin) && !self.vouched && !presented.is_live() {
            return Err(Error::LivenessRequired);
        }
        Ok(())
    }

    /// What `presented` proves. A refusal of the person is written down.
    pub(super) async fn prove(&self, presented: Presented<Pictures>) -> Result<Proven> {
        match presented {
            Presented::Pictures(pictures) => self.prove_by_pictures(pictures).await,
            Presented::Live { proof, beside } => self.prove_live(proof, beside).await,
        }
    }

    /// Every picture becomes a face, if the policy accepts all of them by themselves.
    async fn prove_by_pictures(&self, pictures: Pictures) -> Result<Proven> {
        let work = Work::References(pictures.capture.images().len());
        let slot = self.context.analyzer.reserve(work)?;
        let shown = analysis::references(slot, pictures, self.context.keep()).await?;
        let policy = &self.context.policy;
        let pad_bona_fide =
            shown.iter().all(|one| decision::bona_fide(one.evidence.pad, &policy.pad));
        if !self.vouched {
            let admitted =
                shown.iter().try_for_each(|one| decision::admit(one.evidence.pad, policy));
            if let Err(refusal) = admitted {
                let attempt = Attempt { pad_bona_fide, ..self.attempt(refusal.into()) };
                self.record(&attempt).await?;
                return Err(Error::Refused(refusal));
            }
        }
        let AllShown { first, others } = shown;
        Ok(Proven {
            face: first.into(),
            others: others.into_iter().map(NewFace::from).collect(),
            assurance: Assurance::Face,
            pad_bona_fide,
            attestation: None,
        })
    }

    /// The person who was found live becomes the face; pictures beside the proof do not.
    async fn prove_live(&self, proof: LiveProof, beside: Option<Pictures>) -> Result<Proven> {
        let place = proof.place().clone();
        let wanted = Wanted {
            username: self.username,
            purpose: Purpose::Register,
            kind: self.kind,
            user: self.user,
            origin: self.origin,
        };
        let beside = beside.map(|pictures| Beside::References(pictures, self.context.keep()));
        match proof::live(self.context, proof, beside, wanted, Settlement::Nothing).await? {
            Live::Person(live) => {
                let FoundLive { person, pad_bona_fide, attestation, beside } = *live;
                let LivePerson { embedding, previous, assurance, image } = person;
                // With a token the capture is gone; a picture beside it shows the same person.
                let mut beside = beside.into_iter().flat_map(AllShown::into_iter);
                let image = image.or_else(|| beside.find_map(|shown| shown.evidence.image));
                let face = NewFace { embedding, previous, image, place };
                Ok(Proven { face, others: Vec::new(), assurance, pad_bona_fide, attestation })
            }
            Live::Refused(judgement) => self.refuse_capture(judgement).await,
        }
    }

    async fn refuse_capture(&self, judgement: Box<Judgement>) -> Result<Proven> {
        let attempt = Attempt {
            reasons: judgement.reasons(),
            pad_bona_fide: judgement.pad_bona_fide,
            attestation: judgement.attestation,
            ..self.attempt(AttemptOutcome::LivenessFailed)
        };
        self.record(&attempt).await?;
        Err(Error::NotLive(judgement))
    }

    /// What is written down of it.
    pub(super) fn attempt(&self, outcome: AttemptOutcome) -> Attempt {
        let attempt = audit::attempt(self.context, self.kind, outcome, self.origin);
        Attempt { user: self.user, ..attempt }
    }

    async fn record(&self, attempt: &Attempt) -> Result<()> {
        audit::record(self.context, attempt, self.origin, Some(self.username)).await
    }
}
