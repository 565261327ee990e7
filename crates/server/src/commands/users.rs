//! `faceauth users`: what an operator does for an account.

use std::path::Path;

use faceauth_domain::user::Username;
use faceauth_vision::manifest::Manifest;

use super::database::with_store;
use crate::config::Config;

/// Forgets the failed sign-ins of `username`.
///
/// # Errors
/// When the database cannot be reached.
pub fn unlock(config: Option<&Path>, username: &Username) -> anyhow::Result<()> {
    let unlocked = with_store(config, async |store| Ok(store.unlock(&username.key()).await?))?;
    let outcome = if unlocked { "may sign in again" } else { "has no failed sign-ins" };
    println!("{} {outcome}", username.as_str());
    Ok(())
}

/// Shows how many people have templates of which model, the configured one marked.
///
/// # Errors
/// When the manifest cannot be read or the database cannot be reached.
pub fn model_stats(config: Option<&Path>) -> anyhow::Result<()> {
    let manifest = Manifest::load(&Config::load(config)?.models.manifest)?;
    let counts = with_store(config, async |store| Ok(store.model_counts().await?))?;
    println!("{:<32} {:>10} {:>10}", "model", "people", "templates");
    for count in &counts {
        let mark = if count.model == manifest.model_id() {
            "current"
        } else if manifest.previous_embedding.as_ref().is_some_and(|m| m.id() == count.model) {
            "previous"
        } else {
            "not configured"
        };
        let (model, people) = (count.model.as_str(), count.people);
        println!("{model:<32} {people:>10} {:>10}  {mark}", count.templates);
    }
    Ok(())
}
