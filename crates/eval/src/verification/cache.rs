//! Results of pictures from earlier runs, so that an interrupted run, or a run with other pairs,
//! need not analyse them again.
//!
//! A line of JSON for each picture, added when it is done. Embeddings are sealed: a plain file of
//! them would be a file of faces. A picture is known by a digest of its content and of everything
//! that decides what is made of it, so that a cache can never be of another model.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use base64::prelude::{BASE64_STANDARD, Engine};
use faceauth_domain::embedding::{Embedding, ModelId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::acquired::Acquired;

/// SHA-256 of a picture and of what looks at it.
pub type SampleDigest = [u8; 32];

/// Seals embeddings for the disk.
pub trait Seal: Sync {
    /// Encrypts `embedding` so that it opens for `sample` alone.
    ///
    /// # Errors
    /// When that is not possible.
    fn seal(&self, sample: &SampleDigest, embedding: &Embedding) -> anyhow::Result<Sealed>;

    /// Decrypts what [`Seal::seal`] made; `None` when it does not open.
    fn open(&self, sample: &SampleDigest, model: &ModelId, sealed: &Sealed) -> Option<Embedding>;
}

/// A sealed embedding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Name of the key that opens it.
    pub key_id: String,
    /// What the key's owner made of it.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    sample: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Face { key_id: String, sealed: String },
    Failed(Vec<String>),
}

/// A file of outcomes.
pub struct Cache<'a> {
    seal: &'a dyn Seal,
    model: ModelId,
    /// Digest of everything but the picture.
    settings: SampleDigest,
    known: HashMap<String, Outcome>,
    file: Mutex<File>,
}

impl<'a> Cache<'a> {
    /// Opens the cache at `path`, or begins one. `settings` is everything beside the picture that
    /// decides what is made of it. A last line that was cut off is passed over.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is something else.
    pub fn open(
        path: &Path,
        seal: &'a dyn Seal,
        model: ModelId,
        settings: &[u8],
    ) -> anyhow::Result<Self> {
        let file = || path.display().to_string();
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(path).with_context(file)?;
        let mut text = String::new();
        opened.read_to_string(&mut text).with_context(file)?;
        let mut known = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            let cut_off = number + 1 == text.lines().count();
            match serde_json::from_str::<Line>(line) {
                Ok(line) => {
                    known.insert(line.sample, line.outcome);
                }
                Err(_) if cut_off || line.is_empty() => {}
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("{}, line {}: no cache", file(), number + 1));
                }
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            // What is added stands on a line of its own; the part before it is empty then.
            opened.set_len(text.rfind('\n').map_or(0, |at| at as u64 + 1)).with_context(file)?;
        }
        let settings = Sha256::digest(settings).into();
        Ok(Self { seal, model, settings, known, file: Mutex::new(opened) })
    }

    /// How a picture with these bytes is known here.
    #[must_use]
    pub fn digest(&self, picture: &[u8]) -> SampleDigest {
        Sha256::new_with_prefix(self.settings).chain_update(picture).finalize().into()
    }

    /// What became of it, if it was seen before and its key is still there.
    #[must_use]
    pub fn get(&self, sample: &SampleDigest) -> Option<Acquired> {
        match self.known.get(&name(sample))? {
            Outcome::Failed(reasons) => Some(Acquired::Failed(reasons.clone())),
            Outcome::Face { key_id, sealed } => {
                let bytes = BASE64_STANDARD.decode(sealed).ok()?;
                let sealed = Sealed { key_id: key_id.clone(), bytes };
                self.seal.open(sample, &self.model, &sealed).map(Acquired::Face)
            }
        }
    }

    /// Keeps what became of it.
    ///
    /// # Errors
    /// When it cannot be sealed or written.
    pub fn put(&self, sample: &SampleDigest, acquired: &Acquired) -> anyhow::Result<()> {
        let outcome = match acquired {
            Acquired::Failed(reasons) => Outcome::Failed(reasons.clone()),
            Acquired::Face(embedding) => {
                let Sealed { key_id, bytes } = self.seal.seal(sample, embedding)?;
                Outcome::Face { key_id, sealed: BASE64_STANDARD.encode(bytes) }
            }
        };
        let mut line = serde_json::to_string(&Line { sample: name(sample), outcome })?;
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so a line is whole, or cut off at the end when the machine dies.
        file.write_all(line.as_bytes()).context("the cache cannot be written")
    }
}

fn name(sample: &SampleDigest) -> String {
    BASE64_STANDARD.encode(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inverts the bytes, which is enough to distinguish sealed from plain.
    struct Turned;

    impl Seal for Turned {
        fn seal(&self, sample: &SampleDigest, embedding: &Embedding) -> anyhow::Result<Sealed> {
            let mut bytes = sample.to_vec();
            bytes.extend(embedding.values().iter().rev().flat_map(|value| value.to_be_bytes()));
            Ok(Sealed { key_id: "k".to_owned(), bytes })
        }

        fn open(
            &self,
            sample: &SampleDigest,
            model: &ModelId,
            sealed: &Sealed,
        ) -> Option<Embedding> {
            let bytes = sealed.bytes.strip_prefix(sample)?;
            let values = bytes.as_chunks::<4>().0.iter().rev().map(|b| f32::from_be_bytes(*b));
            Embedding::normalised(model.clone(), values.collect()).ok()
        }
    }

    #[test]
    fn an_interrupted_run_goes_on_and_other_settings_begin_anew() {
        let path = std::env::temp_dir().join(format!("faceauth-cache-{}", std::process::id()));
        std::fs::remove_file(&path).ok();
        let model = ModelId::new("m");
        let open = |settings: &[u8]| Cache::open(&path, &Turned, model.clone(), settings);
        let embedding = Embedding::normalised(model.clone(), vec![0.6, 0.8]).unwrap();

        let cache = open(b"a").unwrap();
        let (face, none) = (cache.digest(b"face"), cache.digest(b"none"));
        assert!(cache.get(&face).is_none());
        cache.put(&face, &Acquired::Face(embedding.clone())).unwrap();
        cache.put(&none, &Acquired::Failed(vec!["no_face".to_owned()])).unwrap();

        // The machine dies while a third line is written.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"sample\":\"abc").unwrap();
        let cache = open(b"a").unwrap();
        let found = cache.get(&face).unwrap();
        assert_eq!(found.embedding().unwrap().values(), embedding.values());
        assert!(
            matches!(cache.get(&none), Some(Acquired::Failed(reasons)) if reasons == ["no_face"])
        );
        cache.put(&cache.digest(b"third"), &Acquired::Failed(Vec::new())).unwrap();
        let cache = open(b"a").unwrap();
        assert!(cache.get(&cache.digest(b"third")).is_some() && cache.get(&none).is_some());

        let other = open(b"b").unwrap();
        assert!(other.get(&other.digest(b"face")).is_none());

        std::fs::write(&path, "not a cache\nat all\n").unwrap();
        assert!(open(b"a").is_err());
        std::fs::remove_file(&path).unwrap();
    }
}
