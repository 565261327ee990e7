//! Classifications to the error rates of ISO/IEC 30107-3, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::pad::{Classification, Presentation};
use crate::proportion::Proportion;
use crate::recordings::{Medium, Recording, Truth};

/// What was classified so far.
#[derive(Debug, Clone, Default)]
pub struct PadReport {
    rows: BTreeMap<(Medium, Truth), Vec<(String, Presentation)>>,
}

impl PadReport {
    /// Adds the presentations of a recording.
    pub fn add(&mut self, recording: &Recording, presentations: Vec<Presentation>) {
        let name = recording.path.file_name().unwrap_or_default().to_string_lossy();
        let key = (recording.medium, recording.truth.clone());
        self.rows
            .entry(key)
            .or_default()
            .extend(presentations.into_iter().map(|p| (name.clone().into_owned(), p)));
    }

    /// The table of error rates, the reasons, and every error by file name.
    ///
    /// APCER is the share of an attack species that was taken for a person, BPCER the share
    /// of people who were taken for an attack, both of the presentations that got a
    /// response. What got none is counted apart (APNRR, BPNRR): it lets nobody in, and what
    /// it costs people is in the last column, the share of all presentations that did not
    /// pass.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| input | presented | files | presentations | no response | error rate, 95 % | passed |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for ((medium, truth), presentations) in &self.rows {
            let mut files: Vec<&str> = presentations.iter().map(|(f, _)| f.as_str()).collect();
            files.dedup();
            let (wrong, metric) = wrong(truth);
            let all = || presentations.iter().map(|(_, p)| p.classification);
            let silent = Proportion::of(all(), |c| *c == Classification::NoResponse);
            let answered = all().filter(|c| *c != Classification::NoResponse);
            let errors = Proportion::of(answered, |c| *c == wrong);
            let passed = Proportion::of(all(), |c| *c == Classification::BonaFide);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | {truth} | {} | {} | {} | {metric} {errors} | {} of {} |",
                word(*medium),
                files.len(),
                presentations.len(),
                silent.hits,
                passed.hits,
                passed.trials,
            );
        }
        text.push_str(&self.reasons());
        text.push_str(&self.errors());
        text
    }

    /// How often each reason was given, by kind of presentation.
    fn reasons(&self) -> String {
        let mut text = String::from("\n| input | presented | reasons |\n| --- | --- | --- |\n");
        for ((medium, truth), presentations) in &self.rows {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for reason in presentations.iter().flat_map(|(_, p)| &p.reasons) {
                *counts.entry(reason).or_default() += 1;
            }
            let listed: Vec<String> =
                counts.iter().map(|(reason, count)| format!("`{reason}` {count}")).collect();
            let listed = if listed.is_empty() { "-".to_owned() } else { listed.join(", ") };
            let _ = writeln!(text, "| {} | {truth} | {listed} |", word(*medium));
        }
        text
    }

    /// The files that were classified wrongly, so that somebody can look at them.
    fn errors(&self) -> String {
        let mut text = String::new();
        for ((medium, truth), presentations) in &self.rows {
            let (wrong, _) = wrong(truth);
            let mut files: BTreeMap<&str, usize> = BTreeMap::new();
            for (file, _) in presentations.iter().filter(|(_, p)| p.classification == wrong) {
                *files.entry(file).or_default() += 1;
            }
            for (file, count) in files {
                let times = if count > 1 { format!(", {count} times") } else { String::new() };
                let kind = word(*medium);
                let _ = writeln!(text, "- {kind} taken wrongly, {truth}: `{file}`{times}");
            }
        }
        if text.is_empty() { text } else { format!("\n{text}") }
    }
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
    use super::*;

    fn presentation(classification: Classification, reasons: &[&'static str]) -> Presentation {
        Presentation { classification, reasons: reasons.to_vec() }
    }

    fn recording(file: &str, medium: Medium, truth: Truth) -> Recording {
        Recording { path: file.into(), medium, truth }
    }

    #[test]
    fn errors_are_counted_by_species_and_what_got_no_response_apart() {
        use Classification::{Attack, BonaFide, NoResponse};
        let mut report = PadReport::default();
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
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
