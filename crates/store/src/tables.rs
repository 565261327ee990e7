//! The lower floor: a file a table, with its rows and its statements.
//!
//! A statement takes a connection and begins no transaction. What several of them mean together
//! stands above, in a file with the name of that meaning.

pub mod api_keys;
pub(crate) mod attempts;
pub(crate) mod attested_keys;
pub(crate) mod authorization_codes;
pub(crate) mod authorization_requests;
pub(crate) mod client_assertions;
pub(crate) mod client_consents;
pub(crate) mod clients;
pub(crate) mod consents;
pub(crate) mod enrolment_images;
pub(crate) mod enrolment_tokens;
pub(crate) mod factor_transactions;
pub(crate) mod failures;
pub(crate) mod idempotency_keys;
pub(crate) mod invitations;
pub(crate) mod liveness_frames;
pub(crate) mod liveness_grants;
pub(crate) mod liveness_sessions;
pub(crate) mod login_sessions;
pub(crate) mod outbox;
pub(crate) mod partitions;
pub(crate) mod passkeys;
pub(crate) mod recovery_codes;
pub(crate) mod refresh_tokens;
pub(crate) mod rows;
pub(crate) mod templates;
pub(crate) mod user_keys;
pub(crate) mod users;
