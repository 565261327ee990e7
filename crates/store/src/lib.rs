//! Rows: accounts, sealed templates, the audit trail, refresh tokens and liveness sessions
//! in Postgres.
//!
//! A [`Store`] is a connection pool with a [`seal::Sealer`]. Its methods are the
//! queries the service needs, grouped by subject: [`users`], [`templates`],
//! [`attempts`], [`failures`], [`tokens`], [`liveness`]; what an account holder asks for stands
//! behind [`account`]. A method that writes more than one row does so in one
//! transaction. "Not found" is `None` or `false`; an error means the store failed.
//!
//! Architecture invariants: only this crate knows diesel; a template leaves the process
//! sealed or not at all; no error, `Debug` or log line holds a URL, a hash or a vector;
//! time comes in as an argument.

#![forbid(unsafe_code)]

pub mod account;
pub mod api_keys;
pub mod attempts;
pub mod clock;
mod connect;
mod connection;
pub mod consents;
pub mod enrolment_images;
pub mod enrolment_tokens;
mod error;
pub mod export;
pub mod failures;
mod health;
pub mod history;
pub mod idempotency;
pub mod liveness;
pub mod migrate;
mod pool;
pub mod reseal;
pub mod reset;
pub mod retention;
mod rows;
#[rustfmt::skip]
mod schema;
pub mod seal;
pub mod sessions;
pub mod sweep;
pub mod templates;
pub mod tokens;
pub mod upgrade;
mod user_keys;
pub mod users;

pub use connect::UrlError;
pub use error::{Cause, StoreError};
pub use pool::{Store, StoreConfig};
