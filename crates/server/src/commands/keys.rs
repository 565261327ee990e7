//! `faceauth keys`.

use std::path::Path;

use crate::keys::SigningAlgorithm;
use crate::keys::rotation::{self, Step};

/// Makes the missing keys and names each file made.
///
/// # Errors
/// When a file cannot be written.
pub fn init(dir: &Path, algorithm: SigningAlgorithm) -> anyhow::Result<()> {
    for path in crate::keys::init(dir, algorithm)? {
        println!("made {}", path.display());
    }
    Ok(())
}

/// Takes the next step of a rotation of the signing key, and says what follows.
///
/// # Errors
/// When it is too early for the step, or a file cannot be changed.
pub fn rotate(dir: &Path, algorithm: SigningAlgorithm, now: bool) -> anyhow::Result<()> {
    let wait = if now { rotation::Waiting::None } else { rotation::Waiting::Safe };
    match rotation::advance(dir, algorithm, wait)? {
        Step::Prepared => println!(
            "1 of 3: made the next key. Restart every replica, which publishes it; verifiers that \
             keep the key set learn it within five minutes. Then rotate again."
        ),
        Step::Switched => println!(
            "2 of 3: the next key signs from the next start of each replica. Restart them. Tokens \
             of the previous key stay valid. In an hour, rotate again."
        ),
        Step::Retired => println!(
            "3 of 3: the previous key is gone. Restart every replica. Devices that have not \
             signed in since are no longer known, and are again at their next sign-in."
        ),
    }
    Ok(())
}
