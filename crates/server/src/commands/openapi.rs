//! `faceauth openapi`.

/// Prints the OpenAPI document, byte for byte the one served and committed.
///
/// # Errors
/// When standard output is closed.
pub fn run() -> anyhow::Result<()> {
    use std::io::Write;
    std::io::stdout().write_all(faceauth_api::openapi_json().as_bytes())?;
    Ok(())
}
