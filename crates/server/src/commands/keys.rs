//! `faceauth keys`.

use std::path::Path;

/// Makes the missing keys and names each file made.
///
/// # Errors
/// When a file cannot be written.
pub fn init(dir: &Path) -> anyhow::Result<()> {
    for path in crate::keys::init(dir)? {
        println!("made {}", path.display());
    }
    Ok(())
}
