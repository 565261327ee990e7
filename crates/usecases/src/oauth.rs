//! OAuth and OpenID Connect: the requests of clients, and what they are given.

mod error;

pub use error::{OauthError, OauthRefusal, OauthResult};
