//! What browsers and phones record.

use faceauth_domain::clip::MAX_CLIP_BYTES;
use faceauth_test_support::clips::{self, Codec};
use image::{Rgb, RgbImage};

use crate::{MOST, decode};

#[test]
fn every_accepted_codec_becomes_regular_frames() {
    for codec in [Codec::Vp8, Codec::Vp9, Codec::H264] {
        let frames = decode(clips::test_picture((640, 480), 30, 3.0, 1_000, codec));
        let frames = frames.unwrap_or_else(|problem| panic!("{codec:?}: {problem}"));
        let times: Vec<u32> = frames.iter().map(|frame| frame.t_ms).collect();
        assert!((20..=MOST).contains(&times.len()), "{codec:?}: {times:?}");
        assert_eq!(times[0], 0);
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| (99..=135).contains(&gap)), "{codec:?}: {times:?}");
        assert!(frames.iter().all(|f| (f.frame.size().width, f.frame.size().height) == (640, 480)));
    }
}

#[test]
fn a_long_clip_is_thinned_out_and_shrunk() {
    let frames = decode(clips::test_picture((800, 450), 30, 19.0, 1_000, Codec::Vp8)).unwrap();
    assert!((12..=MOST).contains(&frames.len()), "{}", frames.len());
    assert!(frames[frames.len() - 1].t_ms > 17_500);
    let largest = frames.windows(2).map(|pair| pair[1].t_ms - pair[0].t_ms).max();
    // The liveness decision takes pauses of up to 1.5 seconds.
    assert!(largest < Some(1_000), "{largest:?}");
    assert_eq!((frames[0].frame.size().width, frames[0].frame.size().height), (640, 360));
}

#[test]
fn colours_and_their_order_survive() {
    let colours = [Rgb([200, 30, 40]), Rgb([40, 180, 60]), Rgb([30, 60, 190])];
    let pictures: Vec<RgbImage> = colours
        .iter()
        .flat_map(|colour| std::iter::repeat_n(RgbImage::from_pixel(320, 240, *colour), 10))
        .collect();
    for codec in [Codec::Vp8, Codec::H264] {
        let frames = decode(clips::encode(&pictures, 10, 2_000, codec)).unwrap();
        for (index, colour) in [(4, colours[0]), (14, colours[1]), (24, colours[2])] {
            let t_ms = index * 100;
            let near = frames.iter().min_by_key(|frame| frame.t_ms.abs_diff(t_ms)).unwrap();
            let middle = near.frame.pixel(160, 120);
            let apart = |a: u8, b: u8| a.abs_diff(b);
            let most = (0..3).map(|c| apart(middle[c], colour.0[c])).max();
            assert!(most <= Some(16), "{codec:?} {t_ms}: {middle:?}, not {colour:?}");
        }
    }
}

#[test]
fn the_largest_clips_that_are_allowed_are_decoded() {
    for (codec, size, seconds, kbits) in [
        (Codec::H264, (1280, 720), 8.25, 3_500),
        (Codec::Vp8, (1280, 720), 8.25, 3_500),
        (Codec::H264, (640, 480), 20.0, 1_400),
    ] {
        let clip = clips::test_picture(size, 30, seconds, kbits, codec);
        let large = MAX_CLIP_BYTES / 2..=MAX_CLIP_BYTES;
        assert!(large.contains(&clip.len()), "{codec:?}: {} bytes", clip.len());
        let frames = decode(clip).unwrap_or_else(|problem| panic!("{codec:?}: {problem}"));
        let last = frames[frames.len() - 1].t_ms as f32;
        assert!(frames.len() >= 13 && last > 900.0 * seconds, "{codec:?}: {last}");
    }
}

#[test]
fn an_upright_clip_stays_upright() {
    let frames = decode(clips::test_picture((720, 1280), 10, 2.0, 2_000, Codec::H264)).unwrap();
    assert_eq!((frames[0].frame.size().width, frames[0].frame.size().height), (360, 640));
}

/// A clip of a still that is red at the top and blue on the left of what is below.
fn marked(codec: Codec) -> Vec<u8> {
    let picture = RgbImage::from_fn(320, 192, |x, y| match (x, y) {
        (_, 0..64) => Rgb([200, 30, 40]),
        (0..160, _) => Rgb([30, 60, 190]),
        _ => Rgb([40, 180, 60]),
    });
    clips::encode(&vec![picture; 20], 10, 2_000, codec)
}

/// Where red, blue and green are in a frame, each as the side or half of its side that the
/// coloured pixels lie on.
fn middles(clip: Vec<u8>) -> ((u32, u32), [(f32, f32); 3]) {
    let frames = decode(clip).expect("frames");
    let frame = &frames[3].frame;
    let (width, height) = (frame.size().width, frame.size().height);
    let middle = |channel: usize| {
        let (mut x_sum, mut y_sum, mut count) = (0.0, 0.0, 0.0);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let pixel = frame.pixel(x, y);
            if (0..3).all(|other| pixel[channel] >= pixel[other]) {
                x_sum += (x as f32 + 0.5) / width as f32;
                y_sum += (y as f32 + 0.5) / height as f32;
                count += 1.0;
            }
        }
        (x_sum / count, y_sum / count)
    };
    ((width, height), [middle(0), middle(2), middle(1)])
}

/// Checks where red, blue and green are.
fn shows(name: &str, clip: Vec<u8>, size: (u32, u32), expected: [(f32, f32); 3]) {
    let (found_size, found) = middles(clip);
    assert_eq!(found_size, size, "{name}");
    for ((x, y), (wanted_x, wanted_y)) in found.into_iter().zip(expected) {
        let apart = (x - wanted_x).abs().max((y - wanted_y).abs());
        assert!(apart < 0.1, "{name}: {found:?}, not {expected:?}");
    }
}

/// The middles of red, blue and green as recorded.
const UPRIGHT: [(f32, f32); 3] = [(0.5, 0.17), (0.25, 0.67), (0.75, 0.67)];

#[test]
fn what_phones_say_of_up_is_believed_whatever_the_container() {
    let lying = (320, 192);
    let standing = (192, 320);
    // Where a point of the recorded picture is shown.
    let identity = |(x, y): (f32, f32)| (x, y);
    let half = |(x, y): (f32, f32)| (1.0 - x, 1.0 - y);
    let clockwise = |(x, y): (f32, f32)| (1.0 - y, x);
    let counter = |(x, y): (f32, f32)| (y, 1.0 - x);
    let mirrored = |(x, y): (f32, f32)| (1.0 - x, y);
    let mirrored_counter = |point| counter(mirrored(point));
    type Way<'a> =
        (&'a str, [i32; 4], (f32, f32), (u32, u32), &'a dyn Fn((f32, f32)) -> (f32, f32));
    let ways: [Way; 6] = [
        ("upright", [1, 0, 0, 1], (0.0, 0.0), lying, &identity),
        ("half a turn", [-1, 0, 0, -1], (0.0, 180.0), lying, &half),
        ("clockwise", [0, 1, -1, 0], (0.0, -90.0), standing, &clockwise),
        ("counter-clockwise", [0, -1, 1, 0], (0.0, 90.0), standing, &counter),
        ("mirrored", [-1, 0, 0, 1], (180.0, 0.0), lying, &mirrored),
        (
            "mirrored, then counter-clockwise",
            [0, 1, 1, 0],
            (180.0, 90.0),
            standing,
            &mirrored_counter,
        ),
    ];
    let (mp4, webm) = (marked(Codec::H264), marked(Codec::Vp8));
    for (name, matrix, (yaw, roll), size, shown) in ways {
        let expected = UPRIGHT.map(shown);
        shows(name, clips::with_display_matrix(mp4.clone(), matrix), size, expected);
        shows(name, clips::with_projection(&webm, yaw, roll), size, expected);
    }
    shows("no word", mp4, lying, UPRIGHT);
    shows("no word", webm, lying, UPRIGHT);
}
