//! What happens, without HTTP: one file a use case. Nothing here imports actix.

pub(crate) mod analysis;
pub(crate) mod audit;
pub(crate) mod detect;
pub(crate) mod device;
pub(crate) mod enrolment_token;
pub(crate) mod faces;
pub(crate) mod failures;
pub(crate) mod liveness;
pub(crate) mod proof;
pub(crate) mod register;
pub(crate) mod session;
pub(crate) mod verify;

use std::net::IpAddr;

use crate::state::{AppState, HashPurpose};

/// Bytes kept of a client's hash: enough to tell repeats apart.
const CLIENT_HASH_BYTES: usize = 16;

/// The keyed hash that stands for a client address in the audit trail.
pub(crate) fn client_hash(state: &AppState, client: Option<IpAddr>) -> Vec<u8> {
    let text = client.map(|address| address.to_string()).unwrap_or_default();
    let hash = state.keyed_hash(HashPurpose::Client, &[text.as_bytes()]);
    hash[..CLIENT_HASH_BYTES].to_vec()
}
