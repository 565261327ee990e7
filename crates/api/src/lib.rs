//! The HTTP surface of FaceAuth and its OpenAPI document.
//!
//! [`serve`] takes resolved [`settings`] and the [`Services`] behind them. An endpoint is
//! one file under `endpoints`: its request and answer, its documentation and its
//! handler, which reads as a sentence. What several endpoints take or answer is in `wire`. What
//! happens is decided in `faceauth-usecases`, which knows no HTTP. Every refusal is an
//! [`error::ErrorCode`].
//!
//! Each file stands above all it imports: `error`, `problems` and `wire` are the ground; `auth`,
//! `limit`, `places` and `extract` read a request; `endpoints` stand on these, `routes` on the
//! endpoints, and `openapi`, `router` and `app` on the routes.
//!
//! Architecture invariant: only this crate knows actix and utoipa; it knows neither OpenCV nor
//! ONNX Runtime, so its tests run on a scripted analyzer.

#![forbid(unsafe_code)]

pub mod api_key;
mod app;
mod auth;
mod budget;
mod connections;
mod cross_origin;
mod deliver;
mod discard;
mod drain;
mod endpoints;
pub mod error;
mod extract;
mod foreign;
#[cfg(test)]
mod fuzz;
mod header_names;
mod headers;
mod limit;
mod openapi;
mod page;
mod places;
mod problems;
mod router;
mod routes;
mod scrape;
mod services;
pub mod settings;
mod source;
mod telemetry;
mod upkeep;
mod wire;

pub use app::serve;
pub use drain::Drain;
pub use faceauth_tokens::{SignerError, TokenKeys, TokenSigner};
pub use faceauth_usecases::invitation;
pub use faceauth_usecases::oauth::secret as client_secret;
pub use faceauth_usecases::outbox::{EventReceiver, NotTaken, Receiving};
pub use openapi::openapi_json;
pub use scrape::serve_metrics;
pub use services::Services;
