//! Liveness proofs: a capture that is judged now, or the token of one.

use faceauth_domain::analyzer::{Keep, Work};
use faceauth_domain::attempt::AttemptKind;
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::decision::Settlement;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::user::{UserId, Username};

use crate::analysis::{self, AllShown, Shown};
use crate::attestation::{self, Presenter};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::Origin;
use crate::judgement::Judgement;
use crate::liveness;
use crate::presented::{LiveProof, Picture, Pictures};

/// What the subject of a liveness proof turned out to be.
pub(crate) enum Live {
    /// A living person.
    Person(Box<FoundLive>),
    /// The capture was refused.
    Refused(Box<Judgement>),
}

/// A person who was found live.
pub(crate) struct FoundLive {
    pub person: LivePerson,
    /// Whether the passive PAD score counted as bona fide.
    pub pad_bona_fide: bool,
    /// What was found of the attestation of the capture; `None` when nobody asked.
    pub attestation: Option<AttestationFinding>,
    /// What the pictures beside the proof say: they show the same person.
    pub beside: Option<AllShown>,
}

/// Who proves liveness, and for what. Other than a [`Presenter`] it always names the account and the
/// purpose, so no proof can be used without them.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub username: &'a Username,
    pub purpose: Purpose,
    pub kind: AttemptKind,
    /// The account, when it is known already.
    pub user: Option<UserId>,
    pub origin: &'a Origin,
}

/// Pictures beside a proof, and what they are for.
pub(crate) enum Beside {
    /// Compared with the person, and nothing else.
    Probe(Picture),
    /// May be kept beside the person's template.
    References(Pictures, Keep),
}

impl Beside {
    async fn shown(self, context: &Context) -> Result<AllShown> {
        let work = match &self {
            Self::Probe(_) => Work::Recognise,
            Self::References(pictures, _) => Work::References(pictures.capture.images().len()),
        };
        let slot = context.analyzer.reserve(work)?;
        match self {
            // The comparison is with the whole of the person's embedding.
            Self::Probe(picture) => {
                let first = analysis::recognise(slot, picture, Settlement::Nothing).await?;
                Ok(AllShown { first, others: Vec::new() })
            }
            Self::References(pictures, keep) => analysis::references(slot, pictures, keep).await,
        }
    }
}

/// Judges or redeems `proof`, and looks whether the pictures beside it show the same person.
/// `settlement` is what spares a person the whole matcher: the embedding is then the first stage's,
/// which may be compared and never kept.
pub(crate) async fn live(
    context: &Context,
    proof: LiveProof,
    beside: Option<Beside>,
    wanted: Wanted<'_>,
    settlement: Settlement,
) -> Result<Live> {
    let Wanted { username, purpose, kind, user, origin } = wanted;
    let presenter = Presenter { kind, user, wanted: Some((username, purpose)), origin };
    let beside = match beside {
        Some(beside) => Some(beside.shown(context).await?),
        None => None,
    };
    let (person, pad_bona_fide, attestation) = match proof {
        LiveProof::Capture(submission) => {
            // Pictures beside it are compared with the whole of the person's embedding.
            let settlement = if beside.is_none() { settlement } else { Settlement::Nothing };
            let judged =
                liveness::judge_capture(context, submission, presenter, settlement).await?;
            let judgement = judged.judgement;
            match &judgement.live {
                Ok(person) => (person.clone(), judgement.pad_bona_fide, judgement.attestation),
                Err(_) => return Ok(Live::Refused(Box::new(judgement))),
            }
        }
        LiveProof::Token(token) => {
            let place = token.place.clone();
            let (person, attested) = liveness::redeem(context, token, username, purpose).await?;
            // The capture may have been judged for a caller of whom nothing is required.
            let attestation = attested.map(AttestationFinding::Good);
            attestation::admit(context, attestation, presenter, &place).await?;
            // Without it there would have been no token, unless the policy only records it.
            (person, true, attestation)
        }
    };
    for shown in beside.iter().flat_map(AllShown::iter) {
        same_person(context, shown, &person.embedding)?;
    }
    Ok(Live::Person(Box::new(FoundLive { person, pad_bona_fide, attestation, beside })))
}

/// Refuses a picture that shows somebody else than the person who was found live. It says nothing
/// of any account, so it may be told.
fn same_person(context: &Context, shown: &Shown, seen: &Embedding) -> Result<()> {
    let least = context.policy.matching.threshold;
    let score = seen.compare(&shown.evidence.embedding);
    if score.is_ok_and(|score| score.value() >= least) {
        Ok(())
    } else {
        Err(Error::AnotherPerson(shown.place.clone()))
    }
}
