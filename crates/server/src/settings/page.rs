//! Where the page is, and a deployment's own look of it.

use anyhow::{Context, ensure};
use faceauth_api::settings::{Accent, Logo, PageLook, Scheme};

use super::tokens::tokens;
use crate::config::{self, Config, Mode};

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

/// Address of the page, for links of invitations: `server.page_url`, or the issuer where the service
/// serves the page itself.
///
/// # Errors
/// When it is malformed, or others could read what goes to it.
pub fn page_url(config: &Config) -> anyhow::Result<Option<String>> {
    let Some(page) = &config.server.page_url else {
        return match config.server.frontend_dir {
            Some(_) => tokens(config).map(|tokens| Some(tokens.issuer)),
            None => Ok(None),
        };
    };
    let uri: http::Uri = page.parse().with_context(|| format!("server.page_url: {page}"))?;
    let http = config.mode == Mode::Development && uri.scheme_str() == Some("http");
    ensure!(
        uri.scheme_str() == Some("https") || http,
        "server.page_url is an https:// address: a link carries a secret"
    );
    ensure!(uri.query().is_none() && !page.contains('#'), "server.page_url has no ? and no #");
    Ok(Some(page.clone()))
}
