//! The HTTP surface over real HTTP and a real Postgres, with a scripted analyzer.

mod account;
mod app;
mod bodies;
mod budget;
mod cascade;
mod database;
mod doors;
mod ended;
mod errors;
mod events;
mod failures;
mod form;
mod keys;
mod labels;
mod lifecycle;
mod limits;
mod liveness;
mod liveness_proof;
mod log;
mod page;
mod privacy;
mod services;
mod sign_in;
mod skew;
mod slow;
mod upgrade;
