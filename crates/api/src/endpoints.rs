//! One file an endpoint: what it takes, what it answers, its documentation, its handler. What
//! several endpoints take or answer is in `wire`.

pub(crate) mod add_face;
pub(crate) mod capture_limits;
pub(crate) mod detect;
pub(crate) mod docs;
pub(crate) mod end_session;
pub(crate) mod erase_me;
pub(crate) mod export_me;
pub(crate) mod grant_consent;
pub(crate) mod healthz;
pub(crate) mod invite;
pub(crate) mod judge_liveness;
pub(crate) mod jwks;
pub(crate) mod list_attempts;
pub(crate) mod list_faces;
pub(crate) mod list_sessions;
pub(crate) mod me;
pub(crate) mod open_liveness_session;
pub(crate) mod read_invitation;
pub(crate) mod readyz;
pub(crate) mod refresh_token;
pub(crate) mod register;
pub(crate) mod register_batch;
pub(crate) mod remove_face;
pub(crate) mod reset_account;
pub(crate) mod revoke_token;
pub(crate) mod security_txt;
pub(crate) mod verify;
pub(crate) mod withdraw_consent;
