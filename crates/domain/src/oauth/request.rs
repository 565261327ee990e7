//! Authorization requests: what a client asks of the person whom it sends here.
//!
//! Only what OAuth 2.1 leaves is taken: a code, with PKCE by `S256`. A request is judged in two
//! steps, because where a refusal goes depends on the first. [`answer_to`] says to which address
//! an answer may go. Nothing is ever sent to another one. [`AuthorizationRequest::parse`] reads the
//! rest, and its flaws go to that address.

use std::fmt;

use chrono::TimeDelta;

use super::client::Client;
use super::error::OauthErrorCode;
use super::parameters::Parameters;
use super::pkce::CodeChallenge;
use super::redirect_uri::RedirectUri;
use super::scope::{OauthScope, OauthScopes};
use crate::authentication::Authentication;

/// How long a person may take to answer a request: time for an enrolment with a passkey.
pub const REQUEST_TTL: TimeDelta = TimeDelta::minutes(10);

/// How long a pushed request waits for its browser, which the client sends at once (RFC 9126, 2.2).
pub const PUSHED_REQUEST_TTL: TimeDelta = TimeDelta::seconds(60);

/// Most bytes of the names and values of a request. `state` and `nonce` are some hundred.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024;

/// Longest `max_age`, in seconds. Beyond it a sign-in is over in any case.
const LONGEST_MAX_AGE_S: u32 = 366 * 24 * 3600;

/// Most languages that are read of a request.
const MAX_LOCALES: usize = 8;

/// Why a request has no address that an answer may go to. The person sees it, not the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// There is no such client.
    #[error("the client is unknown")]
    Client,
    /// The address is missing, or the client has not registered it.
    #[error("the redirect URI is not registered")]
    RedirectUri,
    /// The pushed request is unknown, used, of another client, or too old.
    #[error("the pushed request is over")]
    PushedRequest,
    /// A parameter stands twice, so that nobody can say what is meant.
    #[error("the request cannot be read")]
    Unreadable,
}

impl NoAnswer {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::Client, Self::RedirectUri, Self::PushedRequest, Self::Unreadable];

    /// The word that the page is given.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "unknown_client",
            Self::RedirectUri => "invalid_redirect_uri",
            Self::PushedRequest => "invalid_request_uri",
            Self::Unreadable => "invalid_request",
        }
    }
}

/// What is wrong with a request; told to its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFlaw {
    /// `error` of the answer.
    pub code: OauthErrorCode,
    /// `error_description` of the answer.
    pub description: &'static str,
}

/// What the request says about showing something to the person (OpenID Connect Core, 3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing may be shown.
    pub none: bool,
    /// The person shall sign in, also when they are signed in.
    pub login: bool,
    /// The person shall agree, also when they have agreed before.
    pub consent: bool,
    /// The person shall say with which account.
    pub select_account: bool,
    /// The person wants to enrol (Initiating User Registration via OpenID Connect 1.0).
    pub create: bool,
}

/// A request that can be answered.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the answer goes, as the request wrote it.
    pub redirect_uri: RedirectUri,
    /// What the client is given.
    pub scopes: OauthScopes,
    /// Goes back to the client as it came.
    pub state: Option<String>,
    /// Goes into the ID token as it came.
    pub nonce: Option<String>,
    /// What the redemption of the code has to answer.
    pub challenge: CodeChallenge,
    /// What may and shall be shown.
    pub prompt: Prompt,
    /// How long ago the sign-in may be.
    pub max_age: Option<TimeDelta>,
    /// How strong the sign-in has to be: one of these, or more. Empty when any will do.
    pub acr_values: Vec<Authentication>,
    /// Who will sign in, as the client believes.
    pub login_hint: Option<String>,
    /// Languages of the page, the first preferred. Tags, not checked.
    pub ui_locales: Vec<String>,
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("redirect_uri", &self.redirect_uri)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The address that the answer to a request may go to: one that the client has registered, as the
/// request writes it.
///
/// # Errors
/// [`NoAnswer::RedirectUri`].
pub fn answer_to(client: &Client, parameters: &Parameters) -> Result<RedirectUri, NoAnswer> {
    // Required by OpenID Connect Core, 3.1.2.1, so a client with one address has to name it, too.
    let presented = parameters.get("redirect_uri").ok_or(NoAnswer::RedirectUri)?;
    client.redirect_uri(presented).ok_or(NoAnswer::RedirectUri)?;
    RedirectUri::parse(presented).map_err(|_| NoAnswer::RedirectUri)
}

const fn flaw(code: OauthErrorCode, description: &'static str) -> RequestFlaw {
    RequestFlaw { code, description }
}

const fn invalid(description: &'static str) -> RequestFlaw {
    flaw(OauthErrorCode::InvalidRequest, description)
}

impl AuthorizationRequest {
    /// Whether a client that pushes its requests may send this one by a browser.
    ///
    /// # Errors
    /// The [`RequestFlaw`] of a client that has to push.
    pub fn may_come_by_browser(client: &Client) -> Result<(), RequestFlaw> {
        if client.requires_par() {
            return Err(invalid("This client has to push its requests to /oauth/par."));
        }
        Ok(())
    }

    /// Reads a request whose answer goes to `redirect_uri`.
    ///
    /// # Errors
    /// The first [`RequestFlaw`].
    pub fn parse(
        client: &Client,
        redirect_uri: RedirectUri,
        parameters: &Parameters,
    ) -> Result<Self, RequestFlaw> {
        let bytes: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_REQUEST_BYTES {
            return Err(invalid("The request is too long."));
        }
        refuse_unsupported(parameters)?;
        let challenge = challenge(parameters)?;
        let mut scopes = OauthScopes::known(parameters.words("scope"));
        if !scopes.contains(OauthScope::Openid) {
            return Err(flaw(OauthErrorCode::InvalidScope, "The scope has to contain openid."));
        }
        // What the client may not have is left out, and the answer of /token says so
        // (OpenID Connect Core, 11).
        if !client.may_have_offline_access() {
            scopes = scopes.without(OauthScope::OfflineAccess);
        }
        let text = |name: &str| parameters.get(name).map(str::to_owned);
        Ok(Self {
            redirect_uri,
            scopes,
            state: text("state"),
            nonce: text("nonce"),
            challenge,
            prompt: prompt(parameters)?,
            max_age: max_age(parameters)?,
            acr_values: acr_values(parameters)?,
            login_hint: text("login_hint"),
            ui_locales: parameters
                .words("ui_locales")
                .take(MAX_LOCALES)
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// Refuses what this service does not do.
fn refuse_unsupported(parameters: &Parameters) -> Result<(), RequestFlaw> {
    if parameters.get("request").is_some() {
        return Err(flaw(OauthErrorCode::RequestNotSupported, "Request objects are not read."));
    }
    if parameters.get("request_uri").is_some() {
        return Err(flaw(
            OauthErrorCode::RequestUriNotSupported,
            "Only a request_uri of /oauth/par is taken, and with client_id alone.",
        ));
    }
    if parameters.get("registration").is_some() {
        return Err(flaw(
            OauthErrorCode::RegistrationNotSupported,
            "Clients do not register themselves.",
        ));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(flaw(
                OauthErrorCode::UnsupportedResponseType,
                "The response_type has to be code.",
            ));
        }
        None => return Err(invalid("response_type is missing.")),
    }
    match parameters.get("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(invalid("The response_mode has to be query.")),
    }
}

fn challenge(parameters: &Parameters) -> Result<CodeChallenge, RequestFlaw> {
    let challenge = parameters
        .get("code_challenge")
        .ok_or(invalid("code_challenge is missing: PKCE is required."))?;
    // Left out, the method would be `plain` (RFC 7636, 4.3).
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(invalid("The code_challenge_method has to be S256."));
    }
    CodeChallenge::parse(challenge)
        .ok_or(invalid("The code_challenge has to be 43 characters of base64url."))
}

fn prompt(parameters: &Parameters) -> Result<Prompt, RequestFlaw> {
    let mut prompt = Prompt::default();
    for word in parameters.words("prompt") {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            "create" => prompt.create = true,
            _ => return Err(invalid("The prompt is unknown.")),
        }
    }
    if prompt.none && prompt != (Prompt { none: true, ..Prompt::default() }) {
        return Err(invalid("The prompt none stands alone."));
    }
    Ok(prompt)
}

fn max_age(parameters: &Parameters) -> Result<Option<TimeDelta>, RequestFlaw> {
    let Some(text) = parameters.get("max_age") else { return Ok(None) };
    let seconds: u32 = text.parse().map_err(|_| invalid("max_age is a number of seconds."))?;
    Ok(Some(TimeDelta::seconds(seconds.min(LONGEST_MAX_AGE_S).into())))
}

/// The known classes. A list in which nothing is known can be met by nobody.
fn acr_values(parameters: &Parameters) -> Result<Vec<Authentication>, RequestFlaw> {
    let known: Vec<_> =
        parameters.words("acr_values").filter_map(Authentication::parse_acr).collect();
    if known.is_empty() && parameters.get("acr_values").is_some() {
        return Err(flaw(
            OauthErrorCode::UnmetAuthenticationRequirements,
            "None of the acr_values is known.",
        ));
    }
    Ok(known)
}

#[cfg(test)]
mod tests;
