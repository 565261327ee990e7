//! Where a browser may be sent with an answer.
//!
//! A wrong rule here gives authorization codes away, so the rules are narrow (RFC 9700 section 2.1,
//! RFC 8252 section 7). An address is registered in the one spelling that browsers make of it, and a
//! request has to repeat it character by character. The one exception is the port of a loopback
//! address, which a native app learns only when it runs.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// Longest redirect URI in bytes: room for a path and a query, and a bound for what a request can
/// make the service compare.
pub const MAX_REDIRECT_URI_BYTES: usize = 512;

/// Parameters that the service adds to a redirect URI. A registered one with the same name would
/// leave two for the client to choose from.
const ADDED_PARAMETERS: [&str; 6] =
    ["code", "state", "iss", "error", "error_description", "session_state"];

/// What a path must not hide behind percent-encoding: `.`, `/`, `\` and NUL. Servers that decode
/// twice would see another path.
const HIDDEN_IN_PATHS: [&str; 4] = ["%2e", "%2f", "%5c", "%00"];

/// Why a text is no redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriFlaw {
    /// More than [`MAX_REDIRECT_URI_BYTES`].
    #[error("a redirect URI has at most {MAX_REDIRECT_URI_BYTES} bytes")]
    TooLong,
    /// It is relative, or cannot be read.
    #[error("a redirect URI is an absolute URI")]
    NotAbsolute,
    /// A scheme that is not allowed, or `http` to another machine.
    #[error(
        "a redirect URI begins with https:, with http: on a loopback address, or with a scheme of \
         the app's own that has a dot, such as com.example.app:"
    )]
    Scheme,
    /// A name or password before the host.
    #[error("a redirect URI has no user name and no password")]
    UserInfo,
    /// Something after `#`.
    #[error("a redirect URI has no fragment")]
    Fragment,
    /// A `*`, which would look as if it stood for anything.
    #[error("a redirect URI has no *: each address is registered by itself")]
    Wildcard,
    /// Something percent-encoded in the path that could be read as another path.
    #[error("the path of a redirect URI has no percent-encoded dot, slash or backslash")]
    HiddenPath,
    /// A parameter that the service itself adds.
    #[error("a redirect URI has no parameter {0}: the service adds it")]
    AddedParameter(&'static str),
    /// Another spelling than the one that browsers make of it.
    #[error("write the redirect URI as browsers do: {0}")]
    Spelling(String),
}

/// An address that a client has registered.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri {
    text: String,
    /// The host, except in a private-use scheme.
    host: Option<String>,
    /// The text without the port, for a loopback address over `http`.
    without_port: Option<String>,
}

impl RedirectUri {
    /// Checks `text`.
    ///
    /// # Errors
    /// The first rule of [`RedirectUriFlaw`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, RedirectUriFlaw> {
        if text.len() > MAX_REDIRECT_URI_BYTES {
            return Err(RedirectUriFlaw::TooLong);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriFlaw::NotAbsolute)?;
        let loopback = is_http_loopback(&url);
        if !(url.scheme() == "https" || loopback || is_private_use(url.scheme())) {
            return Err(RedirectUriFlaw::Scheme);
        }
        check_parts(text, &url)?;
        if !is_browsers_spelling(text, &url) {
            return Err(RedirectUriFlaw::Spelling(url.into()));
        }
        let without_port = loopback.then(|| without_port(&url)).flatten();
        let host = if is_private_use(url.scheme()) { None } else { url.host_str() };
        Ok(Self { text: text.to_owned(), host: host.map(str::to_owned), without_port })
    }

    /// The address as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, which is the sector of pairwise subjects. `None` for a private-use scheme, which
    /// belongs to an app and not to a host.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Whether it leads to a web server that proves its name, and to no other program. Any program
    /// of a device can listen on a loopback port, and several apps can claim one scheme.
    #[must_use]
    pub fn leads_to_its_owner(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether a request that presents this text means this address: it is the same text, or
    /// differs in the port of a loopback address (RFC 8252 section 7.3).
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if self.text == presented {
            return true;
        }
        let Some(registered) = &self.without_port else { return false };
        Self::parse(presented)
            .is_ok_and(|presented| presented.without_port.as_ref() == Some(registered))
    }

    /// The address with `parameters` added to its query. What was registered stays as it is.
    #[must_use]
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let added =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        match (added.is_empty(), self.text.contains('?')) {
            (true, _) => self.text.clone(),
            (false, true) => format!("{}&{added}", self.text),
            (false, false) => format!("{}?{added}", self.text),
        }
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriFlaw;

    fn from_str(text: &str) -> Result<Self, RedirectUriFlaw> {
        Self::parse(text)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedirectUri({:?})", self.text)
    }
}

fn check_parts(text: &str, url: &Url) -> Result<(), RedirectUriFlaw> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectUriFlaw::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(RedirectUriFlaw::Fragment);
    }
    if text.contains('*') {
        return Err(RedirectUriFlaw::Wildcard);
    }
    let path = url.path().to_ascii_lowercase();
    if HIDDEN_IN_PATHS.iter().any(|hidden| path.contains(hidden)) {
        return Err(RedirectUriFlaw::HiddenPath);
    }
    let named = |name| url.query_pairs().any(|(key, _)| key == name);
    ADDED_PARAMETERS
        .into_iter()
        .find(|name| named(*name))
        .map_or(Ok(()), |name| Err(RedirectUriFlaw::AddedParameter(name)))
}

/// Whether the text is what browsers make of it: host in lower case and without Unicode, no default
/// port, no `..`, no backslash, no blanks. Only the `/` of an empty path may be left out.
fn is_browsers_spelling(text: &str, url: &Url) -> bool {
    let bare = || url.path() == "/" && url.query().is_none() && !text.ends_with('/');
    let hostless = || url.cannot_be_a_base() || url.path().is_empty();
    let dots = |path: &str| path.split('/').any(|part| matches!(part, "." | ".."));
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte));
    plain
        && !(hostless() && dots(url.path()))
        && (url.as_str() == text || (bare() && url.as_str().strip_suffix('/') == Some(text)))
}

/// Whether it stays on the machine of the browser, where nobody else listens in.
fn is_http_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// A scheme that an app made from a domain name it owns (RFC 8252 section 7.1). The dot is what
/// keeps out `javascript:`, `data:`, `file:` and the like.
fn is_private_use(scheme: &str) -> bool {
    scheme.contains('.')
}

fn without_port(url: &Url) -> Option<String> {
    let mut url = url.clone();
    url.set_port(None).ok()?;
    Some(url.into())
}

#[cfg(test)]
mod tests;
