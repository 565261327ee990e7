//! OAuth 2.1 and OpenID Connect: what a client may ask for, and what it is told.
//!
//! A client is an app or a site that signs people in by this service. Its documents call it the
//! relying party.

pub mod client;
pub mod code;
pub mod credential;
pub mod error;
pub mod parameters;
pub mod pkce;
pub mod redirect_uri;
pub mod request;
pub mod scope;
pub mod step_up;
