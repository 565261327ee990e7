//! Clips that somebody has tampered with, each in a process of its own, as in the service.

use std::time::{Duration, Instant};

use faceauth_domain::clip::{EncodedClip, MAX_CLIP_MS};
use faceauth_test_support::clips::{self, Codec};
use faceauth_test_support::fuzz::{self, Mutated};
use faceauth_vision::clip::MAX_TIME;

use crate::decode;

#[test]
fn fuzz_clips() {
    let codecs = [Codec::Vp8, Codec::Vp9, Codec::H264];
    let seeds = codecs.map(|codec| clips::test_picture((160, 120), 5, 1.6, 100, codec));
    // A process takes a tenth of a second, so there are fewer of them than of other inputs.
    bolero::check!().with_type::<Mutated>().with_test_time(4 * fuzz::time()).for_each(|mutated| {
        let bytes = mutated.of(&seeds);
        // What is no clip at first sight goes no further.
        if EncodedClip::parse(bytes.clone(), None).is_err() {
            return;
        }
        let begun = Instant::now();
        if let Ok(frames) = decode(bytes) {
            assert!(frames.iter().all(|frame| frame.t_ms <= MAX_CLIP_MS));
            assert!(frames.is_sorted_by_key(|frame| frame.t_ms));
        }
        assert!(begun.elapsed() < MAX_TIME.saturating_add(Duration::from_secs(5)), "ended in time");
    });
}
