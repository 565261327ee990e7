//! Where events are posted, and what they are signed with.

use std::time::Duration;

use anyhow::{Context, ensure};
use base64::prelude::{BASE64_STANDARD, Engine};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;

use crate::config::{self, Config, Mode};
use crate::keys;
use crate::webhooks::WebhookSettings;

/// The file of secrets beside the other keys.
const SECRETS: &str = "webhook.secrets";

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// Bytes of a secret, as Standard Webhooks has them.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Most secrets at once. A rotation needs two; each adds a signature to every request.
const MOST_SECRETS: usize = 4;

/// What `webhooks.timeout_seconds` may be. When a replica dies, the events that it was delivering wait
/// for so long and some seconds more.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u64> = 1..=30;

/// Who is told what happens to accounts; `None` when nobody is.
///
/// # Errors
/// When the address, a secret or the timeout is not usable, or the address is not https in
/// production. Never with a secret, nor with the path of the address, which may hold one.
pub fn webhooks(config: &Config) -> anyhow::Result<Option<WebhookSettings>> {
    let config::Webhooks { url, secret_file, secrets, timeout_seconds } = &config.webhooks;
    let Some(url) = url else {
        ensure!(
            secret_file.is_none() && secrets.is_none(),
            "webhooks has secrets and no url: set webhooks.url to where events are posted"
        );
        return Ok(None);
    };
    let url = address(url, config.mode).context("webhooks.url")?;
    ensure!(
        TIMEOUT_SECONDS.contains(timeout_seconds),
        "webhooks.timeout_seconds lies between {} and {}",
        TIMEOUT_SECONDS.start(),
        TIMEOUT_SECONDS.end()
    );
    let (text, source) = match (secret_file, secrets) {
        (Some(_), Some(_)) => {
            anyhow::bail!("set webhooks.secret_file or webhooks.secrets, not both")
        }
        (None, Some(secrets)) => (secrets.clone(), "webhooks.secrets".to_owned()),
        (file, None) => {
            let file = file.clone().unwrap_or_else(|| config.keys.dir.join(SECRETS));
            let strict = config.mode == Mode::Production;
            let said = "webhooks: docs/webhooks.md says how to make a secret";
            (keys::read(&file, strict).context(said)?, file.display().to_string())
        }
    };
    let signers = signers(&text).with_context(|| format!("{source} is malformed"))?;
    Ok(Some(WebhookSettings { url, signers, timeout: Duration::from_secs(*timeout_seconds) }))
}

/// Checks an address.
fn address(url: &str, mode: Mode) -> anyhow::Result<http::Uri> {
    let url: http::Uri = url.parse().map_err(|_| anyhow::anyhow!("is no address"))?;
    let https = match url.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => anyhow::bail!("begins with https://"),
    };
    ensure!(
        https || mode == Mode::Development,
        "is an https:// address in production: events name people"
    );
    let authority = url.authority().context("names no host")?;
    ensure!(!authority.as_str().contains('@'), "holds no password: requests are signed");
    Ok(url)
}

/// Reads secrets, one a line or with commas between them.
fn signers(text: &SecretString) -> anyhow::Result<Vec<Webhook>> {
    let texts = text.expose_secret().split([',', '\n']).map(str::trim);
    let signers: Vec<Webhook> =
        texts.filter(|text| !text.is_empty()).map(signer).collect::<anyhow::Result<_>>()?;
    ensure!(!signers.is_empty(), "there is no secret");
    ensure!(signers.len() <= MOST_SECRETS, "there are more than {MOST_SECRETS} secrets");
    Ok(signers)
}

fn signer(text: &str) -> anyhow::Result<Webhook> {
    let encoded = text.strip_prefix(PREFIX).context("a secret begins with whsec_")?;
    let bytes = BASE64_STANDARD.decode(encoded).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| anyhow::anyhow!("a secret is not base64"))?;
    ensure!(
        SECRET_BYTES.contains(&bytes.len()),
        "a secret has {} to {} bytes",
        SECRET_BYTES.start(),
        SECRET_BYTES.end()
    );
    Webhook::from_bytes(bytes.to_vec()).map_err(|_| anyhow::anyhow!("a secret is not usable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, mode: Mode) -> String {
        address(url, mode).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn addresses_are_https_in_production() {
        use Mode::{Development, Production};
        for (url, mode, says) in [
            ("https://mail.example.org/events?tenant=1", Production, ""),
            ("http://127.0.0.1:9000/", Development, ""),
            ("http://127.0.0.1:9000/", Production, "https:// address in production"),
            ("ftp://mail.example.org/", Production, "begins with https://"),
            ("/events", Production, "begins with https://"),
            ("https://user:pass@mail.example.org/", Production, "holds no password"),
            ("https://exa mple/", Production, "is no address"),
        ] {
            let said = refused(url, mode);
            assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{url}: {said}");
        }
    }

    #[test]
    fn secrets_are_checked_and_never_shown() {
        let good = format!("whsec_{}", BASE64_STANDARD.encode([7; 32]));
        let read = |text: String| signers(&SecretString::from(text));
        assert_eq!(read(good.clone()).unwrap().len(), 1);
        assert_eq!(read(format!("{good},{good}")).unwrap().len(), 2);
        assert_eq!(read(format!("{good}\n{good}\n\n")).unwrap().len(), 2);
        let short = format!("whsec_{}", BASE64_STANDARD.encode([7; 23]));
        for (text, says) in [
            (String::new(), "no secret"),
            (good[6..].to_owned(), "begins with whsec_"),
            ("whsec_!secret!".to_owned(), "not base64"),
            (short, "24 to 64 bytes"),
            ([good.as_str(); 5].join(","), "more than 4"),
        ] {
            let said = read(text).err().expect("an error").to_string();
            assert!(said.contains(says) && !said.contains("!secret!"), "{said}");
        }
    }
}
