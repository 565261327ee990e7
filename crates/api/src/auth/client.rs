//! What a client presents of itself (RFC 6749, 2.3; RFC 7521, 4.2).

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::prelude::{BASE64_STANDARD, Engine};
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_usecases::oauth::authenticate::ClientCredentials;
use secrecy::SecretString;

use crate::error::{OauthProblem, OauthProblemResult};

/// The one kind of client assertion (RFC 7523, 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The credentials in the header and the form of a request.
pub(crate) fn client_credentials(
    request: &HttpRequest,
    form: &Parameters,
) -> OauthProblemResult<ClientCredentials> {
    let invalid = |description| OauthProblem::new(OauthErrorCode::InvalidRequest, description);
    if form.get("client_secret").is_some() {
        return Err(invalid("Send the client_secret in the header: client_secret_basic."));
    }
    let assertion = match (form.get("client_assertion"), form.get("client_assertion_type")) {
        (None, None) => None,
        (Some(assertion), Some(JWT_BEARER)) => Some(SecretString::from(assertion)),
        _ => return Err(invalid("The client_assertion_type is unknown, or has no assertion.")),
    };
    let basic = match request.headers().get(header::AUTHORIZATION) {
        None => None,
        Some(value) => Some(value.to_str().ok().and_then(basic).ok_or(OauthProblem::new(
            OauthErrorCode::InvalidClient,
            "The header Authorization is no Basic authentication.",
        ))?),
    };
    Ok(ClientCredentials { basic, client_id: form.get("client_id").map(str::to_owned), assertion })
}

/// Id and secret of a header, each encoded as in a form (RFC 6749, 2.3.1).
fn basic(value: &str) -> Option<(String, SecretString)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((decode(id)?, SecretString::from(decode(secret)?)))
}

/// One value of a form.
fn decode(text: &str) -> Option<String> {
    // `&` and `=` would begin another value; whoever encodes writes them as `%26` and `%3D`.
    if text.contains(['&', '=']) {
        return Some(text.to_owned());
    }
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map_or(Some(String::new()), |(name, _)| Some(name.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_header_is_read_as_a_form_encodes_it() {
        let read = |text: &str| {
            let value = format!("Basic {}", BASE64_STANDARD.encode(text));
            basic(&value).map(|(id, secret)| (id, secret.expose_secret().to_owned()))
        };
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(read("app:secret"), pair("app", "secret"));
        assert_eq!(read("app:a%2Bb%3Ac+d"), pair("app", "a+b:c d"));
        assert_eq!(read("app:"), pair("app", ""));
        assert_eq!(read("app"), None);
        assert!(basic("Bearer x").is_none() && basic("Basic !").is_none());
    }
}
