//! What a sign-in costs: latency, throughput, processor and memory under load.
//!
//! [`drive`] sends work at its own pace or as fast as it is answered, [`process`] watches what it costs
//! the server, [`report`] writes it down.

pub mod drive;
pub mod process;
pub mod report;
