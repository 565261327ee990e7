//! Ports that answer what a test has scripted.
//!
//! [`ScriptedAnalyzer`] reads its script from the picture itself: the grey value of a
//! plain picture is what the analyzer finds in it. So a test says with the picture it
//! sends which branch it drives, over real HTTP and without weights.

mod clock;
mod observation;
mod picture;
mod shows;

use std::any::Any;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use faceauth_domain::analyzer::{
    AnalysisSlot, AnalyzerUnavailable, Answer, CaptureNeeds, FaceAnalyzer, Faces, ImageProblem,
    Keep, LookAhead, ObserveProblem, PictureProblem, ReserveError, Work,
};
use faceauth_domain::capture::{Capture, EncodedImage};
use faceauth_domain::clip::ClipProblem;
use faceauth_domain::decision::Settlement;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::evidence::{CaptureProblem, Evidence};
use faceauth_domain::liveness::capture::{LivenessCapture, TimedImage};
use faceauth_domain::liveness::evidence::{Observation, Stage};
use faceauth_domain::liveness::policy::LivenessPolicy;

pub use clock::ManualClock;
use observation::observe;
pub use picture::embedding_values;
use picture::{look, subject};
pub use shows::{FRAME_MS, Shows, performance};

/// The model the scripted embeddings belong to.
pub const MODEL: &str = "scripted";

/// The model of a scripted first stage.
pub const FIRST_STAGE: &str = "scripted-first";

/// Where the values of a person lie in a scripted embedding, which distinguishes all people.
pub const FIRST_PART: Range<usize> = 0..4;

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
    /// It takes work and never answers.
    Holding,
    /// It takes captures and fails to look at them.
    Failing,
}

/// When there may be room again, while every place is taken.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An analyzer that finds what [`Shows`] says.
pub struct ScriptedAnalyzer {
    models: Models,
    mood: AtomicU8,
    sees_lids: AtomicBool,
    analyses: AtomicUsize,
    /// How many recognitions the first stage settled.
    settled: Arc<AtomicUsize>,
    in_hand: Arc<AtomicUsize>,
    ahead: Arc<AtomicUsize>,
    /// How many frames of captures were seen ahead, in the same memory.
    judged_as_seen: Arc<AtomicUsize>,
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
            sees_lids: AtomicBool::new(true),
            analyses: AtomicUsize::new(0),
            settled: Arc::default(),
            in_hand: Arc::default(),
            ahead: Arc::default(),
            judged_as_seen: Arc::default(),
        }
    }

    /// Changes whether it takes work.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// Takes the model of an eye away.
    pub fn forget_lids(&self) {
        self.sees_lids.store(false, Ordering::SeqCst);
    }

    /// How many places in the queue have been taken, each for one analysis.
    pub fn analyses(&self) -> usize {
        self.analyses.load(Ordering::SeqCst)
    }

    /// How many places are taken now.
    pub fn in_hand(&self) -> usize {
        self.in_hand.load(Ordering::SeqCst)
    }

    /// How many frames were handed over before their capture was whole.
    pub fn looked_ahead(&self) -> usize {
        self.ahead.load(Ordering::SeqCst)
    }

    /// How many frames of judged captures are those that were handed over before, and no copies.
    pub fn judged_as_seen(&self) -> usize {
        self.judged_as_seen.load(Ordering::SeqCst)
    }

    /// How many people were recognised by the first stage alone.
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

    fn sees_lids(&self) -> bool {
        self.sees_lids.load(Ordering::SeqCst)
    }

    fn room(&self) -> Result<(), ReserveError> {
        if self.is(Mood::Loading) {
            return Err(AnalyzerUnavailable.into());
        }
        if self.is(Mood::Full) {
            return Err(ReserveError::Full { retry_after: RETRY_AFTER });
        }
        Ok(())
    }

    fn reserve(&self, _: Work) -> Result<Box<dyn AnalysisSlot>, ReserveError> {
        self.room()?;
        self.analyses.fetch_add(1, Ordering::SeqCst);
        self.in_hand.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Slot {
            models: self.models.clone(),
            settled: Arc::clone(&self.settled),
            judged_as_seen: Arc::clone(&self.judged_as_seen),
            holding: self.is(Mood::Holding),
            fails: self.is(Mood::Failing),
            place: Place(Arc::clone(&self.in_hand)),
        }))
    }

    fn look_ahead(&self, _: Option<usize>, _: LivenessPolicy) -> Option<Box<dyn LookAhead>> {
        let ahead = Ahead { count: Arc::clone(&self.ahead), frames: Mutex::default() };
        self.ready().then(|| Box::new(ahead) as Box<_>)
    }
}

/// Counts the frames that it sees, and keeps them.
struct Ahead {
    count: Arc<AtomicUsize>,
    frames: Mutex<Vec<TimedImage>>,
}

impl LookAhead for Ahead {
    fn see(&self, frame: TimedImage) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
    }
}

/// How many frames of `capture` are in the memory of those that were seen `ahead`.
fn shared(capture: &LivenessCapture, ahead: Option<Box<dyn LookAhead>>) -> usize {
    let ahead = ahead.map(|ahead| ahead as Box<dyn Any>);
    let Some(Ok(ahead)) = ahead.map(<Box<dyn Any>>::downcast::<Ahead>) else { return 0 };
    let LivenessCapture::Frames(frames) = capture else { return 0 };
    let seen = ahead.frames.lock().unwrap_or_else(PoisonError::into_inner);
    let place = |frame: &TimedImage| frame.image.bytes().as_ptr();
    frames.as_slice().iter().zip(&*seen).filter(|(one, seen)| place(one) == place(seen)).count()
}

struct Slot {
    models: Models,
    settled: Arc<AtomicUsize>,
    judged_as_seen: Arc<AtomicUsize>,
    /// Whether it never answers.
    holding: bool,
    /// Whether captures are not looked at.
    fails: bool,
    place: Place,
}

/// A place that is taken.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Slot {
    fn later<T: Send + 'static>(self, answer: Result<T, AnalyzerUnavailable>) -> Answer<T> {
        let Self { holding, place, .. } = self;
        Box::pin(async move {
            let _place = place;
            if holding {
                std::future::pending::<()>().await;
            }
            answer.map_err(Into::into)
        })
    }
}

impl AnalysisSlot for Slot {
    fn faces(self: Box<Self>, image: EncodedImage) -> Answer<Result<Faces, ImageProblem>> {
        let answer = look(&self.models, &image).map(|found| found.map(|found| found.faces));
        self.later(answer)
    }

    fn references(
        self: Box<Self>,
        capture: Capture,
        keep: Keep,
    ) -> Answer<Vec<Result<Evidence, PictureProblem>>> {
        let answer: Result<Vec<_>, AnalyzerUnavailable> = capture
            .images()
            .iter()
            .map(|image| Ok(flat(subject(&self.models, image, keep)?)))
            .collect();
        self.later(answer)
    }

    fn recognise(
        self: Box<Self>,
        image: EncodedImage,
        settlement: Settlement,
    ) -> Answer<Result<Evidence, PictureProblem>> {
        let answer = subject(&self.models, &image, Keep::Nothing).map(|found| {
            let mut seen = flat(found)?;
            let first = first_part(&seen.embedding);
            if settlement.is_met(&first, seen.pad) {
                self.settled.fetch_add(1, Ordering::SeqCst);
                seen.embedding = first;
                seen.previous = None;
            }
            Ok(seen)
        });
        self.later(answer)
    }

    fn observe(
        self: Box<Self>,
        capture: LivenessCapture,
        needs: CaptureNeeds,
        ahead: Option<Box<dyn LookAhead>>,
    ) -> Answer<Result<Observation, ObserveProblem>> {
        self.judged_as_seen.fetch_add(shared(&capture, ahead), Ordering::SeqCst);
        let answer = match &capture {
            _ if self.fails => Err(AnalyzerUnavailable),
            LivenessCapture::Frames(frames) => observe(&self.models, frames.as_slice(), &needs),
            // What is in a clip is for the real analyzer: this one finds it broken.
            LivenessCapture::Clip(_) => Ok(Err(ObserveProblem::Clip(ClipProblem::Undecodable))),
        };
        if let Ok(Ok(Observation { stage: Stage::First, .. })) = &answer {
            self.settled.fetch_add(1, Ordering::SeqCst);
        }
        self.later(answer)
    }
}

/// What the first stage makes of a face.
fn first_part(whole: &Embedding) -> Embedding {
    whole.part(ModelId::new(FIRST_STAGE), FIRST_PART).expect("a direction")
}

/// One error for both: why a picture yields no evidence.
fn flat(
    found: Result<Result<Evidence, CaptureProblem>, ImageProblem>,
) -> Result<Evidence, PictureProblem> {
    Ok(found??)
}
