//! A client proves that it is the one (RFC 6749, 2.3).

use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_tokens::client_assertion::{ClientKeys, claimed_client};
use secrecy::{ExposeSecret, SecretString};

use crate::context::Context;
use crate::error::Error;
use crate::events::Denied;
use crate::oauth::clients;
use crate::oauth::error::{OauthError, OauthResult};
use crate::oauth::rules::{Credential, RegisteredClient};
use crate::oauth::secret;

/// Paths that an assertion may name as its audience, beside the issuer itself (OpenID Connect Core
/// section 9; RFC 9126 section 2; RFC 7009 and RFC 7662, sections 2.1, by RFC 7523).
const AUDIENCE_PATHS: [&str; 4] = ["/token", "/oauth/par", "/oauth/revoke", "/oauth/introspect"];

/// What a client presents of itself.
#[derive(Debug, Default)]
pub struct ClientCredentials {
    /// Id and secret of the header `Authorization: Basic`.
    pub basic: Option<(String, SecretString)>,
    /// `client_id` of the form.
    pub client_id: Option<String>,
    /// `client_assertion` of the form: a JWT that the client has signed.
    pub assertion: Option<SecretString>,
}

fn refused(description: &'static str, reason: &'static str) -> OauthError {
    OauthError::refused(OauthErrorCode::InvalidClient, description)
        .denied(Denied::credentials(reason))
}

/// One answer for an unknown client and for a wrong proof: nobody learns which clients there are.
fn not_proved(reason: &'static str) -> OauthError {
    refused("The client is unknown, or its authentication is not valid.", reason)
}

/// The client of a request, when it has proved that it is the one. A client that keeps no secret
/// only names itself.
///
/// # Errors
/// `invalid_client`, or a failure of ours.
pub async fn authenticate(
    context: &Context,
    credentials: &ClientCredentials,
) -> OauthResult<RegisteredClient> {
    let ClientCredentials { basic, client_id: _, assertion } = credentials;
    let named = claimed_id(credentials)?;
    let found = clients::find(context, &named).await?;
    let found = found.ok_or_else(|| not_proved("client_not_proved"))?;
    match (&found.credential, basic, assertion) {
        (Credential::None, None, None) => {}
        (Credential::SecretHash(known), Some((_, secret)), None) => {
            // Nobody can choose a secret by its hash: what the comparison takes says nothing.
            if secret::hash(secret.expose_secret()) != *known {
                return Err(not_proved("client_not_proved"));
            }
        }
        (Credential::Jwks(jwks), None, Some(assertion)) => {
            check_assertion(context, &found, jwks, assertion.expose_secret()).await?;
        }
        _ => return Err(not_proved("client_not_proved")),
    }
    Ok(found)
}

/// The id that the credentials are for. Header, form and assertion must not name different clients,
/// and a client authenticates in one way.
fn claimed_id(credentials: &ClientCredentials) -> OauthResult<String> {
    let ClientCredentials { basic, client_id, assertion } = credentials;
    let proving = match (basic, assertion) {
        (Some(_), Some(_)) => {
            return Err(OauthError::refused(
                OauthErrorCode::InvalidRequest,
                "A client authenticates in one way (RFC 6749, 2.3).",
            ));
        }
        (Some((id, _)), None) => Some(id.clone()),
        (None, Some(assertion)) => Some(
            claimed_client(assertion.expose_secret())
                .ok_or_else(|| not_proved("client_not_proved"))?,
        ),
        (None, None) => None,
    };
    match (proving, client_id) {
        (Some(proving), Some(form)) if proving != *form => {
            Err(refused("The client_id is another than in its proof.", "client_ids_differ"))
        }
        (Some(id), _) => Ok(id),
        (None, Some(id)) => Ok(id.clone()),
        (None, None) => Err(refused("The client does not say who it is.", "client_missing")),
    }
}

/// Checks an assertion of a client and uses it up.
async fn check_assertion(
    context: &Context,
    client: &RegisteredClient,
    jwks: &str,
    assertion: &str,
) -> OauthResult<()> {
    let id = client.client.id();
    let keys = ClientKeys::parse(jwks)
        .map_err(|_| Error::Internal("the stored keys of a client are not readable"))?;
    let issuer = context.tokens.issuer();
    let endpoints = AUDIENCE_PATHS.map(|path| format!("{}{path}", issuer.trim_end_matches('/')));
    let mut audiences: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    audiences.push(issuer);
    let good = keys
        .check(assertion, id.as_str(), &audiences, context.now())
        .map_err(|_| not_proved("client_assertion_invalid"))?;
    if context.store.use_client_assertion(id, &good.jti_hash, good.expires_at).await? {
        Ok(())
    } else {
        Err(not_proved("client_assertion_reused"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(credentials: &ClientCredentials) -> Result<String, OauthErrorCode> {
        claimed_id(credentials).map_err(|error| match error {
            OauthError::Refused(refusal) => refusal.code,
            OauthError::Failed(error) => panic!("{error}"),
        })
    }

    #[test]
    fn a_client_is_named_once_and_proves_itself_in_one_way() {
        let basic = |id: &str| Some((id.to_owned(), SecretString::from("x")));
        // {"alg":"none"} and {"sub":"shop"}: who it is for is read before it is checked.
        let assertion = || Some(SecretString::from("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzaG9wIn0.x"));
        let form = |id: &str| Some(id.to_owned());
        for (basic, client_id, assertion, wanted) in [
            (None, form("shop"), None, Ok("shop")),
            (basic("shop"), None, None, Ok("shop")),
            (basic("shop"), form("shop"), None, Ok("shop")),
            (None, None, assertion(), Ok("shop")),
            (None, form("shop"), assertion(), Ok("shop")),
            (basic("shop"), form("bank"), None, Err(OauthErrorCode::InvalidClient)),
            (None, form("bank"), assertion(), Err(OauthErrorCode::InvalidClient)),
            (None, None, Some("no JWT".into()), Err(OauthErrorCode::InvalidClient)),
            (None, None, None, Err(OauthErrorCode::InvalidClient)),
            (basic("shop"), None, assertion(), Err(OauthErrorCode::InvalidRequest)),
        ] {
            let credentials = ClientCredentials { basic, client_id, assertion };
            assert_eq!(reason(&credentials), wanted.map(str::to_owned), "{credentials:?}");
        }
    }
}
