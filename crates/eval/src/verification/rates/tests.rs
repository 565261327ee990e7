//! Rates of scores that were made up, beside rates that were counted by hand.

use std::path::Path;

use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::policy::{Cascade, MatchPolicy};

use super::*;
use crate::verification::acquired::Acquired;
use crate::verification::protocol::{Comparison, Comparisons, Sample};
use crate::verification::scores;

fn compare(protocol: &Protocol, acquired: &[Acquired]) -> Scores {
    scores::compare(protocol, acquired, &matching(None))
}

fn matching(cascade: Option<Cascade>) -> MatchPolicy {
    MatchPolicy { model: ModelId::new("m"), threshold: 0.5, fmr: 1e-4, cascade }
}

/// A face at this angle in a plane: the cosine of two is that of their difference.
fn face(degrees: f32) -> Acquired {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let model = ModelId::new("m");
    Acquired::Face(Embedding::normalised(model, vec![cos, sin]).unwrap())
}

fn protocol(identities: &[usize], comparisons: Comparisons, folds: usize) -> Protocol {
    let samples = identities
        .iter()
        .enumerate()
        .map(|(n, identity)| Sample {
            path: Path::new("x").into(),
            name: n.to_string(),
            identity: *identity,
        })
        .collect();
    let people = identities.iter().max().map_or(0, |most| most + 1);
    Protocol {
        samples,
        identities: (0..people).map(|p| p.to_string()).collect(),
        comparisons,
        folds,
    }
}

#[test]
fn all_pairs_are_counted_with_what_was_not_acquired() {
    let protocol = protocol(&[0, 0, 1, 1, 2], Comparisons::All, 1);
    let failed = Acquired::Failed(vec!["no_face".to_owned()]);
    let acquired = [face(0.0), face(10.0), face(90.0), face(100.0), failed];
    let scores = compare(&protocol, &acquired);
    assert_eq!((scores.mated.len(), scores.non_mated.total()), (2, 8));
    assert_eq!((scores.non_mated.scored, scores.non_mated.lost), (4, 4));
    // cos 80 = 0.17, cos 90 = 0 twice, cos 100 = -0.17.
    let at_0 = at(&protocol, &scores, 0.1, None);
    assert_eq!(at_0.fmr, Proportion { hits: 1, trials: 8 });
    assert_eq!(at_0.fnmr, Proportion { hits: 0, trials: 2 });
    let strict = at(&protocol, &scores, 0.99, None);
    assert_eq!(strict.fnmr, Proportion { hits: 2, trials: 2 });
    assert_eq!(strict.fmr.hits, 0);
}

#[test]
fn a_failure_to_acquire_is_a_false_non_match() {
    let comparison = |left, right, mated| Comparison { left, right, mated, fold: 0 };
    let listed = vec![comparison(0, 1, true), comparison(0, 2, true), comparison(0, 3, false)];
    let protocol = protocol(&[0, 0, 0, 1], Comparisons::Listed(listed), 1);
    let acquired = [face(0.0), face(5.0), Acquired::Failed(vec![]), face(80.0)];
    let scores = compare(&protocol, &acquired);
    let at = at(&protocol, &scores, 0.5, None);
    assert_eq!(at.fnmr, Proportion { hits: 1, trials: 2 });
    assert_eq!(at.fmr, Proportion { hits: 0, trials: 1 });
}

#[test]
fn a_pair_without_two_faces_counts_against_its_own_fold() {
    let comparison = |left, right, mated, fold| Comparison { left, right, mated, fold };
    let listed = vec![
        comparison(0, 1, true, 0),
        comparison(0, 2, false, 0),
        comparison(3, 4, true, 1),
        comparison(3, 5, false, 1),
    ];
    let protocol = protocol(&[0, 0, 1, 2, 2, 3], Comparisons::Listed(listed), 2);
    let failed = Acquired::Failed(vec!["no_face".to_owned()]);
    let acquired = [face(0.0), face(5.0), face(80.0), face(0.0), face(5.0), failed];
    let scores = compare(&protocol, &acquired);
    assert_eq!(fold_accuracies(&scores, 2), [1.0, 0.5]);
}

/// Thirty people with two pictures each, and a known spread between strangers.
fn crowd() -> (Protocol, Scores) {
    let identities: Vec<usize> = (0..60).map(|n| n / 2).collect();
    let protocol = protocol(&identities, Comparisons::All, 1);
    let acquired: Vec<Acquired> =
        (0..60).map(|n| face((n / 2) as f32 * 6.0 + (n % 2) as f32)).collect();
    let scores = compare(&protocol, &acquired);
    (protocol, scores)
}

#[test]
fn thresholds_keep_to_the_rate_that_is_asked_for() {
    let (protocol, scores) = crowd();
    let total = scores.non_mated.total() as f64;
    assert_eq!(total, 1740.0);
    let threshold = threshold_at(&scores, 0.01).expect("shown by the data");
    let found = at(&protocol, &scores, threshold, Some(0.01));
    assert!(found.fmr.rate().unwrap() <= 0.01, "{found:?}");
    // One step lower, and more than that would match.
    let strongest = &scores.non_mated.strongest;
    let next = strongest[found.fmr.hits].score.unwrap();
    assert!(at(&protocol, &scores, next, None).fmr.hits as f64 > 0.01 * total);
    let (low, high) = found.fmr_interval.expect("an interval");
    assert!(low <= found.fmr.rate().unwrap() && found.fmr.rate().unwrap() <= high);
    // Nothing is said of what 1,740 comparisons cannot show.
    assert_eq!(threshold_at(&scores, 1e-3), None);
}

#[test]
fn a_cascade_is_measured_as_it_decides() {
    let whole = |values: &[f32]| {
        Acquired::Face(Embedding::normalised(ModelId::new("m"), values.to_vec()).unwrap())
    };
    // Two models of two values. The first model distinguishes the pictures of one person.
    let acquired =
        [whole(&[1.0, 0.0, 1.0, 0.0]), whole(&[0.0, 1.0, 1.0, 0.0]), whole(&[1.0, 0.0, 0.0, 1.0])];
    let protocol = protocol(&[0, 0, 1], Comparisons::All, 1);
    let cascade = Cascade { model: ModelId::new("second"), part: 2..4, margin: 0.2 };
    let matching = matching(Some(cascade));
    let scores = scores::compare(&protocol, &acquired, &matching);
    let mated = scores.mated[0];
    assert!((mated.score.unwrap() - 0.8).abs() < 1e-6, "{mated:?}");
    assert_eq!(mated.first, mated.score);
    // Strangers whom the first model takes for one count with the whole: half.
    let strangers = &scores.non_mated.strongest;
    assert!((strangers[0].score.unwrap() - 0.5).abs() < 1e-6, "{strangers:?}");
    assert!(strangers[0].first.unwrap() < 0.0);
    // What is measured is what the service decides by.
    let face = |index: usize| acquired[index].embedding().unwrap();
    for scored in scores.mated.iter().chain(strangers) {
        let decided = matching.score(face(scored.left), face(scored.right)).unwrap();
        assert_eq!(scored.score, Some(decided.value()));
    }
}

#[test]
fn the_equal_error_rate_is_where_both_meet() {
    let (_, scores) = crowd();
    let (rate, _) = equal_error(&scores).expect("a rate");
    assert!(rate < 0.01, "{rate}");
    let comparison = |left, right, mated| Comparison { left, right, mated, fold: 0 };
    // Of two mated and two non-mated pairs one each is on the wrong side.
    let listed = vec![
        comparison(0, 1, true),
        comparison(2, 3, true),
        comparison(0, 2, false),
        comparison(1, 3, false),
    ];
    let protocol = protocol(&[0, 0, 1, 1], Comparisons::Listed(listed), 1);
    let scores = compare(&protocol, &[face(0.0), face(10.0), face(90.0), face(20.0)]);
    assert_eq!(equal_error(&scores).map(|(rate, _)| rate), Some(0.5));
}

#[test]
fn folds_are_judged_by_thresholds_of_the_others() {
    let mut listed = Vec::new();
    let mut faces = Vec::new();
    let mut identities = Vec::new();
    for fold in 0..3 {
        for pair in 0..4 {
            let (mated, apart) = if pair < 2 { (true, 10.0) } else { (false, 60.0) };
            let at = faces.len();
            faces.extend([face(0.0), face(apart + pair as f32)]);
            identities.extend([at, at + usize::from(!mated)]);
            listed.push(Comparison { left: at, right: at + 1, mated, fold });
        }
    }
    let protocol = protocol(&identities, Comparisons::Listed(listed), 3);
    let scores = compare(&protocol, &faces);
    assert_eq!(fold_accuracies(&scores, 3), [1.0, 1.0, 1.0]);
    assert_eq!(mean_and_deviation(&[1.0, 0.5, 0.0]), Some((0.5, 0.5)));
}
