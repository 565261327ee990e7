//! A client sends the browser here to log out (OpenID Connect RP-Initiated Logout 1.0).

use faceauth_domain::oauth::client::Client;
use faceauth_domain::oauth::parameters::Parameters;
use faceauth_store::account::TokenSession;
use faceauth_tokens::id_token::IdTokenHint;
use faceauth_tokens::logout::{self, Logout};
use faceauth_tokens::opaque;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{EventKind, Origin, Subject};
use crate::oauth::clients;

/// What becomes of a logout.
pub enum LogoutAnswer {
    /// The browser is logged out.
    Done {
        /// Where it goes; `None`: the page says that it is done.
        redirect_to: Option<String>,
    },
    /// The person is asked first: nothing proves that they want it.
    Ask {
        /// What the address of the page carries.
        logout: String,
    },
    /// The address to go to afterwards is not registered. The person sees it, and stays signed in.
    Nowhere,
}

/// Logs a browser out, or asks. `cookie` is that of its login session.
///
/// An ID token of the session is a proof that the client asks for this person. Without one, any
/// site could log people out.
///
/// # Errors
/// A failure of ours.
pub async fn log_out(
    context: &Context,
    parameters: &Parameters,
    cookie: Option<&str>,
    origin: &Origin,
) -> Result<LogoutAnswer> {
    let named = parameters.get("client_id");
    let hint = parameters
        .get("id_token_hint")
        .and_then(|token| context.tokens.open_id_token_hint(token, named));
    let client = match hint.as_ref().map(|hint| hint.client_id.as_str()).or(named) {
        Some(id) => clients::find(context, id).await?.map(|found| found.client),
        None => None,
    };
    let redirect_to = match parameters.get("post_logout_redirect_uri") {
        None => None,
        Some(presented) => match address(client.as_ref(), presented, parameters.get("state")) {
            Some(address) => Some(address),
            None => return Ok(LogoutAnswer::Nowhere),
        },
    };
    if let Some(hint) = hint
        && client.is_some()
        && let Some(session) = of_hint(context, &hint, cookie).await?
    {
        end(context, cookie, Some(session), origin).await?;
        return Ok(LogoutAnswer::Done { redirect_to });
    }
    let logout = logout::sign(&context.tokens, &Logout { redirect_to }, context.now())?;
    Ok(LogoutAnswer::Ask { logout })
}

/// A registered address, with the `state` of the request.
fn address(client: Option<&Client>, presented: &str, state: Option<&str>) -> Option<String> {
    let registered = client?.post_logout_redirect_uri(presented)?;
    let state: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
    // A loopback port may differ: the browser goes where the request says.
    let address = presented.parse().unwrap_or_else(|_| registered.clone());
    Some(address.with(&state))
}

/// The session that a hint names, when nobody else is signed in in this browser.
async fn of_hint(
    context: &Context,
    hint: &IdTokenHint,
    cookie: Option<&str>,
) -> Result<Option<TokenSession>> {
    let owner = context.store.session_owner(hint.session).await?;
    let Some(user) = owner else { return Ok(None) };
    if let Some(cookie) = cookie {
        let found = context.store.login_session(&opaque::hash(cookie), context.now()).await?;
        if found.is_some_and(|(login, _)| login.shown.user != user) {
            return Ok(None);
        }
    }
    Ok(Some(TokenSession { user, id: hint.session }))
}

async fn end(
    context: &Context,
    cookie: Option<&str>,
    session: Option<TokenSession>,
    origin: &Origin,
) -> Result<()> {
    let hash = cookie.map(opaque::hash);
    let ended = context.store.log_out(hash.as_ref(), session, context.now()).await?;
    let subject = ended.map_or(Subject::Unknown, Subject::Account);
    origin.log(EventKind::LoggedOut, subject);
    Ok(())
}

/// Logs a browser out whose person has said so on the page. Returns where it goes.
///
/// # Errors
/// [`Error::AuthorizationOver`] when the question is too old, or a failure of ours.
pub async fn confirm(
    context: &Context,
    token: &str,
    cookie: Option<&str>,
    origin: &Origin,
) -> Result<Option<String>> {
    let asked = logout::open(&context.tokens, token, context.now());
    let Logout { redirect_to } = asked.ok_or(Error::AuthorizationOver)?;
    end(context, cookie, None, origin).await?;
    Ok(redirect_to)
}
