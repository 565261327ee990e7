//! Somebody else in the picture is seen, in whichever frame it is. Whoever makes the search of frames
//! cheaper has to keep these tests.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::challenge::Action::{LookUp, TurnLeft, TurnRight};
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::subject::SubjectError;
use faceauth_test_support::head::{Head, Person, View};
use faceauth_test_support::performance;
use faceauth_vision::VisionError;
use faceauth_vision::frame::Frame;
use faceauth_vision::pipeline::Scrutiny;
use image::{RgbImage, imageops};

use crate::support::pipeline;

const SIZE: ImageSize = ImageSize { width: 640, height: 480 };

/// Face height of the second person, in picture heights: a little more than half of the first's.
const SCALE: f32 = 0.26;

/// Where the second person's face is, from the centre of the picture, in its widths and heights.
const PLACES: [(f32, f32); 3] = [(0.36, -0.2), (-0.36, -0.2), (0.3, 0.2)];

type Timed = (u32, RgbImage);

fn alone() -> Vec<Timed> {
    let head = Head::of(Person::Obama);
    let moments = performance::perform(&[TurnLeft, LookUp, TurnRight], 11);
    moments.iter().map(|m| (m.t_ms, head.render(&m.view, SIZE.width, SIZE.height))).collect()
}

/// `picture` with another person at `place`.
fn joined(picture: &RgbImage, place: (f32, f32)) -> RgbImage {
    let view = View { shift: place, scale: SCALE, ..View::default() };
    let other = Head::of(Person::Biden).render(&view, SIZE.width, SIZE.height);
    let (width, height) = (SIZE.width as f32, SIZE.height as f32);
    let side = 1.3 * SCALE * height;
    let left = ((0.5 + place.0) * width - side / 2.0).clamp(0.0, width - side) as u32;
    let top = ((0.5 + place.1) * height - side / 2.0).clamp(0.0, height - side) as u32;
    let corner = imageops::crop_imm(&other, left, top, side as u32, side as u32).to_image();
    let mut both = picture.clone();
    imageops::replace(&mut both, &corner, left.into(), top.into());
    both
}

/// In which frames of `capture` two people are seen.
fn crowded(capture: &[Timed]) -> Vec<usize> {
    let frames = capture.iter().map(|(t_ms, picture)| {
        let frame = Frame::new(picture.clone().into_raw(), SIZE).expect("a picture");
        Ok::<_, VisionError>((*t_ms, frame))
    });
    // As the service looks at a sign-in.
    let policy = LivenessPolicy::DEFAULT;
    let scrutiny =
        Scrutiny::Verdict { policy, lids: false, settlement: CaptureSettlement::Nothing };
    let seen = pipeline().observe(frames, Keep::Nothing, &scrutiny).expect("inference");
    let two = CaptureProblem::Subject(SubjectError::MultipleFaces);
    let frames = seen.frames.iter().enumerate();
    frames.filter(|(_, f)| f.subject.as_ref().err() == Some(&two)).map(|(i, _)| i).collect()
}

#[test]
fn who_is_there_in_one_frame_alone_is_seen() {
    let alone = alone();
    assert!(crowded(&alone).is_empty());
    for index in 1..alone.len() {
        let mut capture = alone.clone();
        capture[index].1 = joined(&capture[index].1, PLACES[index % PLACES.len()]);
        assert_eq!(crowded(&capture), [index]);
    }
}

#[test]
fn who_comes_and_stays_is_seen_in_every_frame() {
    for place in PLACES {
        let mut capture = alone();
        let come = 3;
        for (_, picture) in &mut capture[come..] {
            *picture = joined(picture, place);
        }
        let all: Vec<usize> = (come..capture.len()).collect();
        assert_eq!(crowded(&capture), all, "{place:?}");
    }
}
