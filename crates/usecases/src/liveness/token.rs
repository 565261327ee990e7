//! The liveness token: a verdict on its way to the endpoint that needs it.
//!
//! A JWS that lives for a minute and is valid once. It names the session, its purpose and user, and
//! a keyed digest of the face. The face itself stays in a sealed row, which the first use deletes.
//! So the service later matches the face that it judged, and no other picture can replace it.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use faceauth_domain::attempt::Attempt;
use faceauth_domain::attestation::{AttestationFinding, Attested};
use faceauth_domain::challenge::{Binding, Purpose};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::liveness::judge::LivePerson;
use faceauth_domain::user::Username;
use faceauth_store::liveness::NewGrant;
use faceauth_tokens::access;
use faceauth_tokens::liveness::{self, Claims, TTL};
use sha2::{Digest, Sha256};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::judgement::Judgement;
use crate::keyed_hash::HashPurpose;
use crate::presented::LivenessToken;

/// Stores the face of `person`, who was found live in `judgement`, with the line of the audit trail,
/// and issues the token for it.
pub(crate) async fn grant(
    context: &Context,
    judgement: &Judgement,
    person: &LivePerson,
    attempt: &Attempt,
) -> Result<String> {
    let now = context.now();
    let Binding { username, purpose } = &judgement.binding;
    let attested = judgement.attestation.and_then(AttestationFinding::good);
    let acr = access::acr(person.assurance.into());
    let face = digest(context, &person.embedding);
    let claims = Claims::new(judgement.session, *purpose, username.as_ref(), acr.clone(), face)
        .attested(attested);
    let token = liveness::sign(&context.tokens, &claims, now)?;
    let grant = NewGrant {
        token_hash: hash(&token),
        session: judgement.session,
        face: person.embedding.clone(),
        previous: person.previous.clone(),
        binding: judgement.binding.clone(),
        assurance: acr,
        attested,
        expires_at: now + TTL,
        attempt: attempt.clone(),
    };
    if context.store.grant_liveness(&grant).await? { Ok(token) } else { Err(Error::VerdictTooLate) }
}

/// Uses up a liveness token and returns the person who was found live, and what the device of the
/// capture proved. A token that is unknown,
/// used, too old, or for another user or purpose gets the same answer.
pub(crate) async fn redeem(
    context: &Context,
    token: LivenessToken,
    username: &Username,
    purpose: Purpose,
) -> Result<(LivePerson, Option<Attested>)> {
    let LivenessToken { token, place } = token;
    let refused = || Error::LivenessToken(place.clone());
    let now = context.now();
    let claims = liveness::open(&context.tokens, &token, now).ok_or_else(refused)?;
    let grant = context.store.redeem_liveness(hash(&token), now).await?.ok_or_else(refused)?;
    let same_face = digest(context, &grant.face) == claims.face();
    let assurance = access::assurance(&grant.assurance).filter(|_| grant.assurance == claims.acr());
    match assurance {
        Some(assurance)
            if same_face
                && grant.session == claims.session()
                && grant.attested == claims.device_attestation()
                && grant.binding.allows(username, purpose) =>
        {
            let (embedding, previous) = (grant.face, grant.previous);
            let person = LivePerson { embedding, previous, assurance, image: None };
            Ok((person, grant.attested))
        }
        _ => Err(refused()),
    }
}

/// What is stored of a token.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Binds a token to a face without saying anything of the face.
fn digest(context: &Context, face: &Embedding) -> String {
    let values: Vec<u8> = face.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    let values = secrecy::zeroize::Zeroizing::new(values);
    let digest =
        context.hashes.of(HashPurpose::SeenFace, &[face.model().as_str().as_bytes(), &values]);
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}
