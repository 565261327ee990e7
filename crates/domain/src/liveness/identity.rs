//! Whether one person is in all frames of a capture, and who that is.
//!
//! The person is taken from the most frontal frames, which the whole matcher looks at. In the
//! other frames its first stage often says enough: it knows the same person by more than a margin.
//! Where it does not, the whole matcher looks there too and its word counts. So the first stage
//! only ever confirms.

use super::evidence::{First, FrameObservation, Sight, Stage, Whole};
use super::policy::LivenessPolicy;
use super::reason::LivenessReason;
use super::steps::{Seen, Start};
use crate::capture::EncodedImage;
use crate::embedding::Embedding;

/// Frames that are averaged into the embedding of the person: the most frontal ones. More
/// bring frames in that are turned further, and cost a look of the whole matcher each. The mean of
/// five is the same to within a cosine of 0.99, and no nearer to the same person in another capture
/// (docs/measurements/liveness-cost.md).
const IDENTITY_FRAMES: usize = 3;

/// A face, as the current and the previous model see it.
pub(super) struct Who {
    pub embedding: Embedding,
    pub previous: Option<Embedding>,
    pub image: Option<EncodedImage>,
}

/// The frames that the whole matcher has to look at before the verdict on identity is certain.
/// Empty when it is. What it sees there may change the answer, so ask again.
#[must_use]
pub fn wanted(frames: &[FrameObservation], policy: &LivenessPolicy) -> Vec<usize> {
    let seen = Seen::all(frames);
    let Ok(start) = Start::of(&seen, policy) else { return Vec::new() };
    let capture = Capture::of(&seen, &start, policy);
    let unseen = |frames: &mut dyn Iterator<Item = &Seen<'_>>| -> Vec<usize> {
        frames.filter(|seen| seen.evidence.whole.is_none()).map(|seen| seen.index).collect()
    };
    let best = unseen(&mut capture.best.iter().copied());
    if !best.is_empty() {
        return best;
    }
    let mut open = Vec::new();
    for (a, b) in capture.pairs() {
        match alike(a.evidence, b.evidence, policy) {
            Some(true) => {}
            // Somebody else is in the capture. Nothing changes that.
            Some(false) => return Vec::new(),
            None => open.extend(unseen(&mut [a, b].into_iter())),
        }
    }
    if let Some(person) = Person::of(&capture.best, Stage::Whole) {
        let unsure = |seen: &&Seen<'_>| person.is(seen.evidence, policy).is_none();
        open.extend(unseen(&mut capture.turned.iter().copied().filter(unsure)));
    }
    open.sort_unstable();
    open.dedup();
    open
}

/// Checks that one person is in all frames, and returns that person's face. Where nobody knows, the
/// answer is no.
///
/// # Errors
/// [`LivenessReason::NoFrontalFrame`] or [`LivenessReason::IdentityChanged`].
pub(super) fn identity(
    frames: &[Seen<'_>],
    start: &Start,
    stage: Stage,
    policy: &LivenessPolicy,
) -> Result<Who, LivenessReason> {
    let capture = Capture::of(frames, start, policy);
    // Pair by pair: the mean of two people is like both.
    if !capture.pairs().all(|(a, b)| alike(a.evidence, b.evidence, policy) == Some(true)) {
        return Err(LivenessReason::IdentityChanged);
    }
    let person = Person::of(&capture.best, stage).ok_or(LivenessReason::NoFrontalFrame)?;
    if !capture.turned.iter().all(|seen| person.is(seen.evidence, policy) == Some(true)) {
        return Err(LivenessReason::IdentityChanged);
    }
    let previous: Option<Vec<&Embedding>> =
        capture.best.iter().map(|seen| seen.evidence.whole.as_ref()?.previous.as_ref()).collect();
    Ok(Who {
        embedding: person.embedding().ok_or(LivenessReason::NoFrontalFrame)?,
        previous: previous.and_then(|embeddings| mean(embeddings.into_iter())),
        image: capture.best.first().and_then(|seen| seen.evidence.image.clone()),
    })
}

/// How like the person of a capture the face in one frame is. Cosines, -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// To the first stage of the matcher; `None` where it has none.
    pub first: Option<f32>,
    /// To the whole matcher; `None` where it has not looked.
    pub whole: Option<f32>,
    /// Whether the frame is near frontal.
    pub frontal: bool,
}

/// The least scores by which one person is told in all frames: to the whole matcher, as far as it has
/// looked.
pub(super) struct Scores {
    /// For each of `frames`; `None` when nobody's face is frontal enough to compare with.
    pub likenesses: Vec<Option<Likeness>>,
    /// Frames that the person can be taken from.
    pub usable: usize,
    /// Least of every two near frontal frames.
    pub frontal: Option<f32>,
    /// Least of the turned frames, to the person.
    pub turned: Option<f32>,
}

/// What [`identity`] compares, as figures.
pub(super) fn scores(frames: &[Seen<'_>], start: &Start, policy: &LivenessPolicy) -> Scores {
    let capture = Capture::of(frames, start, policy);
    let person = Person::of(&capture.best, Stage::Whole);
    let cosine = |a: &Embedding, b: &Embedding| a.compare(b).ok().map(|score| score.value());
    let likeness = |seen: &Seen<'_>| {
        let person = person.as_ref()?;
        let (sight, whole) = (seen.evidence, seen.evidence.whole.as_ref());
        Some(Likeness {
            first: sight
                .first
                .as_ref()
                .zip(person.first.as_ref())
                .and_then(|(a, b)| cosine(&a.embedding, b)),
            whole: whole.zip(person.whole.as_ref()).and_then(|(a, b)| cosine(&a.embedding, b)),
            frontal: start.frontal(sight, policy),
        })
    };
    let likenesses: Vec<Option<Likeness>> = frames.iter().map(likeness).collect();
    let whole_of = |seen: &Seen<'_>| Some(seen.evidence.whole.as_ref()?.embedding.clone());
    let pairs = capture.pairs().filter_map(|(a, b)| cosine(&whole_of(a)?, &whole_of(b)?));
    let turned = likenesses.iter().flatten().filter(|l| !l.frontal).filter_map(|l| l.whole);
    Scores {
        usable: capture.best.len(),
        frontal: pairs.min_by(f32::total_cmp),
        turned: turned.min_by(f32::total_cmp),
        likenesses,
    }
}

/// The frames of a capture by what they say about identity.
struct Capture<'a> {
    /// Near frontal.
    frontal: Vec<&'a Seen<'a>>,
    /// The others.
    turned: Vec<&'a Seen<'a>>,
    /// The most frontal ones of those without a fault: what the person is taken from.
    best: Vec<&'a Seen<'a>>,
}

impl<'a> Capture<'a> {
    fn of(frames: &'a [Seen<'a>], start: &Start, policy: &LivenessPolicy) -> Self {
        let (frontal, turned): (Vec<_>, Vec<_>) =
            frames.iter().partition(|seen| start.frontal(seen.evidence, policy));
        let mut best: Vec<&Seen<'_>> =
            frontal.iter().copied().filter(|seen| seen.evidence.face.acceptable()).collect();
        let turn =
            |seen: &Seen<'_>| start.yaw(seen.evidence).abs() + start.pitch(seen.evidence).abs();
        best.sort_by(|a, b| turn(a).total_cmp(&turn(b)));
        best.truncate(IDENTITY_FRAMES);
        Self { frontal, turned, best }
    }

    /// Every two near frontal frames.
    fn pairs(&self) -> impl Iterator<Item = (&'a Seen<'a>, &'a Seen<'a>)> {
        self.frontal
            .iter()
            .enumerate()
            .flat_map(|(index, a)| self.frontal[..index].iter().map(|b| (*a, *b)))
    }
}

/// The person of the most frontal frames.
struct Person {
    /// As the whole matcher sees the person; `None` where the first stage alone is asked.
    whole: Option<Embedding>,
    /// As the first stage sees the person; `None` of a matcher without stages.
    first: Option<Embedding>,
}

impl Person {
    /// `None` when there is no such frame, or who is asked has not looked at one of them. The first
    /// stage alone must be sure of each.
    fn of(best: &[&Seen<'_>], stage: Stage) -> Option<Self> {
        let first: Option<Vec<&First>> =
            best.iter().map(|seen| seen.evidence.first.as_ref()).collect();
        let sure = first.as_ref().is_some_and(|looks| looks.iter().all(|look| look.sure));
        let first = first.and_then(|looks| mean(looks.iter().map(|look| &look.embedding)));
        if stage == Stage::First {
            return (sure && first.is_some()).then_some(Self { whole: None, first });
        }
        let whole: Option<Vec<&Whole>> =
            best.iter().map(|seen| seen.evidence.whole.as_ref()).collect();
        let whole = mean(whole?.iter().map(|whole| &whole.embedding))?;
        Some(Self { whole: Some(whole), first })
    }

    /// What templates are compared with.
    fn embedding(self) -> Option<Embedding> {
        self.whole.or(self.first)
    }

    /// Whether a turned frame shows this person. `None` when only the whole matcher could say.
    fn is(&self, sight: &Sight, policy: &LivenessPolicy) -> Option<bool> {
        let least = policy.min_identity_turned;
        match (&sight.whole, &self.whole, &sight.first, &self.first) {
            (Some(whole), Some(person), ..) => Some(reaches(&whole.embedding, person, least)),
            (None, _, Some(first), Some(person)) => {
                confirmed(&first.embedding, person, least, policy)
            }
            _ => None,
        }
    }
}

/// Whether two near frontal frames show one person. `None` when only the whole matcher could say.
fn alike(a: &Sight, b: &Sight, policy: &LivenessPolicy) -> Option<bool> {
    let least = policy.min_identity_frontal;
    match (&a.whole, &b.whole, &a.first, &b.first) {
        (Some(a), Some(b), ..) => Some(reaches(&a.embedding, &b.embedding, least)),
        (_, _, Some(a), Some(b)) => confirmed(&a.embedding, &b.embedding, least, policy),
        _ => None,
    }
}

fn reaches(a: &Embedding, b: &Embedding, least: f32) -> bool {
    a.compare(b).is_ok_and(|score| score.value() >= least)
}

/// Whether the first stage knows two faces to be one person's. It confirms, and never denies.
fn confirmed(a: &Embedding, b: &Embedding, least: f32, policy: &LivenessPolicy) -> Option<bool> {
    reaches(a, b, least + policy.first_stage_margin).then_some(true)
}

/// The direction between several embeddings of one model.
fn mean<'a>(embeddings: impl Iterator<Item = &'a Embedding>) -> Option<Embedding> {
    let mut embeddings = embeddings.peekable();
    let first = *embeddings.peek()?;
    let model = first.model().clone();
    let mut sum = vec![0.0; first.values().len()];
    for one in embeddings {
        for (total, value) in sum.iter_mut().zip(one.values()) {
            *total += value;
        }
    }
    Embedding::normalised(model, sum).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::ModelId;
    use crate::face::Face;
    use crate::geometry::{BoundingBox, FiveLandmarks, Point, Pose};
    use crate::liveness::pad::PadRange;
    use crate::quality::QualityMeasures;

    const POLICY: LivenessPolicy = LivenessPolicy::DEFAULT;

    /// The least cosine at which the first stage confirms, of near frontal frames and of turned
    /// ones.
    const FRONTAL: f32 = POLICY.min_identity_frontal + POLICY.first_stage_margin;
    const TURNED: f32 = POLICY.min_identity_turned + POLICY.first_stage_margin;

    /// An embedding whose cosine with that of 1 is `cosine`.
    fn at(model: &str, cosine: f32) -> Embedding {
        let values = vec![cosine, (1.0 - cosine * cosine).sqrt()];
        Embedding::normalised(ModelId::new(model), values).unwrap()
    }

    fn first(cosine: f32) -> First {
        First { embedding: at("first", cosine), sure: true }
    }

    fn whole(cosine: f32) -> Whole {
        Whole { embedding: at("whole", cosine), previous: None }
    }

    /// A frame at this yaw, by the first stage alone.
    fn frame(yaw: f32, cosine: f32) -> FrameObservation {
        let pose = Pose { yaw, pitch: 0.0, roll: 0.0 };
        let face = Face {
            bounding_box: BoundingBox { x: 100.0, y: 100.0, width: 150.0, height: 200.0 },
            detection_score: 0.9,
            landmarks: FiveLandmarks::from_array([Point::default(); 5]),
            pose,
            measures: QualityMeasures { pose, ..QualityMeasures::GOOD },
            reasons: Vec::new(),
        };
        let first = Some(first(cosine));
        let pad = PadRange::unknown();
        let sight = Sight { face, first, whole: None, lids: None, pad, image: None };
        FrameObservation { t_ms: 0, subject: Ok(sight), relief: None }
    }

    /// Seven near frontal frames, then three turned ones. The person is taken from the first three.
    fn capture() -> Vec<FrameObservation> {
        let yaws = [0.0, 0.0, 1.0, 1.0, 2.0, 5.0, 6.0, 20.0, 30.0, 20.0];
        let mut frames: Vec<_> =
            yaws.into_iter().zip(0..).map(|(yaw, _)| frame(yaw, 1.0)).collect();
        for (frame, t_ms) in frames.iter_mut().zip((0..).step_by(400)) {
            frame.t_ms = t_ms;
        }
        frames
    }

    fn sight(frame: &mut FrameObservation) -> &mut Sight {
        frame.subject.as_mut().unwrap()
    }

    /// What is asked for until the verdict is certain, where the whole matcher sees `cosine` in
    /// each of those frames.
    fn ask(frames: &mut [FrameObservation], cosine: impl Fn(usize) -> f32) -> Vec<Vec<usize>> {
        let mut asked = Vec::new();
        loop {
            let next = wanted(frames, &POLICY);
            if next.is_empty() {
                return asked;
            }
            for index in &next {
                sight(&mut frames[*index]).whole = Some(whole(cosine(*index)));
            }
            asked.push(next);
        }
    }

    fn one_person(frames: &[FrameObservation]) -> Result<(), LivenessReason> {
        let seen = Seen::all(frames);
        let start = Start::of(&seen, &POLICY)?;
        identity(&seen, &start, Stage::Whole, &POLICY).map(|_| ())
    }

    #[test]
    fn the_whole_matcher_looks_at_the_most_frontal_frames() {
        let mut frames = capture();
        assert_eq!(ask(&mut frames, |_| 1.0), [vec![0, 1, 2]]);
        assert_eq!(one_person(&frames), Ok(()));
    }

    #[test]
    fn and_where_the_first_stage_does_not_confirm() {
        for (index, least) in [(6, FRONTAL), (8, TURNED)] {
            let mut frames = capture();
            sight(&mut frames[index]).first = Some(first(least + 1e-3));
            assert_eq!(ask(&mut frames, |_| 1.0).len(), 1, "{index}");
            let mut frames = capture();
            sight(&mut frames[index]).first = Some(first(least - 1e-3));
            let asked = ask(&mut frames, |_| 1.0);
            assert!(asked.concat().contains(&index), "{asked:?}");
            assert_eq!(one_person(&frames), Ok(()));
            // Its word counts there.
            let mut frames = capture();
            sight(&mut frames[index]).first = Some(first(least - 1e-3));
            ask(&mut frames, |asked| if asked == index { 0.1 } else { 1.0 });
            assert_eq!(one_person(&frames), Err(LivenessReason::IdentityChanged));
        }
    }

    #[test]
    fn what_nobody_has_looked_at_confirms_nothing() {
        assert!(one_person(&capture()).is_err());
        let mut frames = capture();
        ask(&mut frames, |_| 1.0);
        for index in [6, 8] {
            let mut unseen = frames.clone();
            let lost = sight(&mut unseen[index]);
            (lost.first, lost.whole) = (None, None);
            assert_eq!(one_person(&unseen), Err(LivenessReason::IdentityChanged), "{index}");
        }
    }

    /// Who is seen by the first stage alone.
    fn first_person(frames: &[FrameObservation]) -> Result<Embedding, LivenessReason> {
        let seen = Seen::all(frames);
        let start = Start::of(&seen, &POLICY)?;
        identity(&seen, &start, Stage::First, &POLICY).map(|who| who.embedding)
    }

    #[test]
    fn the_first_stage_knows_a_person_in_every_frame_or_not_at_all() {
        let person = first_person(&capture()).unwrap();
        assert_eq!(person.model().as_str(), "first");
        // It confirms by its own limits. Where it does not, it knows nobody.
        for (index, least) in [(6, FRONTAL), (8, TURNED)] {
            for (cosine, known) in [(least + 1e-3, true), (least - 1e-3, false)] {
                let mut frames = capture();
                sight(&mut frames[index]).first = Some(first(cosine));
                assert_eq!(first_person(&frames).is_ok(), known, "{index} {cosine}");
                sight(&mut frames[index]).first = None;
                assert_eq!(first_person(&frames).err(), Some(LivenessReason::IdentityChanged));
            }
        }
        // It has to be sure of the frames that the person is taken from, and of no other.
        for (index, known) in [(1, false), (6, true), (8, true)] {
            let mut frames = capture();
            sight(&mut frames[index]).first = Some(First { sure: false, ..first(1.0) });
            assert_eq!(first_person(&frames).is_ok(), known, "{index}");
        }
    }

    #[test]
    fn a_matcher_without_stages_looks_at_every_frame() {
        let mut frames = capture();
        for frame in &mut frames {
            sight(frame).first = None;
        }
        let mut asked = ask(&mut frames, |_| 1.0).concat();
        asked.sort_unstable();
        assert_eq!(asked, Vec::from_iter(0..10));
        assert_eq!(one_person(&frames), Ok(()));
    }

    #[test]
    fn two_people_end_the_search() {
        let mut frames = capture();
        let asked = ask(&mut frames, |index| if index == 2 { 0.1 } else { 1.0 });
        assert_eq!(asked, [vec![0, 1, 2]]);
        assert_eq!(one_person(&frames), Err(LivenessReason::IdentityChanged));
    }
}
