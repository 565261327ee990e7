//! A client or its API asks what a token is worth now (RFC 7662).

use chrono::{DateTime, Utc};
use faceauth_domain::oauth::client::Client;
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_store::client_sessions::LiveToken;
use faceauth_tokens::client_access::ClientBearer;
use faceauth_tokens::opaque;
use uuid::Uuid;

use crate::context::Context;
use crate::events::{Actor, Denied};
use crate::oauth::error::{OauthError, OauthResult};
use crate::oauth::{clients, subject};

/// What a token that lives says. Times are in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveToken {
    /// `jti` of an access token; `None` for a refresh token.
    pub access_token_id: Option<Uuid>,
    /// The client it was issued to.
    pub client_id: String,
    /// The person, as that client knows them.
    pub subject: String,
    /// For whom it is.
    pub audience: Vec<String>,
    /// What the client was given, with blanks between.
    pub scope: String,
    /// The session.
    pub session: Uuid,
    /// When the person was authenticated.
    pub auth_time: i64,
    /// How.
    pub acr: String,
    /// When it was issued.
    pub issued_at: i64,
    /// From when on it is worth nothing.
    pub expires_at: i64,
}

/// What a token is worth now; `None`: nothing, or it is none of this client's business. One answer
/// for all of these, so that nobody learns of tokens of others (RFC 7662, 2.2).
///
/// A client may ask about its own tokens, and about access tokens that are for its own API.
///
/// # Errors
/// `invalid_client` for a client that proves nothing of itself, or a failure of ours.
pub async fn introspect(
    context: &Context,
    client: &Client,
    token: &str,
) -> OauthResult<Option<ActiveToken>> {
    if client.is_public() {
        let denied = Denied {
            actor: Actor::Client(client.id().to_string()),
            ..Denied::credentials("client_not_proved")
        };
        return Err(OauthError::refused(
            OauthErrorCode::InvalidClient,
            "Only a client with a secret or a key of its own may ask about tokens.",
        )
        .denied(denied));
    }
    let now = context.now();
    let Ok(bearer) = context.tokens.check_client_access_token(token, now) else {
        return of_refresh_token(context, client, token, now).await;
    };
    if !concerns(client, &bearer) || clients::find(context, &bearer.client_id).await?.is_none() {
        return Ok(None);
    }
    let owner = context.store.client_session(&bearer.client_id, bearer.session).await?;
    Ok(owner.map(|_| bearer.into()))
}

/// Whether a client may know what this token is worth.
fn concerns(client: &Client, bearer: &ClientBearer) -> bool {
    let for_its_api =
        client.audience().is_some_and(|own| bearer.audience.iter().any(|named| named == own));
    bearer.client_id == client.id().as_str() || for_its_api
}

async fn of_refresh_token(
    context: &Context,
    client: &Client,
    token: &str,
    now: DateTime<Utc>,
) -> OauthResult<Option<ActiveToken>> {
    // What the client may no longer use is worth nothing.
    if !client.may_have_offline_access() {
        return Ok(None);
    }
    let id = client.id().as_str();
    let live = context.store.live_token(opaque::hash(token), id, now).await?;
    Ok(live.map(|LiveToken { user, token }| ActiveToken {
        access_token_id: None,
        client_id: id.to_owned(),
        subject: subject::of(context, client, user.id),
        audience: vec![context.tokens.issuer().to_owned()],
        scope: token.scope.unwrap_or_default(),
        session: token.session,
        auth_time: token.auth_time.timestamp(),
        acr: token.acr,
        issued_at: token.issued_at.timestamp(),
        expires_at: token.expires_at.timestamp(),
    }))
}

impl From<ClientBearer> for ActiveToken {
    fn from(bearer: ClientBearer) -> Self {
        let ClientBearer {
            client_id,
            subject,
            id,
            session,
            auth_time,
            acr,
            scope,
            audience,
            issued_at,
            expires_at,
        } = bearer;
        Self {
            access_token_id: Some(id),
            client_id,
            subject,
            audience,
            scope,
            session,
            auth_time,
            acr,
            issued_at,
            expires_at,
        }
    }
}
