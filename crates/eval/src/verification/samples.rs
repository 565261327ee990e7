//! Pictures to embeddings, on every core, by the service's own pipeline.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use faceauth_domain::analyzer::{ImageProblem, PictureProblem};
use faceauth_domain::capture::{EncodedImage, ImageRejection};
use faceauth_vision::pipeline::Pipeline;

use super::acquired::Acquired;
use super::cache::Cache;
use super::protocol::Sample;
use crate::pad::words;

/// Embeds every sample, with a thread for each of `pipelines`. Samples in `cache` are not analysed
/// again. `done` is called for each, in any order.
///
/// # Errors
/// The first file that cannot be read, or when native code fails.
pub fn acquire(
    samples: &[Sample],
    pipelines: Vec<Pipeline>,
    cache: Option<&Cache<'_>>,
    done: &(dyn Fn() + Sync),
) -> anyhow::Result<Vec<Acquired>> {
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<Option<Acquired>>> = Mutex::new(vec![None; samples.len()]);
    let failed: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for mut pipeline in pipelines {
            let (next, found, failed) = (&next, &found, &failed);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(sample) = samples.get(index) else { return };
                    let result = one(&mut pipeline, sample, cache);
                    match result {
                        Ok(acquired) => {
                            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                            found[index] = Some(acquired);
                        }
                        Err(error) => {
                            // No thread takes a further one.
                            next.store(samples.len(), Ordering::Relaxed);
                            failed
                                .lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .get_or_insert(error);
                            return;
                        }
                    }
                    done();
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.into_iter().collect::<Option<Vec<_>>>().context("a picture was left out")
}

fn one(
    pipeline: &mut Pipeline,
    sample: &Sample,
    cache: Option<&Cache<'_>>,
) -> anyhow::Result<Acquired> {
    let file = || sample.path.display().to_string();
    let bytes = fs::read(&sample.path).with_context(file)?;
    let Some(cache) = cache else { return look(pipeline, bytes).with_context(file) };
    let digest = cache.digest(&bytes);
    if let Some(known) = cache.get(&digest) {
        return Ok(known);
    }
    let acquired = look(pipeline, bytes).with_context(file)?;
    cache.put(&digest, &acquired)?;
    Ok(acquired)
}

fn look(pipeline: &mut Pipeline, bytes: Vec<u8>) -> anyhow::Result<Acquired> {
    // One picture that the service refuses is an outcome, and no reason to lose all others.
    let failed = |code: &str| Ok(Acquired::Failed(vec![code.to_owned()]));
    let image = match EncodedImage::parse(bytes, None) {
        Ok(image) => image,
        Err(rejection) => return failed(rejected(rejection)),
    };
    match pipeline.probe(&image)? {
        Ok(evidence) => Ok(Acquired::Face(evidence.embedding)),
        Err(PictureProblem::Undecoded(ImageProblem::Undecodable)) => failed("image_undecodable"),
        Err(PictureProblem::Undecoded(ImageProblem::DimensionsTooLarge)) => {
            failed("image_dimensions_too_large")
        }
        Err(PictureProblem::Unusable(problem)) => {
            Ok(Acquired::Failed(words(&problem).into_iter().map(str::to_owned).collect()))
        }
    }
}

/// The API's word for a picture that is refused before it is decoded.
fn rejected(rejection: ImageRejection) -> &'static str {
    match rejection {
        ImageRejection::TooManyBytes => "payload_too_large",
        ImageRejection::UnsupportedFormat => "unsupported_media_type",
        ImageRejection::FormatMismatch => "image_format_mismatch",
        ImageRejection::DimensionsTooLarge | ImageRejection::TooMuchWork => {
            "image_dimensions_too_large"
        }
        ImageRejection::Undecodable => "image_undecodable",
    }
}
