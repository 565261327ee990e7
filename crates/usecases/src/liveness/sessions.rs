//! Opening a session and handing out steps.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Binding, Challenge, Kinds, MAX_ATTEMPTS, SESSION_TTL};
use faceauth_store::liveness::NewSession;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::state::AppState;

/// Random bytes of a nonce: 256 bits, like every bearer secret here.
const NONCE_BYTES: usize = 32;

/// What the person is asked to do, and the nonce that answers it.
pub(crate) struct Prompt {
    pub nonce: String,
    pub challenge: Challenge,
}

/// A session that was just opened.
pub(crate) struct Opened {
    pub id: Uuid,
    pub prompt: Prompt,
    pub expires_at: DateTime<Utc>,
    pub attempts_left: u8,
}

/// Opens a session.
pub(crate) async fn open(state: &AppState, binding: Binding, kinds: Kinds) -> ApiResult<Opened> {
    let now = state.now();
    let prompt = prompt(&kinds)?;
    let session = NewSession {
        id: state.new_id(),
        nonce_hash: nonce_hash(&prompt.nonce),
        binding,
        kinds,
        challenge: prompt.challenge.clone(),
        issued_at: now,
        expires_at: now + SESSION_TTL,
        attempts_left: MAX_ATTEMPTS,
    };
    state.store.open_liveness_session(&session).await?;
    Ok(Opened {
        id: session.id,
        prompt,
        expires_at: session.expires_at,
        attempts_left: session.attempts_left,
    })
}

/// Draws steps and makes a nonce for them.
pub(super) fn prompt(kinds: &Kinds) -> ApiResult<Prompt> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    // 64 random bits for a choice among at most 75: the bias is beyond measuring.
    let choice = u64::from_be_bytes(random()?);
    let challenge = Challenge::draw(kinds, |n| {
        // A remainder below `n` fits.
        usize::try_from(choice % (n.max(1) as u64)).unwrap_or_default()
    });
    Ok(Prompt { nonce: BASE64_URL_SAFE_NO_PAD.encode(nonce), challenge })
}

/// What is stored of a nonce. It has 256 random bits, so a slow hash adds nothing.
pub(super) fn nonce_hash(nonce: &str) -> [u8; 32] {
    Sha256::digest(nonce.as_bytes()).into()
}

/// Random bytes of the operating system.
fn random<const N: usize>() -> ApiResult<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system has no randomness");
        ApiError::new(ErrorCode::InternalError)
    })?;
    Ok(bytes)
}
