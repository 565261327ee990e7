//! Pixels to evidence.
//!
//! One straight line: [`decode`] turns bytes into a [`frame::Frame`], [`detect`] finds
//! faces, [`landmarks`] refines five points on each, [`align`] makes the matcher's crop,
//! [`quality`] measures it, [`embed`] and [`pad`] run on the one subject. [`pipeline`]
//! composes them and [`worker`] puts the pipeline behind the
//! [`faceauth_domain::analyzer::FaceAnalyzer`] port. What each graph expects stands in
//! the [`manifest`], not in code.
//!
//! Architecture invariant: the only crate that knows ONNX Runtime and OpenCV, and it
//! does not know HTTP or the database.

#![deny(unsafe_code)]

pub mod align;
mod appearance;
pub mod clip;
mod crop;
pub mod decode;
mod detail;
pub mod detect;
pub mod embed;
pub mod error;
pub mod eyes;
mod face_image;
pub mod frame;
mod halved;
pub mod landmarks;
pub mod manifest;
mod motion;
pub mod pad;
pub mod pipeline;
pub mod pose;
mod processor;
pub mod quality;
mod queue;
pub mod session;
pub mod shrink;
mod tensor;
mod wiped;
pub mod worker;

pub use error::VisionError;
