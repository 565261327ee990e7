//! `models/manifest-minifasnet.toml`, the PAD models that a deployment supplies itself.
//!
//! The real files are in no registry, so graphs of the same interface stand in for them:
//! they answer with the mean of each colour channel they are shown. Whatever reaches them
//! can then be computed again from the picture, by the rules the manifest states.

use std::path::{Path, PathBuf};

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::evidence::Evidence;
use faceauth_domain::geometry::BoundingBox;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::{paths, photos};
use faceauth_vision::VisionError;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use image::RgbImage;
use sha2::{Digest, Sha256};

use crate::onnx;
use crate::support::{encoded, runtime};

/// What each stand-in multiplies the mean blue, green and red with.
const GAINS: [[f32; 3]; 2] = [[0.02, 0.02, 0.02], [0.01, 0.03, 0.02]];

fn minifasnet() -> PathBuf {
    paths::existing(paths::root().join("models/manifest-minifasnet.toml"))
}

/// A weights folder and a manifest as a deployment has them, with stand-ins for the two files.
struct Deployment {
    folder: PathBuf,
    manifest: PathBuf,
}

impl Deployment {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("make a temporary folder");
        let shipped = Manifest::load(&paths::manifest()).expect("the shipped manifest");
        for weights in shipped.all_weights() {
            let file = paths::existing(paths::weights().join(&weights.file));
            std::fs::copy(file, folder.join(&weights.file)).expect("copy weights");
        }
        let mut text = std::fs::read_to_string(minifasnet()).expect("read the manifest");
        let manifest = Manifest::load(&minifasnet()).expect("a manifest without contradictions");
        let own = manifest.pad.models.iter().map(|model| &model.weights).filter(|w| is_own(&w.id));
        for (weights, gains) in own.zip(GAINS) {
            let (input, output) = (&weights.input, &weights.outputs[0]);
            let graph = onnx::mean_of_channels(
                (&input.name, &input.shape),
                (&output.name, &output.shape),
                gains,
            );
            std::fs::write(folder.join(&weights.file), &graph).expect("write a graph");
            text = text.replace(&weights.sha256, &hex(&Sha256::digest(&graph)));
        }
        let manifest = folder.join("manifest.toml");
        std::fs::write(&manifest, text).expect("write a manifest");
        Self { folder, manifest }
    }

    /// Takes out the PAD models that ship, and the bias that goes with them.
    fn with_its_own_models_alone(self) -> Self {
        let text = std::fs::read_to_string(&self.manifest).expect("read the manifest");
        let mut table: toml::Table = text.parse().expect("TOML");
        table["pad"]["bias"] = toml::Value::Float(0.0);
        let models = table["pad"]["models"].as_array_mut().expect("PAD models");
        models.retain(|model| model["id"].as_str().is_some_and(is_own));
        std::fs::write(&self.manifest, table.to_string()).expect("write a manifest");
        self
    }

    fn build(&self) -> Result<Pipeline, VisionError> {
        let set = ModelSet::load(&self.manifest, &self.folder)?;
        Pipeline::new(&runtime(), &set, QualityPolicies::DEFAULT, 1)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether a PAD model is one that the deployment supplies.
fn is_own(id: &str) -> bool {
    id.starts_with("minifasnet")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn evidence(pipeline: &mut Pipeline, picture: &EncodedImage) -> Evidence {
    pipeline.reference(picture, Keep::Nothing).expect("inference").expect("a usable face")
}

/// Mean blue, green and red of what `CropImage` of minivision-ai/Silent-Face-Anti-Spoofing
/// cuts out for `scale`.
fn crop_mean(picture: &RgbImage, face: &BoundingBox, scale: f32) -> [f32; 3] {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let scale = scale.min((height - 1.0) / face.height).min((width - 1.0) / face.width);
    let (w, h) = (face.width * scale, face.height * scale);
    let x = (face.x + face.width / 2.0 - w / 2.0).clamp(0.0, width - 1.0 - w);
    let y = (face.y + face.height / 2.0 - h / 2.0).clamp(0.0, height - 1.0 - h);
    let (mut sum, mut count) = ([0.0; 3], 0.0);
    for row in y as u32..=(y + h) as u32 {
        for column in x as u32..=(x + w) as u32 {
            let [r, g, b] = picture.get_pixel(column, row).0.map(f32::from);
            sum = [sum[0] + b, sum[1] + g, sum[2] + r];
            count += 1.0;
        }
    }
    sum.map(|channel| channel / count)
}

fn logit_of_bona_fide(means: [f32; 3], gains: [f32; 3]) -> f32 {
    let [attack, bona_fide, other] = std::array::from_fn(|i| (means[i] * gains[i]).exp());
    (bona_fide / (attack + other)).ln()
}

#[test]
fn each_model_is_shown_the_crop_that_its_manifest_states() {
    let deployment = Deployment::new("minifasnet").with_its_own_models_alone();
    let mut pipeline = deployment.build().expect("build");
    // A portrait in a room that is another colour near the face than far from it.
    let portrait = photos::pixels(photos::OBAMA);
    let portrait = image::imageops::resize(&portrait, 300, 420, image::imageops::Triangle);
    let mut scores = Vec::new();
    for (near, far) in [([40, 160, 60], [150, 90, 60]), ([60, 60, 160], [90, 150, 150])] {
        let mut room = RgbImage::from_fn(1280, 960, |x, y| {
            let close = (x.abs_diff(640) < 220) && (y.abs_diff(480) < 300);
            image::Rgb(if close { near } else { far })
        });
        image::imageops::overlay(&mut room, &portrait, 490, 270);
        let picture = encoded(photos::png(&room.clone().into()));
        let evidence = evidence(&mut pipeline, &picture);

        let face = &evidence.face.bounding_box;
        let joint: f32 = [2.7, 4.0]
            .into_iter()
            .zip(GAINS)
            .map(|(scale, gains)| 0.5 * logit_of_bona_fide(crop_mean(&room, face, scale), gains))
            .sum();
        let expected = 1.0 / (1.0 + (-joint).exp());
        let found = evidence.pad.value();
        // The crop is sampled, not averaged: one grey level in a mean is 0.01 here.
        assert!((found - expected).abs() < 0.02, "{found}, expected {expected}");
        scores.push(found);
    }
    // Green speaks for bona fide, and the two rooms are far apart.
    assert!(scores[0] > scores[1] + 0.1, "{scores:?}");
}

#[test]
fn four_models_have_their_say() {
    let picture = encoded(photos::bytes(photos::OBAMA));
    let mut pipeline = Deployment::new("minifasnet-four").build().expect("build");
    let joined = evidence(&mut pipeline, &picture).pad.value();
    // What ships is almost sure of this portrait; the stand-ins call it an attack.
    let shipped = crate::support::evidence(photos::bytes(photos::OBAMA)).expect("a face").pad;
    let logit = |p: f32| (p / (1.0 - p)).ln();
    let change = logit(joined) - logit(shipped.value());
    assert!((-0.8..-0.2).contains(&change), "{joined}, shipped {shipped:?}");
}

#[test]
fn another_file_than_the_one_described_refuses_to_start() {
    let mut deployment = Deployment::new("minifasnet-other");
    // The manifest of the repository has the hashes of the real files.
    deployment.manifest = minifasnet();
    assert!(matches!(deployment.build(), Err(VisionError::WrongHash { .. })));
}

#[test]
fn only_presentation_attack_detection_differs_from_what_ships() {
    let sections = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("read a manifest");
        let mut table: toml::Table = text.parse().expect("TOML");
        for model in ["detection", "landmarks", "embedding"] {
            let role = table[model].as_table_mut().expect("a table");
            role.remove("source");
            let members = role.get_mut("models").and_then(toml::Value::as_array_mut);
            for member in members.into_iter().flatten() {
                member.as_table_mut().expect("a table").remove("source");
            }
        }
        ["detection", "landmarks", "embedding"].map(|model| table[model].clone())
    };
    assert_eq!(sections(&minifasnet()), sections(&paths::manifest()));
}
