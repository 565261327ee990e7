//! OAuth and OpenID Connect: the requests of clients, and what they are given.
//!
//! | module | what happens |
//! | --- | --- |
//! | [`clients`] | which clients there are |
//! | [`connected`] | the account holder sees the clients and takes back what they were given |
//! | [`authenticate`] | a client proves that it is the one |
//! | [`authorize`] | a browser brings a request; it waits for the person |
//! | [`login`] | the page shows the request, and the person accepts or refuses |
//! | [`token`] | a client redeems a code, or renews a session |
//! | [`userinfo`] | a client asks who it is |
//! | [`introspect`] | a client or its API asks what a token is worth |
//! | [`revoke`] | a client gives a token back |
//! | [`logout`] | a client sends the browser to log out |
//! | [`secret`] | an operator makes what it proves that with |

pub mod authenticate;
pub mod authorize;
pub mod clients;
pub mod connected;
mod error;
pub mod introspect;
pub mod login;
pub mod logout;
pub mod revoke;
pub mod rules;
pub mod secret;
mod subject;
pub mod token;
pub mod userinfo;

pub use error::{OauthError, OauthRefusal, OauthResult};
