//! How a client knows a person.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use faceauth_domain::oauth::client::Client;
use faceauth_domain::user::UserId;

use crate::context::Context;
use crate::keyed_hash::HashPurpose;

/// `sub` for this client: the id of the account, or what no other sector can tell it by (OpenID
/// Connect Core, 8.1).
pub(super) fn of(context: &Context, client: &Client, user: UserId) -> String {
    match client.sector() {
        None => user.to_string(),
        Some(sector) => {
            let parts = [sector.as_bytes(), user.0.as_bytes()];
            let hash = context.hashes.of(HashPurpose::PairwiseSubject, &parts);
            BASE64_URL_SAFE_NO_PAD.encode(hash)
        }
    }
}
