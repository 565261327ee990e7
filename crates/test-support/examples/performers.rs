//! Draws what the browser tests hold into the camera: people who do what they are asked, and a
//! print of one of them. `cargo run -p faceauth-test-support --example performers -- FOLDER`.
//!
//! Writes `PERFORMER/MOTION-NN.jpg`, the frames of one motion in order, each motion from afar and
//! from close by: a test plays them as the page asks for them.

use std::path::{Path, PathBuf};

use faceauth_domain::challenge::Action;
use faceauth_test_support::head::{Card, Head, Person, View};
use faceauth_test_support::performance::timed;
use faceauth_test_support::photos;
use image::RgbImage;

/// What a webcam sends.
const SIZE: (u32, u32) = (640, 480);

/// JPEG quality of the frames: the page's canvas encodes them again.
const QUALITY: u8 = 92;

/// How far a motion has gone, frame by frame: there and back within two seconds. The last frame is
/// of somebody who overshoots.
const THERE_AND_BACK: [f32; 10] = [0.25, 0.55, 0.85, 1.0, 1.0, 1.0, 0.8, 0.5, 0.2, 1.2];

/// On the way from a turn to a look upwards, without coming back to the middle: what is left of the
/// turn, and how far the chin has come up.
const BETWEEN: [(f32, f32); 2] = [(0.65, 0.3), (0.3, 0.65)];

/// How far somebody has come closer, frame by frame.
const CLOSER: [f32; 6] = [0.15, 0.35, 0.55, 0.75, 0.9, 1.0];

/// Frames of somebody who waits.
const WAITING: usize = 8;

/// Angles and face heights of `performance`: what recorded people do.
const TURN: f32 = 32.0;
const LOOK_UP: f32 = 26.0;
const FAR: f32 = 0.42;
const NEAR: f32 = 0.58;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).expect("name a folder");
    for (name, person) in [("obama", Person::Obama), ("biden", Person::Biden)] {
        let head = Head::of(person);
        perform(&folder.join(name), |view| head.render(view, SIZE.0, SIZE.1));
    }
    let card = Card::of(Person::Obama);
    perform(&folder.join("obama-print"), |view| card.render(view, SIZE.0, SIZE.1));
}

fn perform(folder: &Path, render: impl Fn(&View) -> RgbImage) {
    std::fs::create_dir_all(folder).expect("make the folder");
    let write = |motion: &str, views: Vec<View>, seed: u64| {
        for (index, moment) in timed(views, seed).iter().enumerate() {
            let file = folder.join(format!("{motion}-{index:02}.jpg"));
            std::fs::write(file, photos::jpeg(&render(&moment.view), QUALITY)).expect("write");
        }
    };
    for (place, scale) in [("far", FAR), ("near", NEAR)] {
        let straight = View { scale, ..View::default() };
        write(&format!("{place}-wait"), vec![straight; WAITING], 1);
        let shut = View { eyes_closed: 1.0, ..straight };
        write(&format!("{place}-{}", Action::Blink), vec![shut; WAITING / 2], 10);
        for (seed, action) in (2..).zip([Action::TurnLeft, Action::TurnRight, Action::LookUp]) {
            let view = |phase: f32| match action {
                // Their own left is the right of the image.
                Action::TurnLeft => View { yaw: TURN * phase, ..straight },
                Action::TurnRight => View { yaw: -TURN * phase, ..straight },
                _ => View { pitch: LOOK_UP * phase, ..straight },
            };
            write(&format!("{place}-{action}"), THERE_AND_BACK.map(view).to_vec(), seed);
        }
        let turns = [(Action::TurnLeft, TURN), (Action::TurnRight, -TURN)];
        for (seed, (turn, yaw)) in (5..).zip(turns) {
            let view = |(turned, raised): (f32, f32)| View {
                yaw: yaw * turned,
                pitch: LOOK_UP * raised,
                ..straight
            };
            let motion = format!("{place}-{turn}-{}", Action::LookUp);
            write(&motion, BETWEEN.map(view).to_vec(), seed);
        }
    }
    let closer = |phase: f32| View { scale: FAR + (NEAR - FAR) * phase, ..View::default() };
    write(&format!("far-{}", Action::MoveCloser), CLOSER.map(closer).to_vec(), 9);
}
