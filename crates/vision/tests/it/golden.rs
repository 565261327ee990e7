//! The pipeline against an independent implementation: `models/reference/` wrote the
//! vectors in `tests/golden/`.

use std::collections::BTreeMap;

use faceauth_domain::face::Face;
use faceauth_domain::geometry::{BoundingBox, FiveLandmarks, Point};
use faceauth_test_support::{paths, photos};
use faceauth_vision::align::Similarity;
use faceauth_vision::decode::decode;
use faceauth_vision::{align, frame::Frame};
use serde::Deserialize;

use crate::support::{encoded, pipeline, shipped};

/// Coordinates may differ by this many pixels, or by this share of the face's height
/// where that is more: JPEG decoders and resamplers differ in the last bit.
const PIXELS: f32 = 2.0;
const SHARE_OF_HEIGHT: f32 = 0.01;
/// Detection scores may differ by this much.
const SCORE: f32 = 0.01;
/// Where the two alignments put a landmark may differ by this many crop pixels, given the
/// same landmarks: only arithmetic is left.
const CROP_PIXELS: f64 = 0.01;
/// Least cosine between the two embeddings of one face when both are aligned by the
/// reference's landmarks.
const COSINE: f32 = 0.999;
/// And when each is aligned by its own: a landmark moved by a pixel costs 0.002.
const COSINE_OWN_LANDMARKS: f32 = 0.998;
/// PAD probabilities may differ by this much.
const PROBABILITY: f32 = 0.02;

/// What the reference found in one photo.
#[derive(Deserialize)]
struct Golden {
    size: [u32; 2],
    faces: Vec<GoldenFace>,
    subject: Option<GoldenSubject>,
}

#[derive(Deserialize)]
struct GoldenFace {
    /// x, y, width, height.
    #[serde(rename = "box")]
    bounding_box: [f32; 4],
    score: f32,
    points: [[f32; 2]; 5],
    /// The detector's own.
    detector_points: [[f32; 2]; 5],
}

impl GoldenFace {
    fn bounding_box(&self) -> BoundingBox {
        let [x, y, width, height] = self.bounding_box;
        BoundingBox { x, y, width, height }
    }

    /// Coordinates may differ by this many pixels.
    fn tolerance(&self) -> f32 {
        PIXELS.max(SHARE_OF_HEIGHT * self.bounding_box[3])
    }
}

/// The largest face of a photo of one person.
#[derive(Deserialize)]
struct GoldenSubject {
    /// All 68.
    landmarks: Vec<[f32; 2]>,
    /// From picture to crop pixels.
    alignment: [[f64; 3]; 2],
    embedding: Vec<f32>,
    /// Bona fide probability by model id.
    pad: BTreeMap<String, f32>,
}

fn golden(photo: &str) -> Golden {
    let file = format!("crates/vision/tests/golden/{}.json", photo.replace('.', "-"));
    let text = std::fs::read_to_string(paths::root().join(file)).expect("read golden vectors");
    serde_json::from_str(&text).expect("parse golden vectors")
}

/// The faces found in `photo`, largest first, after each has been compared.
fn compare_faces(photo: &str, golden: &Golden, frame: &Frame) -> Vec<Face> {
    assert_eq!([frame.size().width, frame.size().height], golden.size, "{photo}");
    let found = pipeline().faces_in(frame).expect("inference").faces;
    assert_eq!(found.len(), golden.faces.len(), "{photo}: faces");
    let coarse = pipeline().stages().detector.detect(frame).expect("inference");
    for (found, expected) in coarse.iter().zip(&golden.faces) {
        let points = found.landmarks.to_array().map(|p| [p.x, p.y]);
        let off =
            largest_difference(points.as_flattened(), expected.detector_points.as_flattened());
        assert!(off <= expected.tolerance(), "{photo}: detector's points off by {off} px");
    }
    for (found, expected) in found.iter().zip(&golden.faces) {
        compare_face(photo, found, expected);
    }
    found
}

fn largest_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn compare_face(photo: &str, found: &Face, expected: &GoldenFace) {
    let BoundingBox { x, y, width, height } = found.bounding_box;
    let landmarks = found.landmarks.to_array().map(|p| [p.x, p.y]);
    let tolerance = expected.tolerance();
    let off = largest_difference(&[x, y, width, height], &expected.bounding_box);
    assert!(off <= tolerance, "{photo}: box off by {off} px");
    let off = largest_difference(landmarks.as_flattened(), expected.points.as_flattened());
    assert!(off <= tolerance, "{photo}: landmarks off by {off} px");
    let off = (found.detection_score - expected.score).abs();
    assert!(off <= SCORE, "{photo}: score off by {off}");
}

/// The cosine of the reference's embedding and the product's of `frame` at `landmarks`.
fn cosine(frame: &Frame, landmarks: &FiveLandmarks, expected: &[f32]) -> f32 {
    let mut pipeline = pipeline();
    let embedder = pipeline.stages().embedder;
    let aligned = align::align(frame, landmarks, embedder.template(), embedder.side())
        .expect("align")
        .expect("landmarks that differ");
    let embedding = embedder.embed(&aligned).expect("inference").embedding;
    assert_eq!(embedding.values().len(), expected.len());
    embedding.values().iter().zip(expected).map(|(a, b)| a * b).sum()
}

fn compare_landmarks(photo: &str, golden: &Golden, expected: &GoldenSubject, frame: &Frame) {
    let mut pipeline = pipeline();
    let face = &golden.faces[0];
    let found =
        pipeline.stages().landmarker.locate(frame, &face.bounding_box()).expect("inference");
    let found = found.map(|p| [p.x, p.y]);
    let off = largest_difference(found.as_flattened(), expected.landmarks.as_flattened());
    assert!(off <= face.tolerance(), "{photo}: one of the 68 landmarks off by {off} px");
}

fn compare_alignment(photo: &str, golden: &Golden, expected: &GoldenSubject) {
    let points = golden.faces[0].points.map(|[x, y]| Point { x, y });
    let template = *pipeline().stages().embedder.template();
    let fit = Similarity::fit(&points, &template).expect("landmarks that differ");
    for point in points {
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        let [u, v] = expected.alignment.map(|[a, b, shift]| a * x + b * y + shift);
        let (found_u, found_v) = fit.apply(x, y);
        let off = (found_u - u).hypot(found_v - v);
        assert!(off <= CROP_PIXELS, "{photo}: alignment off by {off} crop pixels");
    }
}

fn compare_embedding(photo: &str, golden: &Golden, frame: &Frame, face: &Face) {
    let expected = &golden.subject.as_ref().expect("a photo of one person").embedding;
    let points = golden.faces[0].points.map(|[x, y]| Point { x, y });
    let at_same = cosine(frame, &FiveLandmarks::from_array(points), expected);
    assert!(at_same >= COSINE, "{photo}: cosine {at_same}");
    let at_own = cosine(frame, &face.landmarks, expected);
    assert!(at_own >= COSINE_OWN_LANDMARKS, "{photo}: cosine {at_own}");
}

fn compare_pad(photo: &str, expected: &GoldenSubject, frame: &Frame, face: &Face) {
    let mut pipeline = pipeline();
    let pad = pipeline.stages().pad;
    let opinions = pad.opinions(frame, &face.bounding_box).expect("inference");
    let models = shipped().manifest.pad.models;
    assert_eq!(models.len(), expected.pad.len(), "{photo}");
    for (model, opinion) in models.iter().zip(opinions) {
        let id = &model.weights.id;
        let off = (opinion - expected.pad[id]).abs();
        assert!(off <= PROBABILITY, "{photo}: {id} off by {off}");
    }
}

#[test]
fn agrees_with_the_reference_on_photos_of_one_person() {
    let photos_of_one =
        ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png", "32bit.png"];
    for photo in photos_of_one {
        let golden = golden(photo);
        let frame = decode(&encoded(photos::bytes(photo))).expect("a picture that decodes");
        let faces = compare_faces(photo, &golden, &frame);
        let [face] = &faces[..] else { panic!("{photo}: {} faces", faces.len()) };
        compare_embedding(photo, &golden, &frame, face);
        let subject = golden.subject.as_ref().expect("a photo of one person");
        compare_landmarks(photo, &golden, subject, &frame);
        compare_alignment(photo, &golden, subject);
        compare_pad(photo, subject, &frame, face);
    }
}

#[test]
fn agrees_with_the_reference_on_groups() {
    for photo in ["group-four.jpg", "group-three.jpg"] {
        let golden = golden(photo);
        let frame = decode(&encoded(photos::bytes(photo))).expect("a picture that decodes");
        compare_faces(photo, &golden, &frame);
    }
}

#[test]
fn agrees_with_the_reference_on_photos_of_nobody() {
    for photo in photos::FACELESS {
        let golden = golden(photo);
        let frame = decode(&encoded(photos::bytes(photo))).expect("a picture that decodes");
        compare_faces(photo, &golden, &frame);
    }
}
