//! The lower floor: a file a table, with its rows and the statements that touch it.
//!
//! A statement takes a connection and knows of no transaction. What several of them mean together
//! stands above, in a file named by it.

pub mod api_keys;
pub(crate) mod consents;
pub mod enrolment_tokens;
pub(crate) mod liveness_frames;
pub mod refresh_tokens;
pub(crate) mod rows;
pub mod templates;
pub(crate) mod user_keys;
