//! `faceauth users`: what an operator does for an account.

use std::path::Path;

use faceauth_domain::user::Username;

use super::database::with_store;

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
