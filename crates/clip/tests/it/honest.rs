//! What browsers and phones record.

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
    let frames = decode(clips::test_picture((1280, 720), 30, 19.0, 1_000, Codec::Vp8)).unwrap();
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
fn the_largest_clip_that_is_allowed_is_decoded() {
    for codec in [Codec::H264, Codec::Vp8] {
        let clip = clips::test_picture((1920, 1080), 30, 20.0, 7_000, codec);
        assert!(clip.len() > 10 * 1024 * 1024, "{codec:?}: {} bytes", clip.len());
        let frames = decode(clip).unwrap_or_else(|problem| panic!("{codec:?}: {problem}"));
        assert!(frames.len() >= 13 && frames[frames.len() - 1].t_ms > 18_000, "{codec:?}");
    }
}

#[test]
fn an_upright_clip_stays_upright() {
    let frames = decode(clips::test_picture((1080, 1920), 10, 2.0, 2_000, Codec::H264)).unwrap();
    assert_eq!((frames[0].frame.size().width, frames[0].frame.size().height), (360, 640));
}
