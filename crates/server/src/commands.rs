//! One file a command.

pub mod api_keys;
pub mod bench;
pub mod calibrate;
pub mod clients;
mod database;
pub mod doctor;
pub mod eval;
pub mod import;
pub mod invite;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod reembed;
pub mod serve;
pub mod users;
pub mod webhooks;
