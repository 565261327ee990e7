//! OAuth and OpenID Connect: the requests of clients, and what they are given.
//!
//! | module | what happens |
//! | --- | --- |
//! | [`clients`] | which clients there are |
//! | [`authenticate`] | a client proves that it is the one |

pub mod authenticate;
pub mod clients;
mod error;
pub mod rules;

pub use error::{OauthError, OauthRefusal, OauthResult};
