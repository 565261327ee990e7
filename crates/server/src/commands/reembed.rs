//! `faceauth users reembed`: templates of the configured matcher from enrolment images.

use std::path::Path;

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::clock::Clock;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::quality::QualityPolicies;
use faceauth_domain::template::TemplateId;
use faceauth_store::Store;
use faceauth_store::faces::NewTemplate;
use faceauth_vision::manifest::Manifest;
use faceauth_vision::pipeline::{ModelSet, Pipeline};
use faceauth_vision::session::Runtime;
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use super::database::with_store;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::settings;

/// Embeds every enrolment image whose template is of another model.
///
/// # Errors
/// When the models or the database are not usable, or an image does not open.
pub fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let models = settings::models(&config)?;
    let set = ModelSet::load(&models.manifest, &models.weights_dir)?;
    let runtime = Runtime::load(&models.onnx_runtime)?;
    let threads = models.workers.session_threads;
    let mut pipeline = Pipeline::new(&runtime, &set, QualityPolicies::DEFAULT, threads)?;
    drop(set);
    let manifest = Manifest::load(&models.manifest)?;
    let enrolment = EnrolmentPolicy::from(&settings::policy(&config, &manifest)?);
    with_store(path, async |store| reembed(&store, &mut pipeline, &enrolment).await)
}

async fn reembed(
    store: &Store,
    pipeline: &mut Pipeline,
    policy: &EnrolmentPolicy,
) -> anyhow::Result<()> {
    let model = pipeline.model().clone();
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(store.old_images(&model).await?).with_style(style);
    let (mut written, mut left, mut last) = (0_u64, 0_u64, Uuid::nil());
    loop {
        let images = store.next_old_images(&model, last).await?;
        let Some(end) = images.last() else { break };
        last = end.id;
        for image in &images {
            // No connection is held meanwhile.
            let embedded = match embed(pipeline, &image.image)? {
                Some(embedding) => {
                    let (id, created_at) = (TemplateId(Uuid::now_v7()), SystemClock.now());
                    let template =
                        NewTemplate { id, embedding, previous: None, image: None, created_at };
                    store.embed_anew(image, &template, policy).await?
                }
                None => false,
            };
            if embedded {
                written += 1;
            } else {
                left += 1;
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    println!(
        "wrote {written} templates of {}. {left} images were left: they show no usable face to it, or \
         one unlike the person's others, or their person has removed them, withdrawn consent or as many faces as they may have. Those \
         people move at their next live sign-in while the previous model is configured.",
        model.as_str()
    );
    Ok(())
}

/// What the configured matcher makes of a face; `None` when it finds no usable one.
fn embed(pipeline: &mut Pipeline, image: &EncodedImage) -> anyhow::Result<Option<Embedding>> {
    let evidence = pipeline.reference(image, Keep::Nothing)?;
    Ok(evidence.ok().map(|evidence| evidence.embedding))
}
