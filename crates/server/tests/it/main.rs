//! The binary itself: real photos through real weights into a real Postgres over HTTP.

mod ahead;
mod backup;
mod bench;
mod challenge;
mod chaos;
mod client;
mod configuration;
mod deploy;
mod doctor;
mod drain;
mod eval;
mod faults;
mod import;
mod liveness;
mod logs;
mod observability;
mod pooler;
mod proxy;
mod reembed;
mod road;
mod server;
mod soak;
mod timing;
mod upkeep;
mod webhooks;
