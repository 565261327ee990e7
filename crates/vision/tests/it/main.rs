//! The vision crate on real weights and real photos.

mod ahead;
mod appearance;
mod bring_your_own;
mod decode;
mod eyes;
mod face_image;
mod fuzz;
mod golden;
mod head;
mod liveness;
mod models;
mod onnx;
mod photos;
mod second_person;
mod settlement;
mod support;
mod worker;
