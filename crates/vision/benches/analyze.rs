//! What each stage of an analysis costs, and the whole, on one thread: wall time is CPU
//! time. Run with `./dev run cargo bench -p faceauth-vision`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::{paths, photos};
use faceauth_vision::frame::PixelBuffer;
use faceauth_vision::pipeline::{ModelSet, Pipeline, Stages};
use faceauth_vision::session::Runtime;
use faceauth_vision::{align, decode, landmarks, pose, quality};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// A portrait as a camera of this size would take it, as a JPEG of quality 90.
fn photo(width: u32, height: u32) -> EncodedImage {
    let portrait = photos::pixels(photos::OBAMA);
    let crop = imageops::crop_imm(&portrait, 0, 0, portrait.width(), portrait.width()).to_image();
    let crop = imageops::resize(&crop, height, height, FilterType::Triangle);
    let mut picture = RgbImage::from_pixel(width, height, Rgb([96, 104, 112]));
    // The wings of the picture get texture too: flat areas decode too fast.
    for x in [0, i64::from(width) - i64::from(height)] {
        imageops::overlay(&mut picture, &imageops::blur(&crop, 3.0), x, 0);
    }
    imageops::overlay(&mut picture, &crop, i64::from(width - height) / 2, 0);
    EncodedImage::parse(photos::jpeg(&picture, 90), None).expect("a JPEG")
}

fn analyze(criterion: &mut Criterion) {
    let runtime = Runtime::load(&paths::onnx_runtime()).expect("ONNX Runtime");
    let set = ModelSet::load(&paths::manifest(), &paths::weights()).expect("weights");
    let mut pipeline =
        Pipeline::new(&runtime, &set, QualityPolicies::DEFAULT, 1).expect("a pipeline");
    for (width, height) in [(640, 480), (1280, 720)] {
        let image = photo(width, height);
        let size = format!("{width}x{height}");
        let mut group = criterion.benchmark_group("analyze");
        group.sample_size(60);
        let id = |stage: &str| BenchmarkId::new(stage, &size);

        let frame = decode::decode(&image).expect("a picture");
        let mut buffer = PixelBuffer::default();
        group.bench_function(id("1 decode"), |b| {
            b.iter(|| {
                let frame = decode::decode_into(black_box(&image), &mut buffer);
                buffer = frame.expect("a picture").recycle();
            });
        });
        {
            let Stages { detector, landmarker, eyes, embedder, pad } = pipeline.stages();
            let face = detector.detect(&frame).expect("inference")[0].bounding_box;
            let points = landmarker.locate(&frame, &face).expect("inference");
            let five = landmarks::five(&points);
            let (template, side) = (*embedder.template(), embedder.side());
            let aligned =
                align::align(&frame, &five, &template, side).expect("align").expect("a face");
            group.bench_function(id("2 detect"), |b| b.iter(|| detector.detect(&frame)));
            group.bench_function(id("3 landmarks"), |b| {
                b.iter(|| landmarker.locate(&frame, &face));
            });
            group.bench_function(id("4 align"), |b| {
                b.iter(|| align::align(&frame, &five, &template, side));
            });
            group.bench_function(id("5 pose and quality"), |b| {
                b.iter(|| {
                    let pose = pose::estimate(&points, frame.size())?;
                    quality::measure(&frame, &face, &points, &five, pose, &aligned)
                });
            });
            group.bench_function(id("6 PAD, for a decision"), |b| {
                b.iter(|| pad.side(&frame, &face));
            });
            group.bench_function(id("6 PAD, all of it"), |b| b.iter(|| pad.score(&frame, &face)));
            group.bench_function(id("7 embed, first stage"), |b| {
                b.iter(|| embedder.first_stage(&aligned));
            });
            group.bench_function(id("7 embed, all of it"), |b| b.iter(|| embedder.embed(&aligned)));
            let eyes = eyes.expect("the shipped manifest has the model of an eye");
            group.bench_function(id("lids, only where asked for"), |b| {
                b.iter(|| eyes.openness(&frame, &points));
            });
        }
        let evidence = pipeline.reference(&image, Keep::Nothing).expect("inference");
        evidence.expect("the benchmark's face is usable");
        group.bench_function(id("enrol"), |b| {
            b.iter(|| pipeline.reference(black_box(&image), Keep::Nothing));
        });
        group.bench_function(id("recognise"), |b| {
            b.iter(|| pipeline.recognise(black_box(&image), |_, _| true));
        });
        group.finish();
    }
}

criterion_group!(benches, analyze);
criterion_main!(benches);
