//! A client gives a token back (RFC 7009).

use faceauth_domain::oauth::client::Client;
use faceauth_store::sessions::PresentedToken;
use faceauth_tokens::opaque;
use uuid::Uuid;

use crate::context::Context;
use crate::events::{Actor, Details, Event, EventKind, Origin, Subject};
use crate::oauth::error::OauthResult;

/// Ends the session that a token of this client belongs to: its refresh token is then worth
/// nothing, and `/userinfo` and introspection refuse its access tokens. A token that is unknown, of
/// another client or too old is no error (RFC 7009, 2.2).
///
/// An access token ends the session, too. It would otherwise stay good until its time is over, and
/// the refresh token would make the next one.
///
/// # Errors
/// A failure of ours.
pub async fn revoke(
    context: &Context,
    client: &Client,
    token: &str,
    origin: &Origin,
) -> OauthResult<()> {
    let (now, id) = (context.now(), client.id().as_str());
    let presented = PresentedToken { hash: opaque::hash(token), client_id: Some(id) };
    if let Some(of) = context.store.revoke_session(presented, now).await? {
        log(client, of.session, Subject::Account(of.user), origin);
        return Ok(());
    }
    let Ok(bearer) = context.tokens.check_client_access_token(token, now) else { return Ok(()) };
    if bearer.client_id == id
        && let Some(user) = context.store.end_client_session(id, bearer.session, now).await?
    {
        log(client, bearer.session, Subject::Account(user), origin);
    }
    Ok(())
}

fn log(client: &Client, session: Uuid, subject: Subject, origin: &Origin) {
    Event {
        kind: EventKind::TokenRevoked,
        origin: &origin.by(Actor::Client(client.id().to_string())),
        subject,
        details: Details { session: Some(session), ..Details::default() },
    }
    .log();
}
