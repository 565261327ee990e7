//! Ports that answer what a test has scripted.
//!
//! [`ScriptedAnalyzer`] reads its script from the picture itself: the grey value of a
//! plain picture is what the analyzer finds in it. So a test says with the picture it
//! sends which branch it drives, over real HTTP and without weights.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::analyzer::{
    Analysis, AnalysisFuture, AnalysisSlot, AnalyzerUnavailable, CaptureAnalysis, CaptureProblem,
    Depth, Evidence, FaceAnalyzer, ImageProblem, Keep, ObserveFuture, ObserveProblem, PadScore,
    ReserveError, Settled,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::challenge::Action;
use faceauth_domain::clip::ClipProblem;
use faceauth_domain::clock::Clock;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::face::{BoundingBox, Face, FiveLandmarks, Point, Pose};
use faceauth_domain::liveness::capture::{LivenessCapture, TimedImage};
use faceauth_domain::liveness::evidence::{
    FrameObservation, Observation, Recurrence, Relief, Transition,
};
use faceauth_domain::quality::{Appearance, QualityMeasures, QualityReason};
use faceauth_domain::subject::SubjectError;

/// The model the scripted embeddings belong to.
pub const MODEL: &str = "scripted";

/// The model of a scripted first stage.
pub const FIRST_STAGE: &str = "scripted-first";

/// Where the values of a person lie in a scripted embedding, which distinguishes all people.
pub const FIRST_PART: Range<usize> = 0..4;

/// Distance between the grey values of two scripts: more than a JPEG moves one, and little
/// enough that every script has one below 255.
const GREY_STEP: u8 = 10;

/// Side of a picture in pixels.
const PICTURE_SIDE: u32 = 8;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// One of many people; each matches only themselves.
    Person(u8),
    /// A person whose picture looks like a print.
    Print(u8),
    /// Nobody.
    Nobody,
    /// Several people.
    Crowd,
    /// A face that is not usable for this reason.
    Unusable(QualityReason),
    /// Bytes that do not decode.
    Garbage,
    /// More pixels than memory allows.
    Huge,
    /// Something that makes the analyzer fail.
    Failure,
}

impl Shows {
    /// Everything, in the order of the grey values that stand for it.
    fn all() -> Vec<Self> {
        let people = (0..4).flat_map(|n| [Self::Person(n), Self::Print(n)]);
        let reasons = QualityReason::ALL.into_iter().map(Self::Unusable);
        let rest = [Self::Nobody, Self::Crowd, Self::Garbage, Self::Huge, Self::Failure];
        people.chain(reasons).chain(rest).collect()
    }

    /// A PNG that shows it. PNG keeps grey values exactly.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn picture(self) -> Vec<u8> {
        crate::photos::png(&image::DynamicImage::ImageLuma8(self.pixels()))
    }

    /// A JPEG that shows it.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn jpeg(self) -> Vec<u8> {
        crate::photos::jpeg(&image::DynamicImage::ImageLuma8(self.pixels()).to_rgb8(), 100)
    }

    fn pixels(self) -> image::GrayImage {
        image::GrayImage::from_pixel(PICTURE_SIDE, PICTURE_SIDE, image::Luma([self.grey()]))
    }

    fn grey(self) -> u8 {
        let index = Self::all().iter().position(|shows| *shows == self).expect("a grey value");
        GREY_STEP * index as u8
    }

    /// A frame that shows it in the middle of `action`. The width of the picture encodes the
    /// action. Two salts never give the same bytes.
    ///
    /// # Panics
    /// Never: everything has a grey value.
    #[must_use]
    pub fn frame(self, action: Option<Action>, salt: u32) -> Vec<u8> {
        let code = action.map_or(0, |wanted| {
            1 + Action::ALL.iter().position(|a| *a == wanted).expect("an action") as u32
        });
        let mut picture = image::GrayImage::from_pixel(
            PICTURE_SIDE + code,
            PICTURE_SIDE,
            image::Luma([self.grey()]),
        );
        for (x, byte) in salt.to_be_bytes().into_iter().enumerate() {
            picture.put_pixel(x as u32, PICTURE_SIDE - 1, image::Luma([byte]));
        }
        crate::photos::png(&image::DynamicImage::ImageLuma8(picture))
    }

    fn of(image: &EncodedImage) -> Self {
        let grey =
            image::load_from_memory(image.bytes()).map(|i| i.to_luma8().get_pixel(0, 0).0[0]);
        // To the nearest: JPEG moves grey values a little.
        let index = grey.map(|grey| usize::from((grey + GREY_STEP / 2) / GREY_STEP));
        index.ok().and_then(|i| Self::all().get(i).copied()).unwrap_or(Self::Garbage)
    }
}

/// Whether the analyzer takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    /// It does.
    Ready,
    /// Every place is taken.
    Full,
    /// The models are still loading.
    Loading,
}

/// An analyzer that finds what [`Shows`] says.
pub struct ScriptedAnalyzer {
    models: Models,
    mood: AtomicU8,
    analyses: AtomicUsize,
    /// How many recognitions the first stage settled.
    settled: Arc<AtomicUsize>,
}

impl Default for ScriptedAnalyzer {
    fn default() -> Self {
        Self::moving(MODEL, None)
    }
}

/// The models whose embeddings are made.
#[derive(Debug, Clone)]
struct Models {
    current: ModelId,
    previous: Option<ModelId>,
}

impl ScriptedAnalyzer {
    /// An analyzer of the model `current`, while people move to it from `previous`.
    #[must_use]
    pub fn moving(current: &str, previous: Option<&str>) -> Self {
        let models =
            Models { current: ModelId::new(current), previous: previous.map(ModelId::new) };
        Self {
            models,
            mood: AtomicU8::new(Mood::Ready as u8),
            analyses: AtomicUsize::new(0),
            settled: Arc::default(),
        }
    }

    /// Changes whether it takes work.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How many places in the queue have been taken, each for one analysis.
    pub fn analyses(&self) -> usize {
        self.analyses.load(Ordering::SeqCst)
    }

    /// How many pictures were recognised by the first stage alone.
    pub fn settled(&self) -> usize {
        self.settled.load(Ordering::SeqCst)
    }

    fn is(&self, mood: Mood) -> bool {
        self.mood.load(Ordering::SeqCst) == mood as u8
    }
}

impl FaceAnalyzer for ScriptedAnalyzer {
    fn model(&self) -> &ModelId {
        &self.models.current
    }

    fn ready(&self) -> bool {
        !self.is(Mood::Loading)
    }

    fn reserve(&self) -> Result<Box<dyn AnalysisSlot>, ReserveError> {
        if self.is(Mood::Loading) {
            return Err(AnalyzerUnavailable.into());
        }
        if self.is(Mood::Full) {
            return Err(ReserveError::Full);
        }
        self.analyses.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Slot { models: self.models.clone(), settled: Arc::clone(&self.settled) }))
    }
}

struct Slot {
    models: Models,
    settled: Arc<AtomicUsize>,
}

impl AnalysisSlot for Slot {
    fn analyze(self: Box<Self>, capture: Capture, depth: Depth) -> AnalysisFuture {
        let answer: Result<CaptureAnalysis, AnalyzerUnavailable> =
            capture.images().iter().map(|image| analyze(&self.models, image, depth)).collect();
        Box::pin(async move { answer })
    }

    fn recognise(self: Box<Self>, image: EncodedImage, settled: Settled) -> AnalysisFuture {
        let answer = analyze(&self.models, &image, Depth::Probe).map(|found| {
            let found = found.map(|mut analysis| {
                if let Some(Ok(seen)) = &mut analysis.evidence {
                    let first = seen.embedding.part(ModelId::new(FIRST_STAGE), FIRST_PART);
                    let first = first.expect("a direction");
                    if settled(&first, seen.pad) {
                        self.settled.fetch_add(1, Ordering::SeqCst);
                        seen.embedding = first;
                        seen.previous = None;
                    }
                }
                analysis
            });
            vec![found]
        });
        Box::pin(async move { answer })
    }

    fn observe(self: Box<Self>, capture: LivenessCapture, keep: Keep) -> ObserveFuture {
        let answer = match &capture {
            LivenessCapture::Frames(frames) => observe(&self.models, frames.as_slice(), keep),
            // What is in a clip is for the real analyzer: this one finds it broken.
            LivenessCapture::Clip(_) => Ok(Err(ObserveProblem::Clip(ClipProblem::Undecodable))),
        };
        Box::pin(async move { answer })
    }
}

fn observe(
    models: &Models,
    frames: &[TimedImage],
    keep: Keep,
) -> Result<Result<Observation, ObserveProblem>, AnalyzerUnavailable> {
    let mut seen = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let analysis = match analyze(models, &frame.image, Depth::Subject(keep))? {
            Ok(analysis) => analysis,
            Err(problem) => return Ok(Err(ObserveProblem::Frame { index, problem })),
        };
        let width = frame.image.size().width;
        let action = width
            .checked_sub(PICTURE_SIDE + 1)
            .and_then(|code| Action::ALL.get(code as usize).copied());
        let subject = analysis.evidence.expect("subject depth").map(|mut evidence| {
            perform(&mut evidence.face, action);
            evidence
        });
        let turned = action.is_some_and(Action::rotates);
        let depth = if turned { 0.2 } else { 0.01 };
        let relief = subject.is_ok().then_some(Relief { turn: depth, depth });
        seen.push(FrameObservation { t_ms: frame.t_ms, subject, relief });
    }
    // A camera's noise: no two frames are the same picture.
    let difference = 5.0;
    let transition = Transition {
        change: difference,
        background_change: Some(0.05),
        face: None,
        background: None,
    };
    let recurrences =
        (2..seen.len()).map(|frame| Recurrence { frame, earlier: 0, difference }).collect();
    let transitions = vec![transition; seen.len().saturating_sub(1)];
    Ok(Ok(Observation { frames: seen, transitions, recurrences }))
}

/// Moves the face as somebody in the middle of `action` does.
fn perform(face: &mut Face, action: Option<Action>) {
    match action {
        None => {}
        // Their own left is the right of the image.
        Some(Action::TurnLeft) => face.pose.yaw = 30.0,
        Some(Action::TurnRight) => face.pose.yaw = -30.0,
        Some(Action::LookUp) => face.pose.pitch = 20.0,
        Some(Action::Blink) => face.measures.eye_openness *= 0.3,
        Some(Action::MoveCloser) => face.bounding_box.height *= 1.4,
    }
}

/// Milliseconds between the frames of [`performance`].
pub const FRAME_MS: u32 = 400;

/// The frames of a person who performs `actions`, with their times: straight at the start, there
/// and back for each, straight at the end. Another `salt` gives other bytes.
#[must_use]
pub fn performance(shows: Shows, actions: &[Action], salt: u32) -> Vec<(u32, Vec<u8>)> {
    let straight = [None, None];
    let there_and_back = actions.iter().flat_map(|action| [Some(*action), None]);
    straight
        .into_iter()
        .chain(there_and_back)
        .chain(straight)
        .enumerate()
        .map(|(index, action)| {
            let index = index as u32;
            (index * FRAME_MS, shows.frame(action, (salt << 8) + index))
        })
        .collect()
}

fn analyze(
    models: &Models,
    image: &EncodedImage,
    depth: Depth,
) -> Result<Result<Analysis, ImageProblem>, AnalyzerUnavailable> {
    let shows = Shows::of(image);
    let (faces, evidence) = match shows {
        Shows::Failure => return Err(AnalyzerUnavailable),
        Shows::Garbage => return Ok(Err(ImageProblem::Undecodable)),
        Shows::Huge => return Ok(Err(ImageProblem::DimensionsTooLarge)),
        Shows::Person(n) => (vec![face(&[])], Ok(evidence(models, n, 0.9))),
        Shows::Print(n) => (vec![face(&[])], Ok(evidence(models, n, 0.1))),
        Shows::Nobody => (vec![], Err(SubjectError::NoFace.into())),
        Shows::Crowd => (vec![face(&[]), face(&[])], Err(SubjectError::MultipleFaces.into())),
        Shows::Unusable(reason) => {
            (vec![face(&[reason])], Err(CaptureProblem::Quality(vec![reason])))
        }
    };
    let evidence = match depth {
        Depth::Faces => None,
        Depth::Subject(Keep::Nothing) | Depth::Probe => Some(evidence),
        // The whole picture; what the real analyzer cuts away is for its own tests.
        Depth::Subject(Keep::FaceImage) => {
            Some(evidence.map(|seen| Evidence { image: Some(image.clone()), ..seen }))
        }
    };
    Ok(Ok(Analysis { size: image.size(), faces, evidence }))
}

fn evidence(models: &Models, person: u8, pad: f32) -> Evidence {
    let embed = |model: &ModelId| {
        Embedding::normalised(model.clone(), embedding_values(person)).expect("a direction")
    };
    Evidence {
        face: face(&[]),
        embedding: embed(&models.current),
        previous: models.previous.as_ref().map(embed),
        pad: PadScore::new(pad),
        image: None,
    }
}

/// The direction of a person: an axis of its own, with digits one can search logs for.
#[must_use]
pub fn embedding_values(person: u8) -> Vec<f32> {
    (0..8).map(|axis| if axis == person { 0.987_654_3 } else { 0.012_345_67 }).collect()
}

fn face(reasons: &[QualityReason]) -> Face {
    let pose = Pose::default();
    Face {
        bounding_box: BoundingBox { x: 1.0, y: 2.0, width: 3.04, height: 4.0 },
        detection_score: 0.9,
        landmarks: FiveLandmarks::from_array([Point { x: 2.0, y: 3.0 }; 5]),
        pose,
        measures: QualityMeasures {
            eye_distance_px: 60.0,
            margin: 0.3,
            pose,
            sharpness: 0.5,
            brightness: 120.0,
            under_exposed: 0.0,
            over_exposed: 0.0,
            eye_openness: 0.3,
            appearance: Appearance::NATURAL,
            likeness: Some(1.3),
        },
        reasons: reasons.to_vec(),
    }
}

/// A clock that is moved by hand, in milliseconds.
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600_000))
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).expect("a time")
    }
}
