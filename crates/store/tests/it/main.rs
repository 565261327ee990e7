//! The store against a real Postgres. One binary, so that it links once.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

mod account;
mod api_keys;
mod attestation;
mod authorize;
mod clients;
mod consents;
mod enrolment;
mod enrolment_images;
mod erasure;
mod faces;
mod failures;
mod frames;
mod idempotency;
mod interrupted;
mod invitations;
mod liveness;
mod liveness_grants;
mod migrations;
mod months;
mod outage;
mod outbox;
mod partitions;
mod plans;
mod pooler;
mod privileges;
mod reseal;
mod retention;
mod role;
mod schema;
mod secrets;
mod seed;
mod session_months;
mod sign_in;
mod silence;
mod support;
mod sweep;
mod tokens;
mod turns;
mod unwritable;
mod upgrade;
