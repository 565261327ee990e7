//! Manifests and weights that do not belong together, and a deployment's own.

use std::path::PathBuf;

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::evidence::PadScore;
use faceauth_domain::quality::QualityPolicies;
use faceauth_test_support::{paths, photos};
use faceauth_vision::VisionError;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};

use crate::support::{encoded, runtime};

/// A folder of its own for a manifest, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("make a temporary folder");
        Self(path)
    }

    /// The shipped manifest with one text replaced.
    fn manifest(&self, from: &str, to: &str) -> PathBuf {
        let shipped = std::fs::read_to_string(paths::manifest()).expect("read the manifest");
        assert!(shipped.contains(from), "the shipped manifest has no {from:?}");
        let path = self.0.join("manifest.toml");
        std::fs::write(&path, shipped.replacen(from, to, 1)).expect("write a manifest");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn build(manifest: &std::path::Path) -> Result<Pipeline, VisionError> {
    let set = ModelSet::load(manifest, &paths::weights())?;
    Pipeline::new(&runtime(), &set, QualityPolicies::DEFAULT, 1)
}

#[test]
fn a_changed_hash_refuses_to_start() {
    let folder = Folder::new("changed-hash");
    let shipped = ModelSet::load(&paths::manifest(), &paths::weights()).expect("shipped weights");
    let hash = &shipped.manifest.embedding.models[0].weights.sha256;
    let manifest = folder.manifest(hash, &"0".repeat(64));
    assert!(matches!(build(&manifest), Err(VisionError::WrongHash { .. })));
}

#[test]
fn a_missing_weight_file_refuses_to_start() {
    let folder = Folder::new("missing-file");
    let manifest = folder.manifest("\"sface-2021dec-int8.onnx\"", "\"nowhere.onnx\"");
    assert!(matches!(build(&manifest), Err(VisionError::Io { .. })));
}

#[test]
fn a_graph_of_another_shape_refuses_to_start() {
    let folder = Folder::new("other-shape");
    let manifest = folder.manifest("shape = [1, 1, 64, 64]", "shape = [1, 1, 48, 48]");
    let Err(VisionError::WrongShape { model, reason }) = build(&manifest) else {
        panic!("a wrong shape was accepted");
    };
    assert_eq!(model, "fr-landmark-68");
    assert!(reason.contains("64") && reason.contains("48"), "{reason}");
}

#[test]
fn a_graph_without_the_named_output_refuses_to_start() {
    let folder = Folder::new("other-output");
    let manifest = folder.manifest("name = \"fc1\"", "name = \"features\"");
    assert!(matches!(build(&manifest), Err(VisionError::WrongShape { .. })));
}

#[test]
fn a_second_manifest_brings_weights_of_its_own() {
    let manifest = paths::existing(paths::root().join("models/manifest-small.toml"));
    let mut small = build(&manifest).expect("the small set");
    let mut embed = |name| {
        let image = encoded(photos::bytes(name));
        let evidence = small.reference(&image, Keep::Nothing).expect("inference");
        evidence.expect("a usable face").embedding
    };
    let reference = embed(photos::OBAMA);
    assert_eq!(reference.model().as_str(), "fr-feature+lm68");
    assert_eq!(reference.values().len(), 512);
    let set = ModelSet::load(&manifest, &paths::weights()).expect("the small set");
    let threshold = set.manifest.match_policy(1e-4).expect("a threshold").threshold;
    let score = |probe| reference.compare(&probe).expect("one model").value();
    assert!(score(embed(photos::OBAMA_OTHER_DAY)) >= threshold);
    assert!(score(embed(photos::BIDEN)) < threshold);

    // Its templates and the shipped model's never meet.
    let shipped = crate::support::evidence(photos::bytes(photos::OBAMA)).expect("a face");
    assert!(reference.compare(&shipped.embedding).is_err());
}

#[test]
fn the_matcher_joins_its_models_and_mirrors_where_it_is_asked_to() {
    let portrait = |pipeline: &mut Pipeline| {
        let image = encoded(photos::bytes(photos::OBAMA));
        let evidence = pipeline.reference(&image, Keep::Nothing).expect("inference");
        evidence.expect("a usable face").embedding.values().to_vec()
    };
    let joined = portrait(&mut build(&paths::manifest()).expect("the shipped set"));
    assert_eq!(joined.len(), 128 + 512);
    let small = paths::existing(paths::root().join("models/manifest-small.toml"));
    let alone = portrait(&mut build(&small).expect("the small set"));
    // Unit vectors of weights 1 and 0.7, brought to length 1 together.
    let part = 0.7 / (1.0_f32 + 0.7 * 0.7).sqrt();
    let off = joined[128..].iter().zip(&alone).map(|(a, b)| (a - part * b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-5);

    let folder = Folder::new("mirrored");
    let manifest = folder.manifest("weight = 0.7", "weight = 0.7\nmirrored = true");
    let mirrored = portrait(&mut build(&manifest).expect("a mirrored matcher"));
    // The first model's part is as before, but for the last digit: both are brought to length 1
    // together, and on some processors the length of the second differs by a rounding.
    let off = mirrored[..128].iter().zip(&joined[..128]).map(|(a, b)| (a - b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-6);
    let cosine: f32 = mirrored[128..].iter().zip(&joined[128..]).map(|(a, b)| a * b).sum();
    let likeness = cosine / (part * part);
    assert!((0.9..0.9999).contains(&likeness), "{likeness}");
}

#[test]
fn the_first_stage_ends_a_recognition_only_where_it_is_told_to() {
    let mut pipeline = build(&paths::manifest()).expect("the shipped set");
    let image = encoded(photos::bytes(photos::OBAMA));
    let evidence = pipeline.reference(&image, Keep::Nothing).expect("inference");
    let whole = evidence.expect("a usable face");
    let mut recognise = |image: &EncodedImage, end: bool| {
        let (tell, told) = std::sync::mpsc::channel();
        let settled = move |first: &Embedding, pad: PadScore| {
            tell.send((first.clone(), pad)).expect("somebody listens");
            end
        };
        let evidence = pipeline.recognise(image, settled).expect("inference");
        (evidence, told.recv().ok())
    };
    let manifest = Manifest::load(&paths::manifest()).expect("the shipped manifest");
    let cascade = manifest.embedding.cascade().expect("a cascade");
    let part = whole.embedding.part(cascade.model.clone(), cascade.part).expect("a part");
    for end in [true, false] {
        let (evidence, asked) = recognise(&image, end);
        let (evidence, (first, pad)) = (evidence.expect("usable"), asked.expect("asked"));
        // On the same side, and no further from the threshold.
        let threshold = manifest.pad.threshold;
        assert_eq!(pad, evidence.pad);
        assert_eq!(pad.value() >= threshold, whole.pad.value() >= threshold);
        assert!((pad.value() - threshold).abs() <= (whole.pad.value() - threshold).abs() + 1e-6);
        assert!(first.compare(&part).expect("one model").value() > 0.999_999);
        let expected = if end { &first } else { &whole.embedding };
        assert_eq!(evidence.embedding.model(), expected.model());
        assert_eq!(evidence.embedding.values(), expected.values());
    }
    // Nobody is asked about a picture of nobody.
    let (evidence, asked) = recognise(&encoded(photos::bytes("coffee.png")), true);
    assert!(evidence.is_err() && asked.is_none());
}

#[test]
fn while_people_move_both_matchers_see_the_same_face() {
    let folder = Folder::new("previous");
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("read a manifest");
    let table = |text: &str| text.parse::<toml::Table>().expect("TOML");
    let mut manifest = table(&read(paths::root().join("models/manifest-small.toml")));
    let shipped = table(&read(paths::manifest()))["embedding"].clone();
    manifest.insert("previous_embedding".to_owned(), shipped);
    let path = folder.0.join("manifest.toml");
    std::fs::write(&path, manifest.to_string()).expect("write a manifest");

    let mut moving = build(&path).expect("both matchers");
    let image = encoded(photos::bytes(photos::OBAMA));
    let seen = moving.reference(&image, Keep::Nothing).expect("inference");
    let seen = seen.expect("a usable face");
    assert_eq!(seen.embedding.model().as_str(), "fr-feature+lm68");
    let before = crate::support::evidence(photos::bytes(photos::OBAMA)).expect("a face");
    assert!(before.previous.is_none());
    assert_eq!(seen.previous.expect("the previous matcher").values(), before.embedding.values());

    manifest["previous_embedding"]["id"] = manifest["embedding"]["id"].clone();
    std::fs::write(&path, manifest.to_string()).expect("write a manifest");
    let Err(VisionError::Manifest { reason, .. }) = build(&path) else {
        panic!("two matchers of one name were accepted");
    };
    assert!(reason.contains("previous_embedding"), "{reason}");
}
