//! A client redeems a code, or renews a session.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use faceauth_domain::oauth::client::Client;
use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::pkce::is_verifier;
use faceauth_domain::oauth::scope::{OauthScope, OauthScopes};
use faceauth_domain::user::User;
use faceauth_store::redeem::{CodeRedemption, NewClientSession, PresentedCode, RedeemedCode};
use faceauth_store::rotate::{PresentedToken, Renewed, Rotation};
use faceauth_tokens::client_access::ClientSession;
use faceauth_tokens::id_token::IdTokenDetails;
use faceauth_tokens::opaque::{self, OpaqueToken};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::context::Context;
use crate::events::{Actor, Denied, Details, Event, EventKind, Origin, Subject};
use crate::oauth::error::{OauthError, OauthResult};
use crate::oauth::subject;

/// What a client is given.
pub struct ClientTokens {
    /// The access token.
    pub access_token: String,
    /// Seconds until it is too old.
    pub expires_in: u64,
    /// With `offline_access` alone.
    pub refresh_token: Option<String>,
    /// What the client learns of the sign-in.
    pub id_token: String,
    /// What the client was given.
    pub scope: String,
}

/// A code, as a client presents it.
pub struct CodeGrant<'a> {
    /// The code.
    pub code: &'a str,
    /// The address that it went to.
    pub redirect_uri: &'a str,
    /// The secret behind the challenge.
    pub verifier: &'a str,
}

/// One answer for whatever is wrong with a code or a token, so that it says nothing of others'.
fn refused(denied: Denied) -> OauthError {
    OauthError::refused(
        OauthErrorCode::InvalidGrant,
        "The code or token is unknown, used, too old, or of another client, address or verifier.",
    )
    .denied(denied)
}

/// Redeems a code (RFC 6749, 4.1.3; RFC 7636, 4.6).
///
/// # Errors
/// `invalid_grant`, or a failure of ours.
pub async fn redeem(
    context: &Context,
    client: &Client,
    grant: &CodeGrant<'_>,
    origin: &Origin,
) -> OauthResult<ClientTokens> {
    let now = context.now();
    let by_client = |reason| Denied {
        actor: Actor::Client(client.id().to_string()),
        ..Denied::credentials(reason)
    };
    if !is_verifier(grant.verifier) {
        return Err(refused(by_client("code_verifier_malformed")));
    }
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(grant.verifier.as_bytes()));
    let presented = PresentedCode {
        code_hash: opaque::hash(grant.code),
        client_id: client.id().as_str(),
        redirect_uri: grant.redirect_uri,
        challenge: &challenge,
    };
    let refresh = OpaqueToken::random()?;
    let settings = context.tokens.settings();
    let access_ttl = i64::try_from(settings.access_ttl.as_secs()).unwrap_or(i64::MAX / 1000);
    let new = NewClientSession {
        session: context.new_id(),
        token_hash: refresh.hash,
        now,
        renewable_until: context.tokens.refresh_expiry(now),
        access_until: now + chrono::TimeDelta::seconds(access_ttl),
        longest: context.tokens.longest_session(),
    };
    let renewable = |scope: &str| OauthScopes::of(scope).contains(OauthScope::OfflineAccess);
    match context.store.redeem_code(&presented, &new, renewable).await? {
        CodeRedemption::Redeemed(redeemed) => {
            let RedeemedCode { user, shown, nonce, scope } = redeemed;
            Event {
                kind: EventKind::CodeRedeemed,
                origin: &origin.by(Actor::Client(client.id().to_string())),
                subject: Subject::Account(user.id),
                details: Details { session: Some(new.session), ..Details::default() },
            }
            .log();
            let refresh = renewable(&scope).then_some(refresh);
            let basis = Basis { session: new.session, auth_time: shown.auth_time, acr: shown.acr };
            issue(
                context,
                client,
                &user,
                basis,
                &OauthScopes::of(&scope),
                nonce.as_deref(),
                refresh,
            )
        }
        CodeRedemption::Reused(of) => Err(refused(Denied {
            kind: EventKind::CodeReused,
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..by_client("code_used")
        })),
        CodeRedemption::Unknown => Err(refused(by_client("code_unknown"))),
        CodeRedemption::Mismatch => Err(refused(by_client("code_mismatch"))),
        CodeRedemption::Expired => Err(refused(by_client("code_expired"))),
    }
}

/// What tokens rest on.
struct Basis {
    session: Uuid,
    auth_time: DateTime<Utc>,
    acr: String,
}

/// Signs the tokens of a session of a client.
fn issue(
    context: &Context,
    client: &Client,
    user: &User,
    basis: Basis,
    scopes: &OauthScopes,
    nonce: Option<&str>,
    refresh: Option<OpaqueToken>,
) -> OauthResult<ClientTokens> {
    let now = context.now();
    let session = ClientSession {
        client_id: client.id().to_string(),
        subject: subject::of(context, client, user.id),
        id: basis.session,
        auth_time: basis.auth_time,
        acr: basis.acr,
        scope: scopes.text(),
        audience: client.audience().map(str::to_owned),
    };
    let access_token = context.tokens.client_access_token(&session, now)?;
    let username = scopes.contains(OauthScope::Profile).then_some(user.username.as_str());
    let details = IdTokenDetails { nonce, username };
    let id_token = context.tokens.id_token(&session, details, &access_token, now)?;
    Ok(ClientTokens {
        access_token,
        expires_in: context.tokens.settings().access_ttl.as_secs(),
        refresh_token: refresh.map(|token| token.token.to_string()),
        id_token,
        scope: session.scope,
    })
}

/// Renews a session of a client (RFC 6749, 6): uses the token up and gives out the next one. A used
/// one that comes again ends the session. `scope` may leave out what was given, and add nothing.
///
/// # Errors
/// `invalid_grant`, `invalid_scope`, or a failure of ours.
pub async fn refresh(
    context: &Context,
    client: &Client,
    token: &str,
    scope: Option<&str>,
    origin: &Origin,
) -> OauthResult<ClientTokens> {
    let now = context.now();
    let client_id = client.id().as_str();
    let by_client = |reason| Denied {
        actor: Actor::Client(client_id.to_owned()),
        ..Denied::credentials(reason)
    };
    if !client.may_have_offline_access() {
        return Err(refused(by_client("refresh_not_allowed")));
    }
    let presented = PresentedToken { hash: opaque::hash(token), client_id: Some(client_id) };
    let given = context.store.scope_of(presented).await?;
    let given = given.ok_or_else(|| refused(by_client("refresh_token_unknown")))?;
    // Before the token is used up: a client that asks for too much may ask again.
    let scopes = narrowed(OauthScopes::of(&given), scope)?;
    let next = OpaqueToken::random()?;
    let rotation = context
        .store
        .rotate_refresh_token(
            presented,
            next.hash,
            now,
            context.tokens.refresh_expiry(now),
            context.tokens.longest_session(),
            None,
        )
        .await?;
    match rotation {
        Rotation::Rotated(renewed) | Rotation::Repeated(renewed) => {
            let Renewed { user, session, auth_time, acr, .. } = renewed;
            origin.by(Actor::Session(session)).log(EventKind::Refreshed, Subject::Account(user.id));
            let basis = Basis { session, auth_time, acr };
            issue(context, client, &user, basis, &scopes, None, Some(next))
        }
        Rotation::Reused(of) => Err(refused(Denied {
            kind: EventKind::RefreshReused,
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..by_client("refresh_token_used")
        })),
        Rotation::Expired(of) => Err(refused(Denied {
            subject: Subject::Account(of.user),
            session: Some(of.session),
            ..by_client("refresh_token_expired")
        })),
        Rotation::Unknown => Err(refused(by_client("refresh_token_unknown"))),
    }
}

/// What was given, or the part of it that is asked for.
fn narrowed(given: OauthScopes, asked: Option<&str>) -> OauthResult<OauthScopes> {
    let Some(asked) = asked.map(OauthScopes::of) else { return Ok(given) };
    if given.cover(&asked) && asked.contains(OauthScope::Openid) {
        return Ok(asked);
    }
    Err(OauthError::refused(
        OauthErrorCode::InvalidScope,
        "The scope has openid, and nothing that was not given before.",
    ))
}
