//! Clips nobody records by accident. Whatever they are, the program answers or dies within its
//! limits, and the service hears that it was no clip.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use faceauth_domain::clip::{ClipProblem, EncodedClip, MAX_CLIP_BYTES};
use faceauth_test_support::clips::{self, Codec};
use faceauth_vision::VisionError;
use faceauth_vision::clip::{ClipDecoder, MAX_TIME};

use crate::decode;

/// Longest a clip may hold a worker up: the limit of `vision::clip` and some.
const LONGEST: Duration = MAX_TIME.saturating_add(Duration::from_secs(5));

/// A short clip to break.
fn clip(codec: Codec) -> Vec<u8> {
    clips::test_picture((320, 240), 15, 2.0, 400, codec)
}

#[test]
fn what_is_not_accepted_is_told_apart() {
    let problem = |bytes| decode(bytes).map(|frames| frames.len()).unwrap_err();
    assert_eq!(problem(clip(Codec::Av1)), ClipProblem::UnsupportedCodec);
    assert_eq!(problem(clip(Codec::Mpeg4)), ClipProblem::UnsupportedCodec);
    let long = clips::test_picture((160, 120), 5, 25.0, 100, Codec::Vp8);
    assert_eq!(problem(long), ClipProblem::TooLong);
    for (size, codec) in [((1920, 1080), Codec::H264), ((720, 1296), Codec::Vp8)] {
        let large = clips::test_picture(size, 2, 1.0, 1_000, codec);
        assert_eq!(problem(large), ClipProblem::DimensionsTooLarge);
    }
    for (size, fps, seconds) in
        [((1280, 720), 30, 9.0), ((1280, 960), 30, 6.5), ((640, 480), 60, 20.0)]
    {
        let many = clips::test_picture(size, fps, seconds, 1_000, Codec::H264);
        assert_eq!(problem(many), ClipProblem::TooManyPixels, "{size:?}");
    }
}

#[test]
fn cut_off_anywhere_it_is_frames_or_no_clip() {
    for codec in [Codec::Vp8, Codec::H264] {
        let whole = clip(codec);
        for percent in [1, 3, 10, 30, 60, 90, 99] {
            let mut cut = whole.clone();
            cut.truncate((whole.len() * percent / 100).max(64));
            match decode(cut) {
                Ok(frames) => assert!(!frames.is_empty()),
                Err(problem) => {
                    assert_eq!(problem, ClipProblem::Undecodable, "{codec:?} {percent} %")
                }
            }
        }
    }
}

#[test]
fn flipped_bits_do_no_harm() {
    let started = Instant::now();
    for codec in [Codec::Vp8, Codec::H264] {
        let whole = clip(codec);
        for seed in 0..12u64 {
            let mut broken = whole.clone();
            // A linear congruential generator (Knuth): the same damage in every run.
            let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            for _ in 0..1 << (seed % 8) {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // The magic stays, or nobody would start the program.
                let at = 48 + (state >> 33) as usize % (broken.len() - 48);
                broken[at] ^= 1 << (state & 7);
            }
            // Any answer is fine; that there is one is the test.
            let _ = decode(broken);
        }
    }
    assert!(started.elapsed() < 24 * LONGEST);
}

#[test]
fn endless_frames_end() {
    // 20,000 tiny frames within 20 seconds.
    let dense = clips::test_picture((32, 32), 1_000, 20.0, 200, Codec::Vp8);
    let started = Instant::now();
    assert_eq!(decode(dense).map(|_| ()), Err(ClipProblem::Undecodable));
    assert!(started.elapsed() < LONGEST);
}

#[test]
fn other_files_with_the_right_magic_are_no_clips() {
    let ftyp = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41".to_vec();
    let webm =
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\
        \x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02"
            .to_vec();
    let appended = |head: &[u8], tail: &[u8]| [head, tail].concat();
    let cases = [
        ftyp.clone(),
        webm.clone(),
        appended(&ftyp, &[0; 4096]),
        appended(&ftyp, b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"),
        appended(&ftyp, b"#EXTM3U\nfile:///etc/passwd\n"),
        appended(&webm, &[0xff; 4096]),
        appended(&webm, b"ffconcat version 1.0\nfile /etc/passwd\n"),
    ];
    for bytes in cases {
        assert_eq!(decode(bytes).map(|_| ()), Err(ClipProblem::Undecodable));
    }
}

/// Runs the program by hand, with these words, on these bytes.
fn run(words: &[&str], bytes: &[u8]) -> (bool, Vec<u8>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_faceauth-clip"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("a pipe");
    // It may end before it has read everything.
    let _ = input.write_all(bytes);
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    (output.status.success(), output.stdout)
}

#[test]
fn used_wrongly_it_answers_nothing() {
    for words in [&[][..], &["0"], &["many"], &["257"]] {
        assert_eq!(run(words, b""), (false, Vec::new()));
    }
    assert_eq!(run(&["8"], b"no clip at all"), (false, Vec::new()));
    assert_eq!(run(&["8"], &vec![0; MAX_CLIP_BYTES + 1]), (false, Vec::new()));
}

/// What becomes of a clip whose program is this shell script.
fn by_script(name: &str, script: &str) -> Result<bool, VisionError> {
    let file = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("write a script");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o700)).expect("make it run");
    let decoder = ClipDecoder::new(file.clone()).expect("a program");
    let clip = EncodedClip::parse(clip(Codec::Vp8), None).expect("a clip");
    let answer = decoder.within(Duration::from_secs(2)).decode(&clip, 8);
    let _ = std::fs::remove_file(file);
    answer.map(|frames| {
        assert_eq!(frames.map(|_| ()), Err(ClipProblem::Undecodable));
        true
    })
}

/// A program that takes too long says nothing of the clip, and a hung one is ended.
#[test]
fn a_lack_of_time_is_not_the_clips_fault() {
    for (name, script) in [
        ("hangs", "exec sleep 600"),
        ("ignores", "trap '' TERM INT XCPU\nwhile :; do :; done"),
        ("limit", "ulimit -t 1\nwhile :; do :; done"),
        ("killed", "kill -KILL $$"),
    ] {
        let answer = by_script(name, script);
        assert!(matches!(answer, Err(VisionError::ClipTimeout)), "{name}: {answer:?}");
    }
    for (name, script) in [
        ("ends", "exit 1"),
        ("crashes", "kill -SEGV $$"),
        ("nonsense", "echo this is no answer"),
        ("system-call", "kill -SYS $$"),
    ] {
        assert!(by_script(name, script).expect("an answer"), "{name}");
    }
}

/// Once it has given up what it can, it reaches nothing outside; this needs a kernel that has all
/// of it, as every one since Linux 6.12 that is not built without.
#[test]
fn it_reaches_nothing_outside() {
    let said = crate::decoder().confinement().expect("it says");
    let names: Vec<&str> = said.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(names, ["files", "network", "programs", "signals", "system-calls"]);
    let open: Vec<&(String, bool)> = said.iter().filter(|(_, closed)| !closed).collect();
    assert!(open.is_empty(), "{open:?}");
}

/// A program that cannot lower its limits reads no clip, and no clip is to blame.
#[test]
fn what_cannot_be_confined_is_not_the_clips_fault() {
    let answer = by_script("unconfined", "exit 71");
    assert!(matches!(answer, Err(VisionError::ClipProgram { .. })), "{answer:?}");
}
