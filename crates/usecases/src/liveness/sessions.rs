//! Opening a session and handing out steps.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, Utc};
use faceauth_domain::challenge::{Binding, Challenge, Kinds, MAX_ATTEMPTS, SESSION_TTL};
use faceauth_store::liveness::NewSession;
use faceauth_tokens::TokenError;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::judgement::Prompt;

/// Random bytes of a nonce: 256 bits, like every bearer secret here.
const NONCE_BYTES: usize = 32;

/// A session that was just opened.
pub struct Opened {
    /// The session.
    pub id: Uuid,
    /// What to do first.
    pub prompt: Prompt,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Captures it will judge.
    pub attempts_left: u8,
}

/// Opens a session.
///
/// # Errors
/// [`Error::CannotSeeLids`], or a failure of ours.
pub async fn open(context: &Context, binding: Binding, kinds: Kinds) -> Result<Opened> {
    if kinds.close_eyes() && !context.analyzer.sees_lids() {
        return Err(Error::CannotSeeLids);
    }
    let now = context.now();
    let prompt = prompt(&kinds)?;
    let session = NewSession {
        id: context.new_id(),
        nonce_hash: nonce_hash(&prompt.nonce),
        binding,
        kinds,
        challenge: prompt.challenge.clone(),
        issued_at: now,
        expires_at: now + SESSION_TTL,
        attempts_left: MAX_ATTEMPTS,
    };
    context.store.open_liveness_session(&session).await?;
    Ok(Opened {
        id: session.id,
        prompt,
        expires_at: session.expires_at,
        attempts_left: session.attempts_left,
    })
}

/// Draws steps and makes a nonce for them.
pub(super) fn prompt(kinds: &Kinds) -> Result<Prompt> {
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
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(TokenError::Randomness)?;
    Ok(bytes)
}
