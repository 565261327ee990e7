//! Who may sign in. The functions are pure: the same evidence, templates and policy always give the
//! same decision.

mod settlement;
#[cfg(test)]
mod tests;

use crate::assurance::Assurance;
use crate::embedding::{Embedding, Score};
use crate::evidence::{Evidence, PadScore};
use crate::liveness::judge::LivePerson;
use crate::policy::{MatchPolicy, PadMode, PadPolicy, Policy};
use crate::template::{Template, TemplateId};

pub use settlement::{CaptureSettlement, CaptureTerms, Settlement, settles};

/// Why a sign-in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The policy asks for a liveness capture, and none was presented.
    LivenessRequired,
    /// The liveness capture was refused.
    LivenessFailed,
    /// The PAD score is below the threshold and the policy enforces it.
    PresentationAttack,
    /// There is no template of this model to compare with: unknown user or no face enrolled.
    NoTemplate,
    /// The templates do not reach the threshold.
    NonMatch,
    /// Too many failures in a row: every sign-in is refused, without regard to the face.
    Locked,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The subject is the account holder, as far as the policy asks.
    Accepted {
        /// The template that matched best.
        template: TemplateId,
        /// The comparison score, the mean over all templates; for audit by operators, never for
        /// public clients.
        score: Score,
        /// What was shown.
        assurance: Assurance,
        /// Whether it was a strong match with the previous model by a person who was found live.
        /// Then a template of the current model may be written.
        upgrade: bool,
    },
    /// The subject is refused.
    Rejected(Refusal),
}

/// Whether a PAD score counts as bona fide under `policy`.
#[must_use]
pub fn bona_fide(score: PadScore, policy: &PadPolicy) -> bool {
    score.value() >= policy.threshold
}

/// What the picture alone forbids, before any identity is compared.
///
/// # Errors
/// [`Refusal::LivenessRequired`] or [`Refusal::PresentationAttack`].
pub fn admit(pad: PadScore, policy: &Policy) -> Result<(), Refusal> {
    if policy.require_liveness {
        return Err(Refusal::LivenessRequired);
    }
    let enforced = policy.pad.mode == PadMode::Enforce;
    if enforced && !bona_fide(pad, &policy.pad) {
        return Err(Refusal::PresentationAttack);
    }
    Ok(())
}

/// Decides whether the subject of `evidence` is the owner of `templates`.
///
/// The mean score over the templates of the policy's model counts. Templates of
/// another model are passed over: they cannot be compared.
#[must_use]
pub fn decide(evidence: &Evidence, templates: &[Template], policy: &Policy) -> Decision {
    if let Err(refusal) = admit(evidence.pad, policy) {
        return Decision::Rejected(refusal);
    }
    let probe = Probe {
        current: &evidence.embedding,
        previous: evidence.previous.as_ref(),
        assurance: Assurance::Face,
    };
    probe.decide(templates, policy)
}

/// Decides whether a person who was found live is the owner of `templates`. Liveness and match are
/// judged on the same frames, because the embedding is made of the judged frames.
#[must_use]
pub fn decide_live(person: &LivePerson, templates: &[Template], policy: &Policy) -> Decision {
    let probe = Probe {
        current: &person.embedding,
        previous: person.previous.as_ref(),
        assurance: person.assurance,
    };
    probe.decide(templates, policy)
}

/// What is compared, as the current and the previous model see it.
struct Probe<'a> {
    current: &'a Embedding,
    previous: Option<&'a Embedding>,
    assurance: Assurance,
}

impl Probe<'_> {
    /// By the current model; by the previous one when there is no template of the current.
    fn decide(&self, templates: &[Template], policy: &Policy) -> Decision {
        let decision = compare(self.current, templates, &policy.matching, self.assurance);
        let (Decision::Rejected(Refusal::NoTemplate), Some(previous), Some(probe)) =
            (decision, &policy.previous, self.previous)
        else {
            return decision;
        };
        match compare(probe, templates, &previous.matching, self.assurance) {
            Decision::Accepted { template, score, assurance, .. } => {
                let live = assurance == Assurance::FaceLiveness;
                let upgrade = live && score.value() >= previous.strong;
                Decision::Accepted { template, score, assurance, upgrade }
            }
            rejected @ Decision::Rejected(_) => rejected,
        }
    }
}

/// Refuses a decision on identity when the name is locked. A refusal because of the capture alone
/// stays as it is.
#[must_use]
pub fn unless_locked(decision: Decision, locked: bool) -> Decision {
    match decision {
        Decision::Accepted { .. } | Decision::Rejected(Refusal::NoTemplate | Refusal::NonMatch)
            if locked =>
        {
            Decision::Rejected(Refusal::Locked)
        }
        decision => decision,
    }
}

/// The mean score over the templates of the policy's model.
///
/// The best score would give a stranger as many tries as there are templates: with five templates,
/// 3.7 times as many strangers pass as the threshold promises. The mean keeps the rate that was
/// measured with one template (docs/measurements/matcher.md), and recognises people more often than
/// one template does.
fn compare(
    probe: &Embedding,
    templates: &[Template],
    policy: &MatchPolicy,
    assurance: Assurance,
) -> Decision {
    let scores: Vec<(TemplateId, f32)> = templates
        .iter()
        .filter_map(|t| Some((t.id, policy.score(probe, &t.embedding)?.value())))
        .collect();
    let best = scores.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let Some((template, _)) = best else { return Decision::Rejected(Refusal::NoTemplate) };
    let mean = scores.iter().map(|(_, score)| score).sum::<f32>() / scores.len() as f32;
    if mean >= policy.threshold {
        let (template, score) = (*template, Score::new(mean));
        Decision::Accepted { template, score, assurance, upgrade: false }
    } else {
        Decision::Rejected(Refusal::NonMatch)
    }
}
