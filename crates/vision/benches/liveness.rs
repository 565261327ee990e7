//! What judging a liveness capture costs, and what the largest clip takes. The program that
//! decodes clips has to stand beside the benchmark:
//! `cargo build --release -p faceauth-clip && ./dev run cargo bench -p faceauth-vision --bench liveness`.
//!
//! Frames are judged on one thread, so wall time is CPU time. The clip is decoded in a
//! process of its own, whose CPU and memory are read from `/proc` and printed.

use std::fs;
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::Duration;

use chrono::TimeDelta;
use criterion::{Criterion, criterion_group, criterion_main};
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::{Action, Challenge};
use faceauth_domain::clip::{ClipProblem, EncodedClip, MAX_CLIP_BYTES};
use faceauth_domain::decision::CaptureSettlement;
use faceauth_domain::liveness::capture::MAX_FRAMES;
use faceauth_domain::liveness::evidence::Observation;
use faceauth_domain::liveness::judge::{self, Circumstances};
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::PadMode;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::clips::{self, Codec};
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::{paths, performance, photos};
use faceauth_vision::clip::ClipDecoder;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Scrutiny};
use faceauth_vision::session::Runtime;
use faceauth_vision::{VisionError, decode};

/// Frames of the capture: what the page sends.
const FRAMES: usize = 12;

/// Clips with as many pixels as a clip may have: size, seconds, codec.
const LARGEST: [((u32, u32), f32, Codec); 4] = [
    ((1280, 720), 8.3, Codec::H264OfPhones),
    ((640, 480), 20.0, Codec::H264OfPhones),
    ((1280, 720), 8.3, Codec::Vp8),
    ((1280, 720), 8.3, Codec::Vp9),
];

/// Most clips that are encoded to find one that is just small enough. The second is, mostly.
const TRIES: usize = 8;

/// Who performs what, as timed JPEG frames of quality 90.
fn capture(steps: &[Action]) -> Vec<(u32, EncodedImage)> {
    let head = Head::of(Person::Obama);
    let moments = performance::perform(steps, 1);
    // Evenly chosen, the first and the last among them.
    let chosen = |index: usize| &moments[index * (moments.len() - 1) / (FRAMES - 1)];
    (0..FRAMES)
        .map(chosen)
        .map(|moment| {
            let picture = head.render(&moment.view, 640, 480);
            let image = EncodedImage::parse(photos::jpeg(&picture, 90), None).expect("a JPEG");
            (moment.t_ms, image)
        })
        .collect()
}

fn observe(pipeline: &mut Pipeline, capture: &[(u32, EncodedImage)]) -> Observation {
    let frames = capture.iter().map(|(t_ms, image)| {
        let frame = decode::decode(image).expect("a picture");
        Ok::<_, VisionError>((*t_ms, frame))
    });
    pipeline
        .observe(
            frames,
            Keep::Nothing,
            &Scrutiny::Verdict {
                policy: LivenessPolicy::DEFAULT,
                lids: false,
                settlement: CaptureSettlement::Nothing,
            },
        )
        .expect("inference")
}

fn frames(criterion: &mut Criterion) {
    let runtime = Runtime::load(&paths::onnx_runtime()).expect("ONNX Runtime");
    let set = ModelSet::load(&paths::manifest(), &paths::weights()).expect("weights");
    let mut pipeline =
        Pipeline::new(&runtime, &set, QualityPolicies::DEFAULT, 1).expect("a pipeline");
    let steps = [Action::TurnLeft, Action::LookUp];
    let capture = capture(&steps);
    let challenge = Challenge::from_steps(steps.to_vec());
    let circumstances = Circumstances { elapsed: TimeDelta::seconds(20), replayed: 0 };
    let policy = LivenessPolicy::DEFAULT;
    let decide = |observation: &Observation| {
        judge::judge(&challenge, observation, circumstances, PadMode::Enforce, &policy)
    };
    let observation = observe(&mut pipeline, &capture);
    let found = observation.frames.iter().filter(|frame| frame.subject.is_ok()).count();
    assert_eq!(found, FRAMES, "a capture whose frames cost all they can");

    let mut group = criterion.benchmark_group("liveness");
    group.sample_size(20).measurement_time(Duration::from_secs(12));
    group.bench_function("capture of 12 frames, 640x480", |b| {
        b.iter(|| {
            let observation = observe(&mut pipeline, black_box(&capture));
            decide(&observation)
        });
    });
    group.bench_function("decision alone", |b| b.iter(|| decide(black_box(&observation))));
    group.finish();
}

/// A clip of noise that has as many bytes as a clip may have, or a little less: no encoder keeps the
/// rate that it is given, so the rate follows what came out.
fn largest(size: (u32, u32), seconds: f32, codec: Codec) -> Vec<u8> {
    let mut kbits = MAX_CLIP_BYTES as f32 * 8.0 / 1000.0 / seconds;
    for _ in 0..TRIES {
        let bytes = clips::noisy_picture(size, 30, seconds, kbits as u32, codec);
        if bytes.len() <= MAX_CLIP_BYTES {
            return bytes;
        }
        kbits *= 0.97 * MAX_CLIP_BYTES as f32 / bytes.len() as f32;
    }
    panic!("no rate gives a {codec:?} clip of at most {MAX_CLIP_BYTES} bytes");
}

fn largest_clip(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("largest clip");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    for (size, seconds, codec) in LARGEST {
        let bytes = largest(size, seconds, codec);
        let megabytes = bytes.len() as f32 / 1e6;
        let (cpu, peak) = usage(&bytes);
        println!(
            "{codec:?} {size:?}: {megabytes:.1} MB; decoder: {cpu:?} of CPU, {peak} kB at its peak"
        );
        let decoder = ClipDecoder::installed().expect("the program that decodes clips");
        let clip = EncodedClip::parse(bytes, None).expect("a clip");
        group.bench_function(format!("decoded, {codec:?} {size:?}"), |b| {
            b.iter(|| -> Result<usize, ClipProblem> {
                let frames = decoder.decode(black_box(&clip), MAX_FRAMES).expect("it starts")?;
                Ok(frames.len())
            });
        });
    }
    group.finish();
}

/// CPU time and peak of resident memory in kB of the program that decodes `clip`.
fn usage(clip: &[u8]) -> (Duration, u64) {
    let decoder = ClipDecoder::installed().expect("the program that decodes clips");
    let mut child = decoder.command(MAX_FRAMES).spawn().expect("start it");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            input.write_all(clip).expect("it reads the clip");
        });
        // It writes once it is done with the clip, and stays until the last byte is read.
        let mut first = [0];
        output.read_exact(&mut first).expect("an answer");
        let proc = format!("/proc/{}", child.id());
        let status = fs::read_to_string(format!("{proc}/status")).expect("it runs");
        let stat = fs::read_to_string(format!("{proc}/stat")).expect("it runs");
        output.read_to_end(&mut Vec::new()).expect("an answer");
        child.wait().expect("it ends");
        (cpu_time(&stat), peak(&status))
    })
}

/// User and system time of `/proc/PID/stat`: its fields 14 and 15, in hundredths of a second
/// on every Linux (proc(5), `sysconf(_SC_CLK_TCK)`).
fn cpu_time(stat: &str) -> Duration {
    let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(10 * ticks)
}

fn peak(status: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

criterion_group!(benches, frames, largest_clip);
criterion_main!(benches);
