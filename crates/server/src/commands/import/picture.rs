//! A picture from a file, within the limits of a request.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use faceauth_domain::capture::{EncodedImage, ImageRejection, MAX_IMAGE_BYTES};
use faceauth_vision::decode;
use faceauth_vision::shrink::shrink;

/// Most bytes of a file that is opened; the page's limit (`MAX_FILE_BYTES` in
/// `frontend/src/camera/photo.ts`), above any phone photo.
const MAX_FILE_BYTES: u64 = 50 * 1024 * 1024;

/// Most bytes all pictures of a person have together: what one request takes, which is as much
/// as a single picture may have.
const MAX_PERSON_BYTES: usize = MAX_IMAGE_BYTES;

/// A picture that fits.
pub(super) struct Picture {
    /// What is sent.
    pub(super) image: EncodedImage,
    /// Whether it was made smaller.
    pub(super) shrunk: bool,
}

/// Reads a picture, and makes it smaller when the service would not take it as it is.
///
/// # Errors
/// Why the file cannot be used, for people.
pub(super) fn read(path: &Path) -> Result<Picture, String> {
    let bytes = bytes(path)?;
    match EncodedImage::parse(bytes.clone(), None) {
        Ok(image) if decode::fits(&image) => Ok(Picture { image, shrunk: false }),
        Ok(_)
        | Err(
            ImageRejection::TooManyBytes
            | ImageRejection::DimensionsTooLarge
            | ImageRejection::TooMuchWork,
        ) => smaller(&bytes),
        Err(rejection) => Err(rejection.to_string()),
    }
}

/// Makes the largest of a person's pictures smaller when together they are too large.
///
/// # Errors
/// When one cannot be decoded.
pub(super) fn fit_together(pictures: &mut [Picture]) -> Result<(), String> {
    let total: usize = pictures.iter().map(|picture| picture.image.bytes().len()).sum();
    if total <= MAX_PERSON_BYTES {
        return Ok(());
    }
    // Pictures within their share fit together, and what was made smaller is far below it.
    let share = MAX_PERSON_BYTES / pictures.len().max(1);
    for picture in pictures.iter_mut().filter(|picture| picture.image.bytes().len() > share) {
        *picture = smaller(picture.image.bytes())?;
    }
    Ok(())
}

fn smaller(bytes: &[u8]) -> Result<Picture, String> {
    let shrunk = shrink(bytes).and_then(|jpeg| EncodedImage::parse(jpeg, None));
    match shrunk {
        Ok(image) => Ok(Picture { image, shrunk: true }),
        Err(ImageRejection::DimensionsTooLarge) => {
            Err("the picture is too large even to be made smaller".to_owned())
        }
        Err(rejection) => Err(rejection.to_string()),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("the file has more than {} MiB", MAX_FILE_BYTES / 1024 / 1024));
    }
    Ok(bytes)
}
