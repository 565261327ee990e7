//! The database: accounts, sealed templates, the audit trail, refresh tokens and liveness sessions
//! in Postgres.
//!
//! A [`Store`] is a connection pool with a [`seal::Sealer`]. Its methods are what the service asks
//! of the database. Each stands in the file that is named by its meaning:
//!
//! - a person begins: [`invite`], [`enrol`], [`replay`] of a registration, [`lookup`] of a claimed name;
//! - a person signs in: [`failures`] that are counted, [`liveness`] captures and their
//!   [`attestation`], [`sign_in`], and the [`second_factor`] where one is asked for;
//! - a session goes on: [`rotate`], [`sessions`];
//! - a client signs a person in: they [`authorize`] it, and it comes to [`redeem`] its code;
//! - it asks about its session, or ends it: [`client_sessions`];
//! - an account holder sees and changes what is held, by the door of [`account`]: [`faces`],
//!   [`passkeys`], consent, [`audit`], [`export`], erasure;
//! - an operator acts: [`reset`] of an account, [`reseal`] with another key, [`reembed`] and
//!   [`upgrade`] with another model, [`api_keys`] of services, [`clients`] that sign people in;
//! - an account holder hears of it: the [`outbox`] of webhooks;
//! - an operator asks whether the role of the service may do all of this: [`Store::lacking_grants`];
//! - time passes: [`sweep`] of what has expired, [`retire`] of what was kept long enough.
//!
//! Below these stand the tables, a file each. A method that writes more than one row does so in
//! one transaction. "Not found" is `None` or `false`; an error means that the store failed.
//! Migrations are in [`migrate`], the time of the database in [`clock`].
//!
//! Architecture invariants: only this crate knows diesel; a template leaves the process
//! sealed or not at all; no error, `Debug` or log line holds a URL, a hash or a vector;
//! time comes in as an argument.

#![forbid(unsafe_code)]

pub mod account;
pub mod attestation;
pub mod audit;
pub mod authorize;
mod batches;
pub mod capacity;
pub mod client_sessions;
pub mod clients;
pub mod clock;
mod connect;
mod connection;
mod consent;
pub mod enrol;
mod erase;
mod error;
pub mod export;
pub mod faces;
pub mod failures;
mod health;
pub mod invite;
pub mod limits;
mod link;
pub mod liveness;
pub mod lookup;
pub mod migrate;
pub mod outbox;
pub mod partitions;
pub mod passkeys;
mod pool;
pub mod pooler;
mod privileges;
pub mod redeem;
pub mod reembed;
pub mod replay;
pub mod reseal;
pub mod reset;
pub mod retire;
pub mod rotate;
#[rustfmt::skip]
mod schema;
pub mod seal;
pub mod second_factor;
pub mod seed;
pub mod sessions;
pub mod sign_in;
pub mod sweep;
mod tables;
mod turn;
pub mod upgrade;

pub use connect::UrlError;
pub use error::{Cause, StoreError};
pub use pool::{PoolUse, Store, StoreConfig};
pub use tables::api_keys;
