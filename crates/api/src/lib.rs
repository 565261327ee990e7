//! The HTTP surface of FaceAuth and its OpenAPI document.
//!
//! [`serve`] takes resolved [`settings`] and the [`Services`] behind them. An endpoint is
//! one file under `endpoints`: its request and answer, its documentation and its
//! handler, which reads as a sentence. What happens is decided in `flow`, which knows
//! no HTTP. Every refusal is an [`error::ErrorCode`].
//!
//! Architecture invariant: only this crate knows actix, utoipa and jsonwebtoken; it
//! knows neither OpenCV nor ONNX Runtime, so its tests run on a scripted analyzer.

#![forbid(unsafe_code)]

pub mod api_key;
mod app;
mod auth;
mod budget;
mod drain;
mod endpoints;
pub mod error;
mod events;
mod extract;
mod flow;
mod foreign;
#[cfg(test)]
mod fuzz;
mod headers;
mod limit;
mod openapi;
mod page;
mod places;
mod router;
mod routes;
pub mod settings;
mod state;
mod telemetry;
mod tokens;

pub use app::serve;
pub use openapi::openapi_json;
pub use state::Services;
pub use tokens::{SignerError, TokenKeys, TokenSigner};
