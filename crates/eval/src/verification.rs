//! How often strangers pass and users fail, on labelled pictures (ISO/IEC 19795-1).
//!
//! [`protocol`] says which pictures are compared, [`samples`] embeds them with the service's own
//! pipeline, [`scores`] compares them, [`rates`] counts errors at every threshold, [`report`] writes
//! it all down. A picture without a usable face is an error of the system and is counted as one.

pub mod acquired;
pub mod cache;
pub mod calibrate;
pub mod protocol;
pub mod rates;
pub mod report;
pub mod samples;
pub mod scores;
