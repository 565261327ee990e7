//! How the whole liveness decision does on rendered people and what imitates them, as the
//! table of `docs/liveness.md`:
//! `./dev run cargo run --release -p faceauth-eval --example rendered_liveness`.
//!
//! Everybody performs every sequence of steps that the service may ask for by default. What
//! is rendered has no skin: passive detection takes it for real, whatever it shows, so this
//! measures the other rules alone.
//!
//! Everybody signs in to the account of the person who is shown, as `POST /verify` does it.
//!
//! With `-- paces` only people perform, each at every pace and without coming back to the middle
//! between two steps, as the page asks for it.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta};
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::challenge::Challenge;
use faceauth_domain::decision::{self, CaptureSettlement, CaptureTerms, Decision};
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::liveness::judge::{self, Circumstances};
use faceauth_domain::liveness::passive;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::{PadMode, PadPolicy, Policy};
use faceauth_domain::quality::QualityPolicies;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_eval::pad::report::PadReport;
use faceauth_eval::pad::{Classification, Limits, Presentation};
use faceauth_eval::recordings::{Medium, Recording, Truth};
use faceauth_test_support::head::{Card, Head, Person, View};
use faceauth_test_support::performance::paces::{self, Pace};
use faceauth_test_support::{paths, performance};
use faceauth_vision::VisionError;
use faceauth_vision::frame::Frame;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Scrutiny};
use faceauth_vision::session::Runtime;
use image::{Rgb, RgbImage, imageops};

const SIZE: ImageSize = ImageSize { width: 640, height: 480 };

/// A capture long after its session began, and never seen before.
const NOW: Circumstances = Circumstances { elapsed: TimeDelta::seconds(30), replayed: 0 };

/// False match rate that is promised by default.
const FMR: f64 = 1e-4;

/// Why a living person is not signed in.
const NOT_RECOGNISED: &str = "not_recognised";

/// Share of the picture that a replaying screen fills.
const SCREEN: f32 = 0.7;

/// Frames with their times in milliseconds.
type Capture = Vec<(u32, RgbImage)>;

fn main() -> anyhow::Result<()> {
    let runtime = Runtime::load(&paths::onnx_runtime())?;
    let set = ModelSet::load(&paths::manifest(), &paths::weights())?;
    let mut pipeline = Pipeline::new(&runtime, &set, QualityPolicies::DEFAULT, 1)?;
    let limits = Limits { picture: set.manifest.pad.threshold, liveness: LivenessPolicy::DEFAULT };
    let policy = policy(&set.manifest)?;
    let challenges = performance::challenges();
    if std::env::args().nth(1).is_some_and(|argument| argument == "paces") {
        return judge_paces(&mut pipeline, &policy, &challenges);
    }
    let mut report = PadReport::new(limits);
    for person in Person::ALL {
        let (head, card) = (Head::of(person), Card::of(person));
        let templates = enrolled(&mut pipeline, &head)?;
        for (index, challenge) in challenges.iter().enumerate() {
            let seed = index as u64;
            let performed = |challenge: &Challenge, seed| -> Capture {
                performance::perform(challenge.steps(), seed)
                    .into_iter()
                    .map(|m| (m.t_ms, head.render(&m.view, SIZE.width, SIZE.height)))
                    .collect()
            };
            let waved = |view: &dyn Fn(f32) -> View| -> Capture {
                let views = (0..12).map(|i| view(i as f32 / 11.0)).collect();
                performance::timed(views, seed)
                    .into_iter()
                    .map(|m| (m.t_ms, card.render(&m.view, SIZE.width, SIZE.height)))
                    .collect()
            };
            let print_performed: Capture = performance::perform(challenge.steps(), seed)
                .into_iter()
                .map(|m| (m.t_ms, card.render(&m.view, SIZE.width, SIZE.height)))
                .collect();
            let wave = |x: f32| ((9.0 + seed as f32 / 5.0) * x).sin();
            // Another sequence of steps: what somebody has recorded before.
            let other = &challenges[(index + 1 + index % 7) % challenges.len()];
            let still = View::default();
            let presented: [(Option<&str>, Capture); 9] = [
                (None, performed(challenge, seed)),
                (
                    Some("print, moved"),
                    waved(&|x| View { shift: (0.15 * wave(x), 0.1 * wave(x + 0.1)), ..still }),
                ),
                (Some("print, zoomed"), waved(&|x| View { scale: 0.35 + 0.3 * x, ..still })),
                (Some("print, rotated"), waved(&|x| View { roll: 25.0 * wave(x), ..still })),
                (
                    Some("print, tilted"),
                    waved(&|x| View { yaw: 45.0 * wave(x), pitch: 25.0 * wave(x + 0.13), ..still }),
                ),
                (Some("print, tilted as asked"), print_performed),
                (Some("replay of other steps"), on_screen(performed(other, seed))),
                (Some("replay of these steps"), on_screen(performed(challenge, seed))),
                (Some("injection of these steps"), performed(challenge, seed + 1)),
            ];
            for (species, capture) in presented {
                let truth = species.map_or(Truth::BonaFide, |s| Truth::Attack(s.to_owned()));
                let path = format!("{person:?} {:?}", challenge.steps()).into();
                let recording = Recording { path, medium: Medium::Clip, truth };
                let judged = judged(&mut pipeline, &policy, challenge, &templates, capture)?;
                report.add(&recording, vec![judged]);
            }
        }
        eprintln!("{person:?} done");
    }
    print!("{}", report.markdown());
    Ok(())
}

/// People who follow the page from step to step: how many of each pace pass, and why the others do
/// not.
fn judge_paces(
    pipeline: &mut Pipeline,
    policy: &Policy,
    challenges: &[Challenge],
) -> anyhow::Result<()> {
    println!("| pace | presented | passed | seconds, median | reasons |");
    println!("| --- | --- | --- | --- | --- |");
    for pace in Pace::ALL {
        let (mut passed, mut durations, mut reasons) = (0, Vec::new(), Vec::new());
        for (third, person) in Person::ALL.into_iter().enumerate() {
            let head = Head::of(person);
            let templates = enrolled(pipeline, &head)?;
            // Each sequence once, and each person as often as the others.
            let own = challenges.iter().zip(0u64..).skip(third).step_by(Person::ALL.len());
            for (challenge, seed) in own {
                let moments = paces::follow(challenge.steps(), &pace, seed);
                durations.push(moments.last().map_or(0, |moment| moment.t_ms));
                let capture = moments
                    .into_iter()
                    .map(|m| (m.t_ms, head.render(&m.view, SIZE.width, SIZE.height)))
                    .collect();
                let judged = judged(pipeline, policy, challenge, &templates, capture)?;
                if judged.reasons.is_empty() {
                    passed += 1;
                } else {
                    eprintln!(
                        "{} {person:?} {:?}: {:?}",
                        pace.name,
                        challenge.steps(),
                        judged.reasons
                    );
                }
                reasons.extend(judged.reasons);
            }
        }
        durations.sort_unstable();
        reasons.sort_unstable();
        reasons.dedup();
        let (name, all) = (pace.name, durations.len());
        let median = f64::from(durations[all / 2]) / 1000.0;
        println!("| {name} | {all} | {passed} | {median:.1} | {} |", reasons.join(", "));
    }
    Ok(())
}

/// What a camera sees of a screen that shows `capture`, held into it by a still hand.
fn on_screen(capture: Capture) -> Capture {
    let (width, height) = (SIZE.width as f32 * SCREEN, SIZE.height as f32 * SCREEN);
    let (x, y) = ((SIZE.width as f32 - width) / 2.0, (SIZE.height as f32 - height) / 2.0);
    let shown = |picture: RgbImage| {
        let mut seen = RgbImage::from_pixel(SIZE.width, SIZE.height, Rgb([120, 118, 112]));
        let frame = RgbImage::from_pixel(width as u32 + 30, height as u32 + 30, Rgb([8, 8, 10]));
        imageops::overlay(&mut seen, &frame, x as i64 - 15, y as i64 - 15);
        let filter = imageops::FilterType::Triangle;
        let small = imageops::resize(&picture, width as u32, height as u32, filter);
        imageops::overlay(&mut seen, &small, x as i64, y as i64);
        seen
    };
    capture.into_iter().map(|(t_ms, picture)| (t_ms, shown(picture))).collect()
}

/// What the service ships with, where captures have to be live.
fn policy(manifest: &Manifest) -> anyhow::Result<Policy> {
    Ok(Policy {
        matching: manifest.embedding.match_policy(FMR).context("a threshold")?,
        previous: None,
        pad: PadPolicy { mode: PadMode::Enforce, threshold: manifest.pad.threshold },
        quality: QualityPolicies::DEFAULT,
        liveness: LivenessPolicy::DEFAULT,
        failures: FailurePolicy::DEFAULT,
        require_liveness: true,
    })
}

/// The account of a person, with one picture.
fn enrolled(pipeline: &mut Pipeline, head: &Head) -> anyhow::Result<Vec<Template>> {
    let picture = head.render(&View::default(), SIZE.width, SIZE.height);
    let frame = Frame::new(picture.into_raw(), SIZE).context("an empty picture")?;
    let embedding = pipeline.reference_in(&frame, Keep::Nothing)??.embedding;
    let (id, created_at) = (TemplateId(Default::default()), DateTime::UNIX_EPOCH);
    Ok(vec![Template { id, embedding, created_at }])
}

/// Whether a sign-in with this capture succeeds.
fn judged(
    pipeline: &mut Pipeline,
    policy: &Policy,
    challenge: &Challenge,
    templates: &[Template],
    capture: Capture,
) -> anyhow::Result<Presentation> {
    let frames = capture.into_iter().map(|(t_ms, picture)| {
        let frame = Frame::new(picture.into_raw(), SIZE);
        frame.map(|frame| (t_ms, frame)).ok_or(VisionError::Worker("an empty frame".to_owned()))
    });
    let observation = pipeline.observe(
        frames,
        Keep::Nothing,
        &Scrutiny::Verdict {
            policy: policy.liveness,
            lids: false,
            settlement: CaptureSettlement::Acceptance(Box::new(CaptureTerms {
                challenge: challenge.clone(),
                circumstances: NOW,
                templates: templates.to_vec(),
                policy: policy.clone(),
            })),
        },
    )?;
    let verdict = judge::judge(challenge, &observation, NOW, PadMode::Enforce, &policy.liveness);
    let score = passive::pad_score(&observation);
    let refused = match verdict.live {
        Ok(person) => match decision::decide_live(&person, templates, policy) {
            Decision::Accepted { .. } => None,
            Decision::Rejected(_) => Some(vec![NOT_RECOGNISED]),
        },
        Err(reasons) => Some(reasons.iter().map(|reason| reason.as_str()).collect()),
    };
    let classification = match refused {
        None => Classification::BonaFide,
        Some(_) => Classification::Attack,
    };
    Ok(Presentation { classification, reasons: refused.unwrap_or_default(), score })
}
