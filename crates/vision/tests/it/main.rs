//! The vision crate on real weights and real photos.

mod decode;
mod golden;
mod head;
mod liveness;
mod models;
mod photos;
mod support;
mod worker;
