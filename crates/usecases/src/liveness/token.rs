//! The liveness token: a verdict on its way to the endpoint that needs it.
//!
//! A JWS that lives for a minute and is good once. It names the session, what and whom the
//! session is for, and a keyed digest of the face that was seen. The face itself stays in a
//! sealed row that goes with the first use: what is matched later is what was judged, and
//! no other picture can take its place.

use chrono::TimeDelta;
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::user::Username;
use faceauth_store::liveness::NewGrant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Judged;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::{AppState, HashPurpose};
use crate::tokens::{self, OwnToken};

/// Lives for a minute: the next request follows at once.
const TOKEN: OwnToken = OwnToken {
    typ: "liveness+jwt",
    audience: "urn:faceauth:liveness",
    ttl: TimeDelta::seconds(60),
};

/// Claims of a liveness token.
#[derive(Serialize, Deserialize)]
struct Claims {
    jti: Uuid,
    /// The liveness session.
    sid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    acr: String,
    /// Keyed digest of the embedding of the face that was seen.
    face: String,
}

/// Stores the face of `person`, who was found live in `judged`, and issues the token for it.
pub(crate) async fn grant(
    state: &AppState,
    judged: &Judged,
    person: &LivePerson,
) -> ApiResult<String> {
    let now = state.now();
    let Binding { username, purpose } = &judged.binding;
    let claims = Claims {
        jti: Uuid::new_v4(),
        sid: judged.session,
        purpose: purpose.map(|purpose| purpose.as_str().to_owned()),
        username: username.as_ref().map(|name| name.key().to_owned()),
        acr: tokens::acr(person.assurance),
        face: digest(state, &person.embedding),
    };
    let token = TOKEN.sign(&state.tokens, &claims, now)?;
    let grant = NewGrant {
        token_hash: hash(&token),
        session: judged.session,
        face: person.embedding.clone(),
        previous: person.previous.clone(),
        binding: judged.binding.clone(),
        assurance: claims.acr,
        expires_at: now + TOKEN.ttl,
    };
    if state.store.grant_liveness(&grant).await? {
        Ok(token)
    } else {
        Err(ApiError::new(ErrorCode::SessionExpired))
    }
}

/// Uses up a liveness token: the person who was found live. A token that is unknown, used,
/// too old or meant for somebody or something else is one answer.
pub(crate) async fn redeem(
    state: &AppState,
    token: &str,
    username: &Username,
    purpose: Purpose,
) -> ApiResult<LivePerson> {
    let refused = || {
        ApiError::at(ErrorCode::LivenessRequired, "/liveness_token")
            .detail("The liveness token is not valid here, or used, or too old: start again.")
    };
    let now = state.now();
    let claims: Claims = TOKEN.open(&state.tokens, token, now).ok_or_else(refused)?;
    let grant = state.store.redeem_liveness(hash(token), now).await?.ok_or_else(refused)?;
    let same_face = digest(state, &grant.face) == claims.face;
    let assurance = tokens::assurance(&grant.assurance).filter(|_| grant.assurance == claims.acr);
    match assurance {
        Some(assurance)
            if same_face
                && grant.session == claims.sid
                && grant.binding.allows(username, purpose) =>
        {
            let (embedding, previous) = (grant.face, grant.previous);
            Ok(LivePerson { embedding, previous, assurance, image: None })
        }
        _ => Err(refused()),
    }
}

/// What is stored of a token.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Binds a token to a face without saying anything of the face.
fn digest(state: &AppState, face: &Embedding) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let values: Vec<u8> = face.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    let values = secrecy::zeroize::Zeroizing::new(values);
    let digest =
        state.keyed_hash(HashPurpose::SeenFace, &[face.model().as_str().as_bytes(), &values]);
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}
