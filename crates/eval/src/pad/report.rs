//! Classifications to the error rates of ISO/IEC 30107-3: as Markdown, as JSON and as a page
//! without anything beside it.
//!
//! APCER is the share of an attack species that was taken for a person, BPCER the share of people
//! who were taken for an attack, both of the presentations that got a response. Presentations
//! without a response are counted apart. They sign nobody in, and people who got none are missing
//! in the count of those who passed.

mod html;
mod json;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};

use super::tradeoff::Tradeoff;
use super::{Classification, Limits, Presentation};
use crate::proportion::Proportion;
use crate::recordings::{Medium, Recording, Truth};

/// What was classified so far.
#[derive(Debug, Clone)]
pub struct PadReport {
    /// The thresholds it was classified by.
    limits: Limits,
    rows: BTreeMap<(Medium, Truth), Vec<(String, Presentation)>>,
}

/// One kind of presentation, counted.
struct Row<'a> {
    medium: Medium,
    truth: &'a Truth,
    files: usize,
    presentations: usize,
    no_response: usize,
    metric: &'static str,
    errors: Proportion,
    passed: Proportion,
    reasons: BTreeMap<&'static str, usize>,
    /// Files that were classified wrongly, and how often.
    wrong: BTreeMap<&'a str, usize>,
    /// Files that got no response, and why.
    unanswered: BTreeMap<&'a str, BTreeSet<&'static str>>,
}

impl PadReport {
    /// A report of nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, rows: BTreeMap::new() }
    }

    /// Adds the presentations of a recording.
    pub fn add(&mut self, recording: &Recording, presentations: Vec<Presentation>) {
        let name = recording.path.file_name().unwrap_or_default().to_string_lossy();
        let key = (recording.medium, recording.truth.clone());
        self.rows
            .entry(key)
            .or_default()
            .extend(presentations.into_iter().map(|p| (name.clone().into_owned(), p)));
    }

    /// The report as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// The report as JSON, rates as shares.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json::json(self)
    }

    /// The report as a page.
    #[must_use]
    pub fn html(&self) -> String {
        html::html(self)
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|((medium, truth), presentations)| {
            let mut files: Vec<&str> = presentations.iter().map(|(f, _)| f.as_str()).collect();
            files.dedup();
            let (error, metric) = wrong(truth);
            let all = || presentations.iter().map(|(_, p)| p.classification);
            let answered = all().filter(|c| *c != Classification::NoResponse);
            let mut reasons = BTreeMap::new();
            for reason in presentations.iter().flat_map(|(_, p)| &p.reasons) {
                *reasons.entry(*reason).or_default() += 1;
            }
            let mut wrong = BTreeMap::new();
            for (file, _) in presentations.iter().filter(|(_, p)| p.classification == error) {
                *wrong.entry(file.as_str()).or_default() += 1;
            }
            let mut unanswered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for (file, presentation) in presentations {
                if presentation.classification == Classification::NoResponse {
                    unanswered.entry(file).or_default().extend(&presentation.reasons);
                }
            }
            Row {
                medium: *medium,
                truth,
                files: files.len(),
                presentations: presentations.len(),
                no_response: all().filter(|c| *c == Classification::NoResponse).count(),
                metric,
                errors: Proportion::of(answered, |c| *c == error),
                passed: Proportion::of(all(), |c| *c == Classification::BonaFide),
                reasons,
                wrong,
                unanswered,
            }
        })
    }

    /// What other thresholds of the score alone would do to each species, by medium; only where
    /// there are both people and attacks.
    fn tradeoffs(&self) -> Vec<Curves<'_>> {
        let scores = |presentations: &[(String, Presentation)]| -> Vec<f32> {
            presentations.iter().filter_map(|(_, p)| p.score).collect()
        };
        let of = |medium: Medium, configured: f32| {
            let people = self.rows.get(&(medium, Truth::BonaFide)).map(|p| scores(p));
            let people = people.unwrap_or_default();
            let species = self
                .rows
                .iter()
                .filter(|((other, truth), _)| *other == medium && *truth != Truth::BonaFide)
                .map(|((_, truth), presentations)| {
                    (truth, Tradeoff::new(&people, &scores(presentations)))
                })
                .filter(|(_, tradeoff)| !tradeoff.points.is_empty())
                .collect();
            Curves { medium, configured, species }
        };
        [
            of(Medium::Picture, self.limits.picture),
            of(Medium::Clip, self.limits.liveness.min_mean_pad),
        ]
        .into_iter()
        .filter(|curves| !curves.species.is_empty())
        .collect()
    }
}

/// What other thresholds would do with one medium.
struct Curves<'a> {
    medium: Medium,
    /// The threshold that is configured.
    configured: f32,
    species: Vec<(&'a Truth, Tradeoff)>,
}

/// Which classification is the error, and what its rate is called.
fn wrong(truth: &Truth) -> (Classification, &'static str) {
    match truth {
        Truth::BonaFide => (Classification::Attack, "BPCER"),
        Truth::Attack(_) => (Classification::BonaFide, "APCER"),
    }
}

fn word(medium: Medium) -> &'static str {
    match medium {
        Medium::Picture => "picture",
        Medium::Clip => "clip",
    }
}

#[cfg(test)]
mod tests {
    use faceauth_domain::liveness::policy::LivenessPolicy;

    use super::*;

    fn presentation(classification: Classification, reasons: &[&'static str]) -> Presentation {
        let score = match classification {
            Classification::BonaFide => Some(0.9),
            Classification::Attack => Some(0.1),
            Classification::NoResponse => None,
        };
        Presentation { classification, reasons: reasons.to_vec(), score }
    }

    fn recording(file: &str, medium: Medium, truth: Truth) -> Recording {
        Recording { path: file.into(), medium, truth }
    }

    #[test]
    fn errors_are_counted_by_species_and_what_got_no_response_apart() {
        use Classification::{Attack, BonaFide, NoResponse};
        let limits = Limits { picture: 0.5, liveness: LivenessPolicy::DEFAULT };
        let mut report = PadReport::new(limits);
        let print = Truth::Attack("print".to_owned());
        report.add(
            &recording("dir/a.png", Medium::Picture, print.clone()),
            vec![presentation(BonaFide, &[])],
        );
        report.add(
            &recording("dir/b.png", Medium::Picture, print),
            vec![presentation(Attack, &["presentation_attack"])],
        );
        report.add(
            &recording("c.mp4", Medium::Clip, Truth::BonaFide),
            vec![
                presentation(BonaFide, &[]),
                presentation(NoResponse, &["no_face"]),
                presentation(Attack, &["scene_cut"]),
                presentation(Attack, &["scene_cut"]),
            ],
        );
        let text = report.markdown();
        for line in [
            "| picture | print | 2 | 2 | 0 | APCER 50.0 % (9.5 to 90.5) | 1 of 2 |",
            "| clip | bona fide | 1 | 4 | 1 | BPCER 66.7 % (20.8 to 93.9) | 1 of 4 |",
            "| clip | bona fide | `no_face` 1, `scene_cut` 2 |",
            "- picture taken wrongly, print: `a.png`",
            "- clip taken wrongly, bona fide: `c.mp4`, 2 times",
            "- clip without a response, bona fide: `c.mp4`, no_face",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }

        let json = report.json();
        assert_eq!(json["presentations"][0]["metric"], "APCER", "{json}");
        assert_eq!(json["presentations"][0]["errors"], 1, "{json}");
        let unanswered = &json["presentations"][1]["unanswered"];
        assert_eq!(*unanswered, serde_json::json!({ "c.mp4": ["no_face"] }), "{json}");
        assert!(report.html().contains("<code>c.mp4</code>, no_face"));
        // No bona fide picture was presented, so there is no trade-off to show.
        assert_eq!(json["tradeoffs"], serde_json::json!([]));
        report.add(
            &recording("d.png", Medium::Picture, Truth::BonaFide),
            vec![presentation(BonaFide, &[])],
        );
        assert_eq!(report.json()["tradeoffs"][0]["input"], "picture");
        let page = report.html();
        assert!(page.contains("<svg") && page.contains("APCER") && !page.contains("http"));
    }
}
