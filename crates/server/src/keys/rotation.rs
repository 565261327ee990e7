//! Replacing the key that signs tokens, while replicas serve.
//!
//! There are three steps: the next key is published, then it signs, then the previous one is
//! withdrawn. At every moment the folder has a key to sign with, so the next run can continue after
//! an interruption. Between the steps there is time for old key sets and tokens to expire.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};

use super::{
    NEXT_SIGNING_KEY, PREVIOUS_SIGNING_KEY, SIGNING_KEY, SigningAlgorithm, signing_key, write_new,
};

/// How long the next key is published before it signs: twice the time that verifiers may keep
/// the key set.
const PUBLISH_FOR: Duration = Duration::from_secs(10 * 60);

/// How long the previous key is published after it has signed: the longest life of an access
/// token that can be configured, and some minutes for replicas that restart late.
const KEEP_FOR: Duration = Duration::from_secs(70 * 60);

/// Whether steps wait for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Waits so long that no client is refused.
    Safe,
    /// Not at all.
    None,
}

/// The step that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A next key is published.
    Prepared,
    /// The next key signs, the one before is published.
    Switched,
    /// The previous key is gone.
    Retired,
}

/// Takes the step that comes next in `dir`.
///
/// # Errors
/// When it is too early, there are no keys, or a file cannot be changed.
pub fn advance(dir: &Path, algorithm: SigningAlgorithm, wait: Waiting) -> anyhow::Result<Step> {
    let [current, next, previous] =
        [SIGNING_KEY, NEXT_SIGNING_KEY, PREVIOUS_SIGNING_KEY].map(|name| dir.join(name));
    let lasts = |path: &Path, least: Duration| match wait {
        Waiting::Safe => old_enough(path, least),
        Waiting::None => Ok(()),
    };
    if next.exists() {
        lasts(&next, PUBLISH_FOR)?;
        // A second name first, so that at no moment a key is missing. There already, when
        // this step was interrupted before.
        match std::fs::hard_link(&current, &previous) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("cannot write {}", previous.display()));
            }
            _ => {}
        }
        std::fs::rename(&next, &current)
            .with_context(|| format!("cannot rename {}", next.display()))?;
        return Ok(Step::Switched);
    }
    if !current.exists() {
        bail!("{} has no keys: make them with `faceauth keys init`", dir.display());
    }
    if previous.exists() {
        lasts(&previous, KEEP_FOR)?;
        std::fs::remove_file(&previous)
            .with_context(|| format!("cannot remove {}", previous.display()))?;
        return Ok(Step::Retired);
    }
    write_new(&next, &signing_key(algorithm)?)?;
    Ok(Step::Prepared)
}

/// Refuses when the file at `path` got its name less than `least` ago.
fn old_enough(path: &Path, least: Duration) -> anyhow::Result<()> {
    use std::os::unix::fs::MetadataExt;
    // The change time: renaming keeps the time of modification.
    let named_at =
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.ctime();
    let named_at =
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(named_at).unwrap_or(0));
    let age = named_at.elapsed().unwrap_or_default();
    if age < least {
        let minutes = (least - age).as_secs().div_ceil(60);
        bail!(
            "wait {minutes} more minutes, so that nobody is refused who holds older keys or \
             tokens; --now goes on at once"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::keys::{Keys, init};

    #[test]
    fn three_steps_replace_the_key_and_each_can_be_repeated_after_a_crash() {
        let dir = std::env::temp_dir().join(format!("faceauth-rotation-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        let eddsa = SigningAlgorithm::Eddsa;
        assert!(advance(&dir, eddsa, Waiting::None).is_err(), "there is nothing to rotate");
        init(&dir, eddsa).unwrap();
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap_or_default();
        let first = read(SIGNING_KEY);
        let config = config::Keys { dir: dir.clone(), ..config::Keys::default() };
        let keys = || format!("{:?}", Keys::load(&config, true).unwrap().tokens);
        assert_eq!(keys().matches("TokenSigner(").count(), 1);

        assert_eq!(advance(&dir, SigningAlgorithm::Es256, Waiting::Safe).unwrap(), Step::Prepared);
        let (published, next) = (keys(), read(NEXT_SIGNING_KEY));
        assert!(published.contains("EdDSA") && published.contains("ES256"), "{published}");
        let early = advance(&dir, eddsa, Waiting::Safe).unwrap_err().to_string();
        assert!(early.contains("wait 10 more minutes"), "{early}");

        // Killed before the new name is given away.
        std::fs::hard_link(dir.join(SIGNING_KEY), dir.join(PREVIOUS_SIGNING_KEY)).unwrap();
        assert_eq!(advance(&dir, eddsa, Waiting::None).unwrap(), Step::Switched);
        assert_eq!((read(SIGNING_KEY), read(PREVIOUS_SIGNING_KEY)), (next.clone(), first));
        assert!(
            keys().starts_with("TokenKeys { signing: TokenSigner(") && keys().contains("EdDSA")
        );

        let early = advance(&dir, eddsa, Waiting::Safe).unwrap_err().to_string();
        assert!(early.contains("wait 70 more minutes"), "{early}");
        assert_eq!(advance(&dir, eddsa, Waiting::None).unwrap(), Step::Retired);
        assert_eq!(read(SIGNING_KEY), next);
        assert_eq!(keys().matches("TokenSigner(").count(), 1);
        assert_eq!(advance(&dir, eddsa, Waiting::None).unwrap(), Step::Prepared);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
