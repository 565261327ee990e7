//! Wire forms: what several endpoints take or answer, as it stands in JSON.

pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod face;
pub(crate) mod health;
pub(crate) mod idempotency_key;
pub(crate) mod invitation;
pub(crate) mod liveness;
pub(crate) mod oidc;
pub(crate) mod presented;
pub(crate) mod presented_token;
pub(crate) mod second_factor;
pub(crate) mod tokens;
pub(crate) mod user;
pub(crate) mod username;
pub(crate) mod webauthn;
