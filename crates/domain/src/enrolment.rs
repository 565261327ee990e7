//! Which faces one account may have together. Pure.
//!
//! A sign-in counts the mean score over the templates, so every face that is added moves what was
//! enrolled before. Two things follow. A face that is added has to show the owner, by the templates
//! there are. And it must not take the others along: each template, were it shown at a sign-in, has to
//! be accepted by the rest together with the new one.

use crate::embedding::Embedding;
use crate::policy::{MatchPolicy, Policy};
use crate::template::Template;

/// How the faces of one account are compared with each other.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrolmentPolicy {
    /// By the current model.
    pub matching: MatchPolicy,
    /// By the model people move from, for accounts without a template of the current one.
    pub previous: Option<MatchPolicy>,
}

impl From<&Policy> for EnrolmentPolicy {
    fn from(policy: &Policy) -> Self {
        let previous = policy.previous.as_ref().map(|previous| previous.matching.clone());
        Self { matching: policy.matching.clone(), previous }
    }
}

/// A face that is to become a template.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// As the current model sees it.
    pub current: &'a Embedding,
    /// As the previous model does, while people move.
    pub previous: Option<&'a Embedding>,
}

/// Why a face may not become a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The account has no template it could be compared with, so nothing shows whose face it is.
    #[error("there is no template to compare the face with")]
    NothingToCompare,
    /// It does not match the templates there are.
    #[error("the face does not match the templates there are")]
    SomebodyElse,
    /// It matches, but with it a template that is recognised now would no longer be recognised.
    #[error("with the face a template there is would be recognised no more")]
    Displaces,
}

/// Whether `face` may join `templates`.
///
/// # Errors
/// [`Misfit`].
pub fn joins(
    face: Candidate<'_>,
    templates: &[Template],
    policy: &EnrolmentPolicy,
) -> Result<(), Misfit> {
    let of = |matching: &MatchPolicy| -> Vec<&Embedding> {
        let embeddings = templates.iter().map(|template| &template.embedding);
        embeddings.filter(|embedding| embedding.model() == &matching.model).collect()
    };
    let current = of(&policy.matching);
    if !current.is_empty() {
        return fits(face.current, &current, &policy.matching);
    }
    let (Some(matching), Some(face)) = (&policy.previous, face.previous) else {
        return Err(Misfit::NothingToCompare);
    };
    match of(matching) {
        previous if previous.is_empty() => Err(Misfit::NothingToCompare),
        previous => fits(face, &previous, matching),
    }
}

/// Whether these first faces of an account may stand together, each beside those before it.
///
/// # Errors
/// The first that may not, from 0, and why.
pub fn stand_together(
    faces: &[&Embedding],
    policy: &EnrolmentPolicy,
) -> Result<(), (usize, Misfit)> {
    for (index, face) in faces.iter().enumerate().skip(1) {
        fits(face, &faces[..index], &policy.matching).map_err(|misfit| (index, misfit))?;
    }
    Ok(())
}

/// `there` has at least one embedding of the model of `matching`.
fn fits(face: &Embedding, there: &[&Embedding], matching: &MatchPolicy) -> Result<(), Misfit> {
    let score = |one: &Embedding, other: &Embedding| {
        matching.score(one, other).map_or(-1.0, |score| score.value())
    };
    let scores: Vec<f32> = there.iter().map(|template| score(face, template)).collect();
    let count = there.len() as f32;
    if scores.iter().sum::<f32>() / count < matching.threshold {
        return Err(Misfit::SomebodyElse);
    }
    for (index, (template, with_face)) in there.iter().zip(&scores).enumerate() {
        let others = there.iter().enumerate().filter(|(other, _)| *other != index);
        let others: f32 = others.map(|(_, other)| score(template, other)).sum();
        // A single template has no others. It counts as recognised.
        let recognised = there.len() == 1 || others / (count - 1.0) >= matching.threshold;
        if recognised && (others + with_face) / count < matching.threshold {
            return Err(Misfit::Displaces);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::ModelId;
    use crate::template::TemplateId;
    use proptest::prelude::*;
    use uuid::Uuid;

    const THRESHOLD: f32 = 0.4;

    fn matching(model: &str) -> MatchPolicy {
        MatchPolicy { model: ModelId::new(model), threshold: THRESHOLD, fmr: 1e-4, cascade: None }
    }

    fn policy() -> EnrolmentPolicy {
        EnrolmentPolicy { matching: matching("m"), previous: Some(matching("old")) }
    }

    fn embedding(model: &str, values: &[f32]) -> Embedding {
        Embedding::normalised(ModelId::new(model), values.to_vec()).unwrap()
    }

    /// A direction in the plane, in degrees.
    fn at(degrees: f32) -> [f32; 2] {
        [degrees.to_radians().cos(), degrees.to_radians().sin()]
    }

    fn template(model: &str, degrees: f32) -> Template {
        Template {
            id: TemplateId(Uuid::from_u128(degrees as u128)),
            embedding: embedding(model, &at(degrees)),
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn join(degrees: f32, templates: &[Template]) -> Result<(), Misfit> {
        let (current, previous) = (embedding("m", &at(degrees)), embedding("old", &at(degrees)));
        joins(Candidate { current: &current, previous: Some(&previous) }, templates, &policy())
    }

    #[test]
    fn a_face_has_to_match_the_templates_there_are() {
        // 66 degrees are a cosine of 0.407, 67 of 0.391.
        let ada = [template("m", 0.0)];
        assert_eq!(join(66.0, &ada), Ok(()));
        assert_eq!(join(67.0, &ada), Err(Misfit::SomebodyElse));
        // By the mean, as at a sign-in: one template that happens to be near is not enough.
        let spread = [template("m", 0.0), template("m", 60.0)];
        assert_eq!(join(30.0, &spread), Ok(()));
        assert_eq!(join(120.0, &spread), Err(Misfit::SomebodyElse));
    }

    #[test]
    fn what_was_recognised_stays_recognised() {
        // The new face is near two of three, and the third would be lost: 0.5 + 0.5 + 0.17.
        let three = [template("m", 0.0), template("m", 60.0), template("m", 60.0)];
        assert_eq!(join(80.0, &three), Err(Misfit::Displaces));
        assert_eq!(join(50.0, &three), Ok(()));
        // A template that the others do not recognise already does not stop a person from adding a
        // face.
        let odd = [template("m", 0.0), template("m", 0.0), template("m", 0.0), template("m", 80.0)];
        assert_eq!(join(0.0, &odd), Ok(()));
    }

    #[test]
    fn who_has_not_moved_is_known_by_the_previous_model() {
        let old = [template("old", 0.0)];
        assert_eq!(join(10.0, &old), Ok(()));
        assert_eq!(join(90.0, &old), Err(Misfit::SomebodyElse));
        // Templates of the current model count alone.
        let both = [template("old", 0.0), template("m", 90.0)];
        assert_eq!(join(10.0, &both), Err(Misfit::SomebodyElse));
        assert_eq!(join(10.0, &[]), Err(Misfit::NothingToCompare));
        assert_eq!(join(10.0, &[template("other", 10.0)]), Err(Misfit::NothingToCompare));
        let current = embedding("m", &at(0.0));
        let alone = Candidate { current: &current, previous: None };
        assert_eq!(joins(alone, &old, &policy()), Err(Misfit::NothingToCompare));
    }

    #[test]
    fn first_faces_are_compared_with_each_other() {
        let faces = [0.0, 20.0, 90.0].map(|degrees| embedding("m", &at(degrees)));
        let together = |faces: &[&Embedding]| stand_together(faces, &policy());
        assert_eq!(together(&[&faces[0]]), Ok(()));
        assert_eq!(together(&[&faces[0], &faces[1]]), Ok(()));
        let refused = together(&[&faces[0], &faces[1], &faces[2]]);
        assert_eq!(refused, Err((2, Misfit::SomebodyElse)));
        assert_eq!(together(&[&faces[2], &faces[0]]), Err((1, Misfit::SomebodyElse)));
    }

    proptest! {
        /// In every order of additions, every template is accepted by the others.
        #[test]
        fn no_sequence_locks_a_face_out(
            faces in prop::collection::vec(prop::collection::vec(-1.0f32..1.0, 4), 1..12),
        ) {
            let mut there: Vec<Template> = Vec::new();
            for (index, values) in faces.iter().enumerate() {
                let Ok(face) = Embedding::normalised(ModelId::new("m"), values.clone()) else {
                    continue;
                };
                let candidate = Candidate { current: &face, previous: None };
                if there.is_empty() || joins(candidate, &there, &policy()).is_ok() {
                    let id = TemplateId(Uuid::from_u128(index as u128));
                    let created_at = chrono::DateTime::UNIX_EPOCH;
                    there.push(Template { id, embedding: face, created_at });
                }
            }
            let matching = matching("m");
            for one in &there {
                let others: Vec<f32> = there
                    .iter()
                    .filter(|other| other.id != one.id)
                    .filter_map(|o| Some(matching.score(&one.embedding, &o.embedding)?.value()))
                    .collect();
                let mean = others.iter().sum::<f32>() / others.len() as f32;
                prop_assert!(others.is_empty() || mean >= THRESHOLD - 1e-5);
            }
        }
    }
}
