//! The page shows the request of a client, and the person accepts or refuses it.

use chrono::{DateTime, Utc};
use faceauth_domain::oauth::code::LOGIN_SESSION_TTL;
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::step_up::Unmet;
use faceauth_store::account::TokenSession;
use faceauth_store::authorize::{
    Acceptance, Accepted, AcceptedBy, KeptSignIn, NewLoginSession, RequestKey, WaitingRequest,
};
use faceauth_tokens::opaque::{self, OpaqueToken};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Actor, EventKind, Origin, Subject};
use crate::oauth::authorize::{
    Asked, NewRow, asked_again, log_authorized, needs_consent, refusal, sign_in_shown,
};

/// What the page and the browser present of a request.
pub struct PresentedRequest<'a> {
    /// What the address of the page carries.
    pub request: &'a str,
    /// The cookie that binds it to the browser.
    pub browser: Option<&'a str>,
}

impl PresentedRequest<'_> {
    fn key(&self) -> Result<RequestKey> {
        let browser = self.browser.ok_or(Error::AuthorizationOver)?;
        Ok(RequestKey { id: opaque::hash(self.request), browser: opaque::hash(browser) })
    }
}

/// What the page shows of a request.
pub struct ShownRequest {
    /// What the client is called.
    pub client_name: String,
    /// Whether it belongs to the deployment itself.
    pub first_party: bool,
    /// What it is given.
    pub scopes: Vec<&'static str>,
    /// Who will sign in, as the client believes.
    pub login_hint: Option<String>,
    /// Languages of the page, the first preferred.
    pub ui_locales: Vec<String>,
    /// Whether the person wants to enrol.
    pub prompt_create: bool,
    /// Whether a face alone is not enough.
    pub second_factor: bool,
    /// Whether an earlier sign-in is not enough.
    pub new_sign_in: bool,
    /// Who is signed in in this browser, well enough for the request.
    pub signed_in: Option<String>,
    /// Whether the person has to agree.
    pub needs_consent: bool,
    /// Seconds until nobody can answer it.
    pub expires_in: u64,
}

/// The request of a page, if this browser brought it.
async fn waiting(
    context: &Context,
    key: &RequestKey,
    now: DateTime<Utc>,
) -> Result<(WaitingRequest, Asked)> {
    let found = context.store.authorization_request(key, now).await?;
    let waiting = found.ok_or(Error::AuthorizationOver)?;
    let asked = asked_again(context, &waiting).await?.ok_or(Error::AuthorizationOver)?;
    Ok((waiting, asked))
}

/// Whether a sign-in is enough for a request.
fn judge(
    kept: &KeptSignIn,
    waiting: &WaitingRequest,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<()> {
    let shown = sign_in_shown(kept).ok_or(Error::SignInTooWeak)?;
    if kept.auth_time + LOGIN_SESSION_TTL <= now {
        return Err(Error::SignInTooOld);
    }
    asked.request.met_by(shown, waiting.requested_at, now).map_err(|unmet| match unmet {
        Unmet::TooOld => Error::SignInTooOld,
        Unmet::TooWeak => Error::SignInTooWeak,
    })
}

/// What the page shows. `login` is the cookie of the browser's login session.
///
/// # Errors
/// [`Error::AuthorizationOver`], or a failure of ours.
pub async fn show(
    context: &Context,
    presented: &PresentedRequest<'_>,
    login: Option<&str>,
) -> Result<ShownRequest> {
    let now = context.now();
    let (waiting, asked) = waiting(context, &presented.key()?, now).await?;
    let found = match login {
        Some(cookie) => context.store.login_session(&opaque::hash(cookie), now).await?,
        None => None,
    };
    let enough = found.filter(|(login, _)| judge(&login.shown, &waiting, &asked, now).is_ok());
    let Asked { client, request } = asked;
    let user = enough.as_ref().map(|(_, user)| user.id);
    let needs_consent = needs_consent(context, &client, &request, user).await?;
    Ok(ShownRequest {
        client_name: client.name().to_owned(),
        first_party: client.is_first_party(),
        scopes: request.scopes.words().collect(),
        prompt_create: request.prompt.create,
        second_factor: request.wants_second_factor(),
        new_sign_in: request.wants_new_sign_in(),
        login_hint: request.login_hint,
        ui_locales: request.ui_locales,
        signed_in: enough.map(|(_, user)| user.username.as_str().to_owned()),
        needs_consent,
        expires_in: (waiting.expires_at - now).num_seconds().unsigned_abs(),
    })
}

/// The sign-in that the person accepts with.
pub enum AcceptWith<'a> {
    /// One that the page has just made, by its access token.
    Session(TokenSession),
    /// The login session of the browser, by its cookie.
    Login(&'a str),
}

/// An accepted request.
pub struct AcceptedRequest {
    /// The address that takes the code to the client.
    pub redirect_to: String,
    /// What the cookie of the login session holds from now on.
    pub login: String,
}

/// Accepts a request. The sign-in becomes the login session of the browser, with a new secret; the
/// one of `replaced`, the cookie the browser has, ends.
///
/// # Errors
/// Why the sign-in or the answer is not enough, or a failure of ours.
pub async fn accept(
    context: &Context,
    presented: &PresentedRequest<'_>,
    with: AcceptWith<'_>,
    replaced: Option<&str>,
    agreed: bool,
    origin: &Origin,
) -> Result<AcceptedRequest> {
    let now = context.now();
    let key = presented.key()?;
    let (waiting, asked) = waiting(context, &key, now).await?;
    let (by, shown, id) = sign_in(context, &with, now).await?;
    judge(&shown, &waiting, &asked, now)?;
    if !agreed && needs_consent(context, &asked.client, &asked.request, Some(shown.user)).await? {
        return Err(Error::ClientConsentMissing);
    }
    let code = NewRow::of(&asked, now)?;
    let secret = OpaqueToken::random()?;
    let login = NewLoginSession {
        secret_hash: secret.hash,
        id,
        expires_at: shown.auth_time + LOGIN_SESSION_TTL.min(context.tokens.longest_session()),
    };
    let acceptance = Acceptance {
        request: Some(key),
        by,
        shown: &shown,
        code: &code.row,
        client: asked.client.id(),
        asked: agreed,
        login: Some(&login),
        replaced: replaced.map(opaque::hash),
        now,
    };
    match context.store.accept_authorization(&acceptance).await? {
        Accepted::Stored => {
            log_authorized(&origin.by(Actor::Session(id)), &shown);
            let redirect_to = code.answer(context, &asked.request);
            Ok(AcceptedRequest { redirect_to, login: secret.token.to_string() })
        }
        Accepted::RequestOver => Err(Error::AuthorizationOver),
        Accepted::SignInOver => Err(Error::SessionOver),
    }
}

/// What the person accepts with: where it is stored, what it showed, and the id of the login
/// session, which stays while its secret changes.
async fn sign_in(
    context: &Context,
    with: &AcceptWith<'_>,
    now: DateTime<Utc>,
) -> Result<(AcceptedBy, KeptSignIn, Uuid)> {
    match with {
        AcceptWith::Session(session) => {
            let shown = context.store.sign_in_of(*session).await?.ok_or(Error::SessionOver)?;
            Ok((AcceptedBy::Session(session.id), shown, context.new_id()))
        }
        AcceptWith::Login(cookie) => {
            let hash = opaque::hash(cookie);
            let found = context.store.login_session(&hash, now).await?;
            let (login, _) = found.ok_or(Error::SessionOver)?;
            Ok((AcceptedBy::Login(hash), login.shown, login.id))
        }
    }
}

/// Refuses a request. Returns the address that takes the refusal to the client.
///
/// # Errors
/// [`Error::AuthorizationOver`], or a failure of ours.
pub async fn refuse(
    context: &Context,
    presented: &PresentedRequest<'_>,
    origin: &Origin,
) -> Result<String> {
    let now = context.now();
    let key = presented.key()?;
    let (_, Asked { client, request }) = waiting(context, &key, now).await?;
    if !context.store.refuse_authorization(&key, now).await? {
        return Err(Error::AuthorizationOver);
    }
    origin.log(EventKind::ClientRefused, Subject::Client(client.id().to_string()));
    let state = request.state.as_deref();
    let description = "The person refused.";
    let code = OauthErrorCode::AccessDenied;
    Ok(refusal(context, &request.redirect_uri, state, code, description))
}
