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
pub mod audit;
pub mod clock;
mod connect;
mod connection;
pub mod enrol;
mod error;
pub mod export;
pub mod failures;
mod health;
pub mod liveness;
pub mod migrate;
mod pool;
pub mod reembed;
pub mod replay;
pub mod reseal;
pub mod reset;
pub mod retire;
#[rustfmt::skip]
mod schema;
pub mod seal;
pub mod sessions;
pub mod sign_in;
pub mod sweep;
mod tables;
pub mod upgrade;

pub use connect::UrlError;
pub use error::{Cause, StoreError};
pub use pool::{Store, StoreConfig};
pub use tables::refresh_tokens as tokens;
pub use tables::{api_keys, enrolment_tokens, templates};
pub use {audit as history, enrol as users, replay as idempotency, retire as retention};
pub use {reembed as enrolment_images, sign_in as attempts};
