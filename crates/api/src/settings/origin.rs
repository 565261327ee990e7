//! Origins whose browsers may call.

use std::str::FromStr;

use url::{Host, Url};

/// A web origin: scheme, host and perhaps port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    url: Url,
    text: String,
}

impl Origin {
    /// As browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the page cannot be changed on its way to the browser: it comes over TLS, or from the
    /// browser's own machine (W3C Secure Contexts, 3.1). Apps in a web view have `http://localhost`
    /// as their origin.
    #[must_use]
    pub fn is_trustworthy(&self) -> bool {
        let own_machine = match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.url.scheme() == "https" || own_machine
    }
}

/// A text that is no web origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is http:// or https:// with a host and no path, for example https://app.example.org"
)]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    /// Browsers write scheme and host in lower case and names of other scripts in Punycode, and
    /// leave out the default port of the scheme. This function does the same.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (_, authority) = text.split_once("://").ok_or(OriginError)?;
        // Texts that the parser would accept, or take for a path or a user.
        let other = |c: char| "/\\?#@*".contains(c) || c.is_whitespace() || c.is_control();
        if authority.is_empty()
            || authority.contains(other)
            || text.starts_with(char::is_whitespace)
        {
            return Err(OriginError);
        }
        let url = Url::parse(text).map_err(|_| OriginError)?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(OriginError);
        }
        let text = url.origin().ascii_serialization();
        Ok(Self { url, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        text.parse::<Origin>().ok().map(|origin| origin.as_str().to_owned())
    }

    #[test]
    fn origins_are_exact() {
        for good in [
            "https://app.example.org",
            "http://localhost:5173",
            "https://app.example.org:8443",
            "https://[2001:db8::1]",
        ] {
            assert_eq!(parsed(good).as_deref(), Some(good));
        }
        for bad in [
            "*",
            "https://*",
            "https://*.example.org",
            "app.example.org",
            "https://a/",
            "https://a/b",
            "https:a",
            "https:\\\\a",
            "https://a\\b",
            "https://user@a",
            "https://a?b",
            "https://a#b",
            "https://a b",
            " https://a",
            "https://a\n",
            "https://",
            "https://a:70000",
            "ftp://a",
            "null",
            "",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        for (written, sent) in [
            ("https://App.Example.ORG", "https://app.example.org"),
            ("HTTPS://app.example.org", "https://app.example.org"),
            ("https://app.example.org:443", "https://app.example.org"),
            ("http://localhost:80", "http://localhost"),
            ("https://app.example.org:", "https://app.example.org"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
            ("http://127.1", "http://127.0.0.1"),
        ] {
            assert_eq!(parsed(written).as_deref(), Some(sent), "{written}");
        }
    }

    #[test]
    fn only_tls_and_the_own_machine_are_trustworthy() {
        let trustworthy = |text: &str| text.parse::<Origin>().unwrap().is_trustworthy();
        for good in [
            "https://app.example.org",
            "http://localhost:5173",
            "http://app.localhost",
            "http://127.0.0.1:3000",
            "http://[::1]",
        ] {
            assert!(trustworthy(good), "{good}");
        }
        for bad in [
            "http://app.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://notlocalhost",
            "http://[2001:db8::1]",
        ] {
            assert!(!trustworthy(bad), "{bad}");
        }
    }
}
