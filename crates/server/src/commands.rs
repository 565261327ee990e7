//! One file a command.

pub mod doctor;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod serve;
