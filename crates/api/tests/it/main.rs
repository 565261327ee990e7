//! The HTTP surface over real HTTP and a real Postgres, with a scripted analyzer.

mod account;
mod app;
mod bodies;
mod errors;
mod limits;
mod page;
mod privacy;
mod sign_in;
