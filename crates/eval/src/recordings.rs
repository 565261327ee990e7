//! The labelled recordings an evaluation runs on: folders of pictures and clips.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, ensure};

/// File name endings of pictures.
const PICTURES: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// File name endings of clips.
const CLIPS: [&str; 2] = ["mp4", "webm"];

/// Whether a recording is of a person or of an imitation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// A bona fide presentation: a person before the camera.
    BonaFide,
    /// A presentation attack of this species (ISO/IEC 30107-3: the class of what is held
    /// into the camera, such as `print`).
    Attack(String),
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BonaFide => "bona fide",
            Self::Attack(species) => species,
        })
    }
}

/// A folder of attacks, written `SPECIES=DIR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackFolder {
    /// The species.
    pub species: String,
    /// The folder.
    pub dir: PathBuf,
}

impl FromStr for AttackFolder {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (species, dir) = text.split_once('=').context("write SPECIES=DIR, as print=photos")?;
        ensure!(!species.is_empty() && !dir.is_empty(), "write SPECIES=DIR, as print=photos");
        Ok(Self { species: species.to_owned(), dir: dir.into() })
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// One picture.
    Picture,
    /// A video clip.
    Clip,
}

impl Medium {
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        if PICTURES.contains(&ending.as_str()) {
            Some(Self::Picture)
        } else if CLIPS.contains(&ending.as_str()) {
            Some(Self::Clip)
        } else {
            None
        }
    }
}

/// One labelled file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub medium: Medium,
    /// What it shows.
    pub truth: Truth,
}

/// The pictures and clips of `dir`, by name. Folders in it and other files are passed over.
///
/// # Errors
/// When the folder cannot be read, or holds no picture and no clip: a wrong path must not look like
/// a perfect score.
pub fn of_folder(dir: &Path, truth: &Truth) -> anyhow::Result<Vec<Recording>> {
    let mut recordings = Vec::new();
    let entries = dir.read_dir().with_context(|| format!("cannot read {}", dir.display()))?;
    for entry in entries {
        let path = entry?.path();
        if let Some(medium) = Medium::of(&path).filter(|_| path.is_file()) {
            recordings.push(Recording { path, medium, truth: truth.clone() });
        }
    }
    ensure!(!recordings.is_empty(), "{} holds no picture and no clip", dir.display());
    recordings.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(recordings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_folders_name_their_species() {
        let folder: AttackFolder = "print=a=b".parse().expect("a folder");
        assert_eq!((folder.species.as_str(), folder.dir.as_path()), ("print", Path::new("a=b")));
        for wrong in ["print", "=dir", "print="] {
            assert!(wrong.parse::<AttackFolder>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn endings_tell_pictures_from_clips() {
        let medium = |name: &str| Medium::of(Path::new(name));
        assert_eq!(medium("a.JPG"), Some(Medium::Picture));
        assert_eq!(medium("a.b.webm"), Some(Medium::Clip));
        assert_eq!(medium("notes.txt"), None);
        assert_eq!(medium("jpg"), None);
    }
}
