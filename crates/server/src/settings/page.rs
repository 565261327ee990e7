//! A deployment's own look of the page.

use anyhow::Context;
use faceauth_api::settings::{Accent, Logo, PageLook, Scheme};

use crate::config;

/// Resolves the look of the page.
///
/// # Errors
/// When the logo does not read, or a colour could not be read on the page.
pub(super) fn look(page: &config::Page) -> anyhow::Result<PageLook> {
    let config::Page { name, logo, accent_light, accent_dark } = page;
    let name = name.as_deref().map(str::parse).transpose().context("page.name")?;
    let logo = logo
        .as_ref()
        .map(|path| {
            let bytes =
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Logo::new(bytes).with_context(|| path.display().to_string())
        })
        .transpose()
        .context("page.logo")?;
    let accent = |colour: &Option<String>, scheme| {
        colour.as_deref().map(|colour| Accent::parse(colour, scheme)).transpose()
    };
    Ok(PageLook {
        name,
        logo,
        accent_light: accent(accent_light, Scheme::Light).context("page.accent_light")?,
        accent_dark: accent(accent_dark, Scheme::Dark).context("page.accent_dark")?,
    })
}
