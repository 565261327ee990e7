//! A browser brings the request of a client. It waits for the person, or is answered at once.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::authentication::Authentication;
use faceauth_domain::oauth::client::Client;
use faceauth_domain::oauth::code::CODE_TTL;
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_domain::oauth::redirect_uri::RedirectUri;
use faceauth_domain::oauth::request::{
    AuthorizationRequest, NoAnswer, PUSHED_REQUEST_TTL, REQUEST_TTL, answer_to,
};
use faceauth_domain::oauth::step_up::SignInShown;
use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_domain::user::{UserId, Username};
use faceauth_store::authorize::{
    Acceptance, Accepted, AcceptedBy, KeptSignIn, NewCode, RequestKey, WaitingRequest,
};
use faceauth_tokens::opaque::{self, OpaqueToken};

use crate::context::Context;
use crate::error::Result;
use crate::events::{Actor, EventKind, Origin, Subject};
use crate::oauth::error::{OauthError, OauthResult};
use crate::oauth::{clients, subject};

/// Begins every `request_uri` of a pushed request (RFC 9126, 2.2).
const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";

/// What a browser presents beside the request.
#[derive(Default)]
pub struct BrowserSecrets<'a> {
    /// The cookie that binds requests to this browser.
    pub request: Option<&'a str>,
    /// The cookie of its login session.
    pub login: Option<&'a str>,
}

/// What becomes of a request.
pub enum Authorization {
    /// The person is asked on the page.
    Ask {
        /// What the address of the page carries.
        request: String,
        /// What the cookie of the browser holds.
        browser: String,
    },
    /// The client is answered.
    Answer {
        /// The address with the answer.
        redirect_to: String,
    },
    /// There is no address that an answer may go to. The person sees why.
    Nowhere(NoAnswer),
}

/// A request whose client is known.
pub(super) struct Asked {
    pub client: Client,
    pub request: AuthorizationRequest,
}

/// What is found in the parameters of a request.
enum Found {
    Good(Box<Asked>),
    /// The client hears what is wrong.
    Answer(String),
    Nowhere(NoAnswer),
}

/// The address that a client is answered at. `iss` says who answers (RFC 9207), so that a client of
/// several providers cannot be made to send a code of one to another.
pub(super) fn answer(
    context: &Context,
    to: &RedirectUri,
    state: Option<&str>,
    parameters: &[(&str, &str)],
) -> String {
    let state = state.map(|state| ("state", state));
    let iss = [("iss", context.tokens.issuer())];
    let all: Vec<_> = parameters.iter().copied().chain(state).chain(iss).collect();
    to.with(&all)
}

/// The address that a client hears of a refusal at.
pub(super) fn refusal(
    context: &Context,
    to: &RedirectUri,
    state: Option<&str>,
    code: OauthErrorCode,
    description: &str,
) -> String {
    answer(context, to, state, &[("error", code.as_str()), ("error_description", description)])
}

/// Reads a request again that was found good before.
pub(super) async fn asked_again(
    context: &Context,
    waiting: &WaitingRequest,
) -> Result<Option<Asked>> {
    let Ok(parameters) = Parameters::of_query(&waiting.parameters) else { return Ok(None) };
    let Some(found) = clients::find(context, &waiting.client_id).await? else { return Ok(None) };
    let client = found.client;
    // The client may have changed since, so every rule is applied again.
    let Ok(to) = answer_to(&client, &parameters) else { return Ok(None) };
    let request = AuthorizationRequest::parse(&client, to, &parameters).ok();
    Ok(request.map(|request| Asked { client, request }))
}

/// Reads a request and judges it.
async fn judge(context: &Context, parameters: &Parameters, pushed: bool) -> Result<Found> {
    let named = parameters.get("client_id").unwrap_or_default();
    let Some(found) = clients::find(context, named).await? else {
        return Ok(Found::Nowhere(NoAnswer::Client));
    };
    let client = found.client;
    let to = match answer_to(&client, parameters) {
        Ok(to) => to,
        Err(nowhere) => return Ok(Found::Nowhere(nowhere)),
    };
    let may_come = match pushed {
        true => Ok(()),
        false => AuthorizationRequest::may_come_by_browser(&client),
    };
    let read = may_come.and_then(|()| AuthorizationRequest::parse(&client, to.clone(), parameters));
    let state = parameters.get("state");
    match read {
        Ok(request) if asks_for_keys_of_nobody(context, &request) => Ok(Found::Answer(refusal(
            context,
            &to,
            state,
            OauthErrorCode::UnmetAuthenticationRequirements,
            "There is no second factor here.",
        ))),
        Ok(request) => Ok(Found::Good(Box::new(Asked { client, request }))),
        Err(flaw) => Ok(Found::Answer(refusal(context, &to, state, flaw.code, flaw.description))),
    }
}

/// Whether a request wants a second factor, and the deployment has none.
fn asks_for_keys_of_nobody(context: &Context, request: &AuthorizationRequest) -> bool {
    context.second_factor.mode == SecondFactorMode::Off && request.wants_second_factor()
}

/// Takes the request that a browser brings.
///
/// # Errors
/// A failure of ours. What is wrong with the request is an answer.
pub async fn authorize(
    context: &Context,
    parameters: Parameters,
    secrets: BrowserSecrets<'_>,
    origin: &Origin,
) -> Result<Authorization> {
    let now = context.now();
    let pushed = match parameters.get("request_uri").and_then(|uri| uri.strip_prefix(REQUEST_URI)) {
        Some(secret) => {
            let client = parameters.get("client_id").unwrap_or_default();
            let hash = opaque::hash(secret);
            let taken = context.store.take_pushed_authorization(&hash, client, now).await?;
            let read = taken.and_then(|taken| Parameters::of_query(&taken.parameters).ok());
            let Some(read) = read else {
                return Ok(Authorization::Nowhere(NoAnswer::PushedRequest));
            };
            Some(read)
        }
        None => None,
    };
    let was_pushed = pushed.is_some();
    let parameters = pushed.unwrap_or(parameters);
    let asked = match judge(context, &parameters, was_pushed).await? {
        Found::Good(asked) => *asked,
        Found::Answer(redirect_to) => return Ok(Authorization::Answer { redirect_to }),
        Found::Nowhere(nowhere) => return Ok(Authorization::Nowhere(nowhere)),
    };
    if asked.request.prompt.none {
        let hint = parameters.get("id_token_hint");
        let redirect_to = answer_unseen(context, &asked, hint, secrets.login, origin, now).await?;
        return Ok(Authorization::Answer { redirect_to });
    }
    let request = OpaqueToken::random()?;
    // The secret of the browser stays, so that two tabs do not end each other's requests.
    let browser = match secrets.request.filter(|secret| is_secret(secret)) {
        Some(secret) => secret.to_owned(),
        None => OpaqueToken::random()?.token.to_string(),
    };
    let key = RequestKey { id: request.hash, browser: opaque::hash(&browser) };
    let row = waiting(&asked.client, &parameters, now, REQUEST_TTL);
    context.store.begin_authorization(&key, &row).await?;
    Ok(Authorization::Ask { request: request.token.to_string(), browser })
}

/// Characters of an opaque token.
const SECRET_CHARS: usize = 43;

/// Whether a cookie has the form of a secret of ours.
fn is_secret(text: &str) -> bool {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == SECRET_CHARS && text.bytes().all(base64url)
}

/// A request, as it is stored.
fn waiting(
    client: &Client,
    parameters: &Parameters,
    now: DateTime<Utc>,
    ttl: TimeDelta,
) -> WaitingRequest {
    let hint = parameters.get("login_hint").and_then(|hint| Username::parse(hint).ok());
    WaitingRequest {
        client_id: client.id().to_string(),
        parameters: parameters.query(),
        username_key: hint.map(|name| name.key()),
        requested_at: now,
        expires_at: now + ttl,
    }
}

/// A request that was pushed.
pub struct Pushed {
    /// What the browser brings in its place.
    pub request_uri: String,
    /// Seconds until it is too late.
    pub expires_in: u64,
}

/// Takes a request that `client` pushes (RFC 9126). The client has proved that it is the one.
///
/// # Errors
/// What is wrong with the request, or a failure of ours.
pub async fn push(
    context: &Context,
    client: &Client,
    parameters: &Parameters,
) -> OauthResult<Pushed> {
    let invalid = |description| OauthError::refused(OauthErrorCode::InvalidRequest, description);
    if parameters.get("client_id").is_some_and(|named| named != client.id().as_str()) {
        return Err(invalid("The client_id is that of another client."));
    }
    let to = answer_to(client, parameters)
        .map_err(|_| invalid("The redirect_uri is missing or not registered."))?;
    let request = AuthorizationRequest::parse(client, to, parameters)
        .map_err(|flaw| OauthError::refused(flaw.code, flaw.description))?;
    if asks_for_keys_of_nobody(context, &request) {
        return Err(OauthError::refused(
            OauthErrorCode::UnmetAuthenticationRequirements,
            "There is no second factor here.",
        ));
    }
    let kept = parameters
        .iter()
        // What proves who the client is says nothing of the request.
        .filter(|(name, _)| !name.starts_with("client_"))
        .chain([("client_id", client.id().as_str())])
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let kept = Parameters::new(kept).map_err(|_| invalid("A parameter stands twice."))?;
    let secret = OpaqueToken::random()?;
    let row = waiting(client, &kept, context.now(), PUSHED_REQUEST_TTL);
    context.store.push_authorization(&secret.hash, &row).await?;
    let expires_in = PUSHED_REQUEST_TTL.num_seconds().unsigned_abs();
    Ok(Pushed { request_uri: format!("{REQUEST_URI}{}", *secret.token), expires_in })
}

/// Whether an ID token names this person to this client.
fn is_about(context: &Context, client: &Client, id_token: &str, user: UserId) -> bool {
    let hint = context.tokens.open_id_token_hint(id_token, Some(client.id().as_str()));
    hint.is_some_and(|hint| hint.subject == subject::of(context, client, user))
}

/// Answers a request that may show nothing. `hint` is the ID token of whom the client expects: it
/// gets nobody else in their place (OpenID Connect Core, 3.1.2.1).
async fn answer_unseen(
    context: &Context,
    asked: &Asked,
    hint: Option<&str>,
    cookie: Option<&str>,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Result<String> {
    let Asked { client, request } = asked;
    let state = request.state.as_deref();
    let refuse =
        |code, description| refusal(context, &request.redirect_uri, state, code, description);
    // Another app could sign people in behind their backs, in the name of this one.
    if !client.is_assured_at(&request.redirect_uri) {
        return Ok(refuse(
            OauthErrorCode::InteractionRequired,
            "The person has to see which app it is: nothing proves it.",
        ));
    }
    let login_required =
        || refuse(OauthErrorCode::LoginRequired, "Nobody is signed in, or not well enough.");
    let Some(cookie) = cookie else { return Ok(login_required()) };
    let hash = opaque::hash(cookie);
    let Some((login, _)) = context.store.login_session(&hash, now).await? else {
        return Ok(login_required());
    };
    if hint.is_some_and(|hint| !is_about(context, client, hint, login.shown.user)) {
        return Ok(login_required());
    }
    let Some(shown) = sign_in_shown(&login.shown) else { return Ok(login_required()) };
    if request.met_by(shown, now, now).is_err() {
        return Ok(login_required());
    }
    if needs_consent(context, client, request, Some(login.shown.user)).await? {
        return Ok(refuse(OauthErrorCode::ConsentRequired, "The person has to agree."));
    }
    let code = NewRow::of(asked, now)?;
    let acceptance = Acceptance {
        request: None,
        by: AcceptedBy::Login(hash),
        shown: &login.shown,
        code: &code.row,
        client: client.id(),
        asked: false,
        login: None,
        replaced: None,
        now,
    };
    match context.store.accept_authorization(&acceptance).await? {
        Accepted::Stored => {
            log_authorized(&origin.by(Actor::Session(login.id)), &login.shown);
            Ok(code.answer(context, request))
        }
        Accepted::RequestOver | Accepted::SignInOver => Ok(login_required()),
    }
}

/// Whether the person has to agree to what the client asks for. `user` is who signs in, as far as
/// that is known: what they have agreed to before is not asked again.
pub(super) async fn needs_consent(
    context: &Context,
    client: &Client,
    request: &AuthorizationRequest,
    user: Option<UserId>,
) -> Result<bool> {
    if request.prompt.consent {
        return Ok(true);
    }
    if client.is_first_party() {
        return Ok(false);
    }
    let Some(user) = user else { return Ok(true) };
    let scopes: Vec<&str> = request.scopes.words().collect();
    Ok(!context.store.has_client_consent(user, client.id(), &scopes).await?)
}

/// A sign-in that is kept, in the words of the rules.
pub(super) fn sign_in_shown(kept: &KeptSignIn) -> Option<SignInShown> {
    let authentication = Authentication::parse_acr(&kept.acr)?;
    Some(SignInShown { auth_time: kept.auth_time, authentication })
}

/// Writes into the log that a client was given a code.
pub(super) fn log_authorized(origin: &Origin, shown: &KeptSignIn) {
    origin.log(EventKind::ClientAuthorized, Subject::Account(shown.user));
}

/// A code that is not stored yet.
pub(super) struct NewRow {
    code: OpaqueToken,
    /// What is stored of it.
    pub row: NewCode,
}

impl NewRow {
    /// A code for what was asked.
    pub fn of(asked: &Asked, now: DateTime<Utc>) -> Result<Self> {
        let Asked { client, request } = asked;
        let code = OpaqueToken::random()?;
        let row = NewCode {
            code_hash: code.hash,
            client_id: client.id().to_string(),
            redirect_uri: request.redirect_uri.to_string(),
            challenge: request.challenge.as_str().to_owned(),
            nonce: request.nonce.clone(),
            scope: request.scopes.text(),
            issued_at: now,
            expires_at: now + CODE_TTL,
        };
        Ok(Self { code, row })
    }

    /// The address that takes the code to the client.
    pub fn answer(&self, context: &Context, request: &AuthorizationRequest) -> String {
        let code = [("code", self.code.token.as_str())];
        answer(context, &request.redirect_uri, request.state.as_deref(), &code)
    }
}
