//! Liveness captures on disk: clips, and folders of frames.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::liveness::capture::{Frames, TimedImage};

use crate::recordings::Medium;

/// A capture that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A clip.
    Clip(PathBuf),
    /// A folder of frames, as [`read_frames`] takes it.
    Frames(PathBuf),
}

impl Source {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Clip(path) | Self::Frames(path) => path,
        }
    }
}

/// The captures of `dir`, by name: its clips, and each folder in it as a folder of frames. A folder that
/// holds pictures itself is one capture.
///
/// # Errors
/// When the folder cannot be read, or holds no capture.
pub fn of_folder(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut pictures = false;
    let entries = fs::read_dir(dir).with_context(|| {
        format!("cannot read {}: give a folder with clips or folders of frames", dir.display())
    })?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            sources.push(Source::Frames(path));
            continue;
        }
        match Medium::of(&path) {
            Some(Medium::Clip) => sources.push(Source::Clip(path)),
            Some(Medium::Picture) => pictures = true,
            None => {}
        }
    }
    if pictures {
        sources.push(Source::Frames(dir.to_owned()));
    }
    ensure!(
        !sources.is_empty(),
        "{} holds no capture: put clips (MP4, WebM) into it, or a folder of frames for each capture, \
         named by their times in ms, such as 0450.jpg",
        dir.display()
    );
    sources.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(sources)
}

/// Reads the frames of a capture from a folder: JPEG, PNG or WebP files, each named by its time in
/// milliseconds, such as `0450.jpg`.
///
/// # Errors
/// When the folder cannot be read or its files are no capture.
pub fn read_frames(folder: &Path) -> anyhow::Result<Frames> {
    let place = || folder.display().to_string();
    let mut frames = Vec::new();
    for entry in fs::read_dir(folder).with_context(place)? {
        let path = entry.with_context(place)?.path();
        let file = || path.display().to_string();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let t_ms = name.parse().with_context(|| {
            format!("{} is no time in ms: name each frame by its time, such as 0450.jpg", file())
        })?;
        let bytes = fs::read(&path).with_context(file)?;
        frames
            .push(TimedImage { image: EncodedImage::parse(bytes, None).with_context(file)?, t_ms });
    }
    frames.sort_by_key(|frame| frame.t_ms);
    Frames::new(frames).with_context(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_and_folders_are_captures_and_so_is_a_folder_of_pictures() {
        let dir = std::env::temp_dir().join(format!("faceauth-captures-{}", std::process::id()));
        fs::create_dir_all(dir.join("frames")).expect("a folder");
        for name in ["b.webm", "a.mp4", "notes.txt", "frames/0.jpg"] {
            fs::write(dir.join(name), b"").expect("write");
        }
        let sources = of_folder(&dir).expect("captures");
        let expected = [
            Source::Clip(dir.join("a.mp4")),
            Source::Clip(dir.join("b.webm")),
            Source::Frames(dir.join("frames")),
        ];
        assert_eq!(sources, expected);
        let frames = dir.join("frames");
        assert_eq!(of_folder(&frames).expect("one"), [Source::Frames(frames.clone())]);
        fs::remove_file(frames.join("0.jpg")).expect("remove");
        let nothing = of_folder(&frames).expect_err("no capture").to_string();
        assert!(nothing.contains("put clips"), "{nothing}");
        fs::remove_dir_all(&dir).expect("remove");
    }
}
