//! The model of an eye: as its publisher's runtime computes it, and on lids that are drawn shut.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::ImageSize;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::geometry::{BoundingBox, Point};
use faceauth_domain::quality::QualityReason;
use faceauth_test_support::head::{Head, Person, View};
use faceauth_test_support::photos;
use faceauth_vision::frame::Frame;

use crate::support::{encoded, of_decoded, pipeline};

/// Side of the model's input.
const SIDE: u32 = 64;

/// x and y of the contour of [`pattern`], computed by TensorFlow.js 4.22 (WebAssembly) from the
/// published graph.
const PUBLISHED: [[f32; 2]; 16] = [
    [21.9586, 36.6249],
    [24.4070, 38.3652],
    [27.0744, 39.3352],
    [30.4404, 39.9134],
    [34.8451, 40.0624],
    [38.3017, 39.5535],
    [41.4507, 38.4436],
    [43.3561, 37.6104],
    [44.2493, 37.0652],
    [23.1979, 35.7997],
    [24.9163, 34.6068],
    [27.7781, 33.1559],
    [32.2349, 32.5255],
    [36.3406, 32.7745],
    [40.3115, 34.0208],
    [42.9940, 35.9527],
];

/// Two float runtimes add in different orders.
const ROUNDING: f32 = 0.01;

/// Of the openness at the start, the most that counts as closed.
const CLOSED: f32 = 0.6;

/// Stripes that exercise every channel.
fn pattern() -> Frame {
    let pixels = (0..SIDE)
        .flat_map(|y| (0..SIDE).map(move |x| (x, y)))
        .flat_map(|(x, y)| [0, 1, 2].map(|channel| ((y * 7 + x * 13 + channel * 29) % 256) as u8))
        .collect();
    Frame::new(pixels, ImageSize { width: SIDE, height: SIDE }).expect("a picture")
}

#[test]
fn the_graph_computes_what_the_published_one_does() {
    let mut pipeline = pipeline();
    let eyes = pipeline.stages().eyes.expect("the shipped manifest has the model");
    // The corners at which the crop is the whole picture, pixel for pixel.
    let half = SIDE as f32 / 2.6 / 2.0;
    let corner = |x: f32| Point { x: SIDE as f32 / 2.0 + x, y: SIDE as f32 / 2.0 };
    let contour = eyes.contour(&pattern(), corner(-half), corner(half)).expect("inference");
    for (found, [x, y]) in contour.expect("corners apart").iter().zip(PUBLISHED) {
        assert!(
            (found.x - x).abs() < ROUNDING && (found.y - y).abs() < ROUNDING,
            "{found:?}, not {x} {y}"
        );
    }
}

/// How far the eyes of `person` are open in `view`, by the model.
fn openness(head: &Head, view: &View) -> f32 {
    let (width, height) = (640, 480);
    let picture = head.render(view, width, height);
    let frame = Frame::new(picture.into_raw(), ImageSize { width, height }).expect("a picture");
    let mut pipeline = pipeline();
    let stages = pipeline.stages();
    let found = stages.detector.detect(&frame).expect("inference");
    let face: BoundingBox = found.first().expect("a face").bounding_box;
    let points = stages.landmarker.locate(&frame, &face).expect("inference");
    let eyes = stages.eyes.expect("the shipped manifest has the model");
    eyes.openness(&frame, &points).expect("inference").expect("corners apart")
}

#[test]
fn shut_lids_read_as_closed_and_open_ones_do_not() {
    for person in Person::ALL {
        let head = Head::of(person);
        for yaw in [-10.0, 0.0, 10.0] {
            for noise_seed in [1, 2] {
                let view = View { yaw, noise_seed, ..View::default() };
                let start = openness(&head, &view);
                let open = openness(&head, &View { noise_seed: noise_seed + 10, ..view });
                let shut = openness(&head, &View { eyes_closed: 1.0, ..view });
                let (open, shut) = (open / start, shut / start);
                eprintln!("{person:?} {yaw}: open {open:.2}, shut {shut:.2}");
                assert!(open > CLOSED && shut <= CLOSED, "{person:?} {yaw}: {open} {shut}");
            }
        }
    }
}

#[test]
fn shut_eyes_are_not_enrolled() {
    // Those of the third person measure as much as eyes of people who laugh.
    for person in [Person::Obama, Person::Biden] {
        let head = Head::of(person);
        let seen = |eyes_closed: f32| {
            let picture = head.render(&View { eyes_closed, ..View::default() }, 640, 480);
            let image = encoded(photos::jpeg(&picture, 95));
            let mut pipeline = pipeline();
            let reference = of_decoded(pipeline.reference(&image, Keep::Nothing));
            let signs_in = of_decoded(pipeline.recognise(&image, |_, _| false));
            (reference.map(|_| ()), signs_in.map(|_| ()))
        };
        assert_eq!(seen(0.0), (Ok(()), Ok(())), "{person:?}");
        let shut = CaptureProblem::Quality(vec![QualityReason::EyesClosed]);
        assert_eq!(seen(1.0), (Err(shut), Ok(())), "{person:?}");
    }
}
