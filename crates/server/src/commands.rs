//! One file a command.

mod database;
pub mod doctor;
pub mod eval;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod serve;
pub mod users;
