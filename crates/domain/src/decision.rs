//! Who is let in. Pure: the same evidence, templates and policy decide the same way.

use crate::analyzer::{Evidence, PadScore};
use crate::embedding::{Embedding, Score};
use crate::liveness::judge::LivePerson;
use crate::policy::{MatchPolicy, PadMode, PadPolicy, Policy};
use crate::template::{Template, TemplateId};

/// What a successful verification has shown; becomes `acr` and `amr` of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// A single image matched. Says nothing about a living person being there.
    Face,
    /// A living person did what was asked without turning the head, because they cannot:
    /// the depth of the head was not shown.
    FaceLivenessReduced,
    /// A living person did what was asked, and one motion showed the depth of the head.
    FaceLiveness,
}

impl Assurance {
    /// Every assurance, weakest first.
    pub const ALL: [Self; 3] = [Self::Face, Self::FaceLivenessReduced, Self::FaceLiveness];

    /// The word that stands for it in `acr` and in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::FaceLivenessReduced => "face-liveness-reduced",
            Self::FaceLiveness => "face-liveness",
        }
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The policy asks for a liveness capture and there is none.
    LivenessRequired,
    /// The liveness capture was refused.
    LivenessFailed,
    /// The PAD score is below the threshold and the policy enforces it.
    PresentationAttack,
    /// There is no template of this model to compare with: unknown user or no face enrolled.
    NoTemplate,
    /// The templates do not reach the threshold.
    NonMatch,
    /// Too many failures in a row: nobody is let in, whatever they show.
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
        /// Whether it was a strong match with the previous model by a person who was found
        /// live: worth a template of the current one.
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

/// What the picture alone forbids, before any identity is looked at.
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

/// Decides whether a person who was found live is the owner of `templates`. Liveness and
/// match are judged on the same frames: the embedding is made of those that were judged.
#[must_use]
pub fn decide_live(person: &LivePerson, templates: &[Template], policy: &Policy) -> Decision {
    let probe = Probe {
        current: &person.embedding,
        previous: person.previous.as_ref(),
        assurance: person.assurance,
    };
    probe.decide(templates, policy)
}

/// Whether the first stage of a cascade decides a sign-in by itself: [`decide`] would accept on
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

/// Refuses what would otherwise be decided on identity when the name is locked. What the
/// capture alone forbids is told as ever.
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
/// The best one would give a stranger as many tries as there are templates: with five, 3.7 times as
/// many strangers pass as the threshold stands for. The mean keeps what was measured with one template
/// (docs/models.md), and lets people in more often than one does.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::ModelId;
    use crate::face::{BoundingBox, Face, FiveLandmarks, Point, Pose};
    use crate::failures::FailurePolicy;
    use crate::liveness::policy::LivenessPolicy;
    use crate::policy::{Cascade, PreviousModel};
    use crate::quality::{Appearance, QualityMeasures, QualityPolicies};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn policy(threshold: f32, mode: PadMode) -> Policy {
        Policy {
            matching: MatchPolicy { model: ModelId::new("m"), threshold, fmr: 1e-4, cascade: None },
            previous: None,
            pad: PadPolicy { mode, threshold: 0.5 },
            quality: QualityPolicies::DEFAULT,
            liveness: LivenessPolicy::DEFAULT,
            failures: FailurePolicy::DEFAULT,
            require_liveness: false,
        }
    }

    fn embedding(model: &str, values: &[f32]) -> Embedding {
        Embedding::normalised(ModelId::new(model), values.to_vec()).unwrap()
    }

    fn evidence(values: &[f32], pad: f32) -> Evidence {
        let pose = Pose::default();
        Evidence {
            face: Face {
                bounding_box: BoundingBox { x: 0.0, y: 0.0, width: 9.0, height: 9.0 },
                detection_score: 0.9,
                landmarks: FiveLandmarks::from_array([Point::default(); 5]),
                pose,
                measures: QualityMeasures {
                    eye_distance_px: 60.0,
                    margin: 0.3,
                    pose,
                    sharpness: 1.0,
                    brightness: 120.0,
                    under_exposed: 0.0,
                    over_exposed: 0.0,
                    eye_openness: 0.3,
                    appearance: Appearance::NATURAL,
                    likeness: Some(1.3),
                },
                reasons: Vec::new(),
            },
            embedding: embedding("m", values),
            previous: Some(embedding("old", values)),
            pad: PadScore::new(pad),
            image: None,
        }
    }

    fn template(model: &str, values: &[f32]) -> Template {
        Template {
            id: TemplateId(Uuid::from_u128(values.len() as u128)),
            embedding: embedding(model, values),
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn several_templates_count_by_their_mean() {
        let probe = evidence(&[1.0, 0.0], 1.0);
        let decided = |templates: &[Template]| match decide(
            &probe,
            templates,
            &policy(0.4, PadMode::Enforce),
        ) {
            Decision::Accepted { template, score, .. } => Some((template, score.value())),
            Decision::Rejected(_) => None,
        };
        let near = Template { id: TemplateId(Uuid::from_u128(7)), ..template("m", &[1.0, 0.0]) };
        let (across, away) = (template("m", &[0.0, 1.0]), template("m", &[-1.0, 0.0]));
        // Half of 1 and 0; the nearest template is named. Those of another model do not count.
        let both = [across.clone(), near.clone(), template("other", &[-1.0, 0.0])];
        assert_eq!(decided(&both), Some((near.id, 0.5)));
        // One template that happens to be near is not enough.
        assert_eq!(decided(&[near, across, away]), None);
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let probe = evidence(&[1.0, 0.0], 0.2);
        let same = [template("m", &[1.0, 0.0])];
        let record = policy(0.4, PadMode::Record);
        let refuse =
            |templates: &[Template], policy: &Policy| match decide(&probe, templates, policy) {
                Decision::Rejected(refusal) => Some(refusal),
                Decision::Accepted { .. } => None,
            };
        assert_eq!(refuse(&same, &record), None);
        assert_eq!(
            refuse(&same, &policy(0.4, PadMode::Enforce)),
            Some(Refusal::PresentationAttack)
        );
        assert_eq!(refuse(&[], &record), Some(Refusal::NoTemplate));
        assert_eq!(refuse(&[template("m", &[0.0, 1.0])], &record), Some(Refusal::NonMatch));
        let strict = Policy { require_liveness: true, ..record };
        assert_eq!(refuse(&same, &strict), Some(Refusal::LivenessRequired));
    }

    #[test]
    fn a_template_of_another_model_is_never_compared() {
        let other = [template("other", &[1.0, 0.0])];
        let record = policy(0.4, PadMode::Record);
        let decision = decide(&evidence(&[1.0, 0.0], 1.0), &other, &record);
        assert_eq!(decision, Decision::Rejected(Refusal::NoTemplate));
    }

    #[test]
    fn people_of_the_previous_model_sign_in_and_strong_live_matches_are_worth_a_template() {
        let previous = PreviousModel {
            matching: MatchPolicy {
                model: ModelId::new("old"),
                threshold: 0.4,
                fmr: 1e-4,
                cascade: None,
            },
            strong: 0.9,
        };
        let moving = Policy { previous: Some(previous), ..policy(0.4, PadMode::Record) };
        let live = |values: &[f32], assurance| LivePerson {
            embedding: embedding("m", values),
            previous: Some(embedding("old", values)),
            assurance,
            image: None,
        };
        let upgrade =
            |person: &LivePerson, templates: &[Template], policy: &Policy| match decide_live(
                person, templates, policy,
            ) {
                Decision::Accepted { upgrade, .. } => Ok(upgrade),
                Decision::Rejected(refusal) => Err(refusal),
            };
        let old = [template("old", &[1.0, 0.0])];
        let (strong, weak) = ([1.0, 0.1], [1.0, 1.0]);
        let person = |values| live(values, Assurance::FaceLiveness);
        assert_eq!(upgrade(&person(&strong), &old, &moving), Ok(true));
        assert_eq!(upgrade(&person(&weak), &old, &moving), Ok(false));
        assert_eq!(
            upgrade(&live(&strong, Assurance::FaceLivenessReduced), &old, &moving),
            Ok(false)
        );
        assert_eq!(upgrade(&person(&[0.0, 1.0]), &old, &moving), Err(Refusal::NonMatch));
        // Who has a template of the current model is compared with that alone.
        let both = [old[0].clone(), template("m", &[0.0, 1.0, 0.0])];
        let wide = |v: [f32; 3]| LivePerson { embedding: embedding("m", &v), ..person(&strong) };
        assert_eq!(upgrade(&wide([1.0, 0.0, 0.0]), &both, &moving), Err(Refusal::NonMatch));
        assert_eq!(upgrade(&wide([0.0, 1.0, 0.0]), &both, &moving), Ok(false));
        // Once the previous model is taken out of the manifest, its templates count no more.
        let moved = policy(0.4, PadMode::Record);
        assert_eq!(upgrade(&person(&strong), &old, &moved), Err(Refusal::NoTemplate));
        assert_eq!(upgrade(&person(&strong), &[], &moving), Err(Refusal::NoTemplate));
        // A picture alone signs in where it may, and is worth no template.
        let picture = decide(&evidence(&strong, 1.0), &old, &moving);
        assert!(matches!(picture, Decision::Accepted { upgrade: false, .. }));
    }

    #[test]
    fn the_first_stage_decides_only_what_would_be_accepted() {
        let cascade = Cascade { model: ModelId::new("first"), part: 0..2, margin: 0.1 };
        let cascading = |mode| {
            let plain = policy(0.4, mode);
            let matching = MatchPolicy { cascade: Some(cascade.clone()), ..plain.matching };
            Policy { matching, ..plain }
        };
        let record = cascading(PadMode::Record);
        let (same, other) = (embedding("first", &[1.0, 0.0]), embedding("first", &[0.0, 1.0]));
        let templates = [template("m", &[1.0, 0.0, 0.2])];
        let pad = PadScore::new(0.2);
        assert!(settles(&same, pad, &templates, &record));
        assert!(!settles(&other, pad, &templates, &record));
        assert!(!settles(&same, pad, &[], &record));
        // An attack is looked at to the end, whomever it shows.
        assert!(!settles(&same, pad, &templates, &cascading(PadMode::Enforce)));
        assert!(settles(&same, PadScore::new(0.9), &templates, &cascading(PadMode::Enforce)));
        // So is everybody where a picture alone signs nobody in, and where there is no cascade.
        let strict = Policy { require_liveness: true, ..record.clone() };
        assert!(!settles(&same, pad, &templates, &strict));
        assert!(!settles(&same, pad, &templates, &policy(0.4, PadMode::Record)));
        // What settled is what is decided.
        let probe = Evidence { embedding: same, ..evidence(&[1.0, 0.0], 0.2) };
        let Decision::Accepted { score, .. } = decide(&probe, &templates, &record) else {
            panic!("what settles is accepted")
        };
        assert!((score.value() - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_locked_name_lets_nobody_in() {
        let record = policy(0.4, PadMode::Record);
        let (probe, same) = (evidence(&[1.0, 0.0], 1.0), [template("m", &[1.0, 0.0])]);
        let accepted = decide(&probe, &same, &record);
        assert_eq!(unless_locked(accepted, false), accepted);
        for decided in [accepted, decide(&probe, &[], &record)] {
            assert_eq!(unless_locked(decided, true), Decision::Rejected(Refusal::Locked));
        }
        let attack = Decision::Rejected(Refusal::PresentationAttack);
        assert_eq!(unless_locked(attack, true), attack);
    }

    proptest! {
        #[test]
        fn a_raised_threshold_never_turns_reject_into_accept(
            probe in prop::collection::vec(0.1f32..1.0, 4),
            stored in prop::collection::vec(0.1f32..1.0, 4),
            low in 0.0f32..1.0,
            raise in 0.0f32..1.0,
        ) {
            let accepted = |threshold| matches!(
                decide(
                    &evidence(&probe, 1.0),
                    &[template("m", &stored)],
                    &policy(threshold, PadMode::Enforce),
                ),
                Decision::Accepted { .. }
            );
            prop_assert!(accepted(low) || !accepted(low + raise));
        }
    }
}
