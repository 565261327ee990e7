//! What FaceAuth measures of itself.
//!
//! - [`metrics`] is the one table of metrics: every name, with its kind, its labels and its meaning.
//!   Each line of the table is a function, so nothing can be counted that is not in it.
//! - [`label`] has the words that labels may carry. Each is one of a closed list, and none comes
//!   out of a request.
//! - [`stage`] and [`guard`] measure how long a part of the work takes, and what is going on now.
//! - [`trace`] carries the identity of a trace between services (W3C Trace Context).
//! - [`document`] writes docs/metrics.md.
//!
//! Libraries call this crate. It knows the facades `metrics` and `tracing`, and no exporter. When
//! the binary installs none, every call here does nothing.

#![forbid(unsafe_code)]

pub mod document;
pub mod guard;
pub mod label;
pub mod metrics;
pub mod stage;
pub mod trace;
