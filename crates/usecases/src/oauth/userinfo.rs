//! A client asks who a person is (OpenID Connect Core, 5.3).

use faceauth_domain::oauth::error::OauthErrorCode;
use faceauth_domain::oauth::scope::{OauthScope, OauthScopes};

use crate::context::Context;
use crate::events::Denied;
use crate::oauth::error::{OauthError, OauthResult};
use crate::oauth::{clients, subject};

/// What a client learns.
pub struct UserInfo {
    /// The person, as this client knows them.
    pub subject: String,
    /// The name of the account, when the client was given it.
    pub username: Option<String>,
}

/// Answers for the access token of a client, while its session lives.
///
/// # Errors
/// `invalid_token`, or a failure of ours.
pub async fn userinfo(context: &Context, access_token: &str) -> OauthResult<UserInfo> {
    let refused = |reason| {
        OauthError::refused(OauthErrorCode::InvalidToken, "The access token is not valid here.")
            .denied(Denied::credentials(reason))
    };
    let bearer = context
        .tokens
        .check_client_access_token(access_token, context.now())
        .map_err(|_| refused("access_token_invalid"))?;
    let known = clients::find(context, &bearer.client_id).await?;
    let client = known.ok_or_else(|| refused("client_gone"))?.client;
    let owner = context.store.client_session(&bearer.client_id, bearer.session).await?;
    let user = owner.ok_or_else(|| refused("session_over"))?;
    // The person's id and name may have changed hands in no way: the subject is made anew.
    let subject = subject::of(context, &client, user.id);
    let named = OauthScopes::of(&bearer.scope).contains(OauthScope::Profile);
    Ok(UserInfo { subject, username: named.then(|| user.username.as_str().to_owned()) })
}
