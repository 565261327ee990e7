//! What a key in a person's device proves (WebAuthn Level 3).
//!
//! A ceremony has two halves. The first makes options for the browser and a state that stays with
//! the service. The second takes what the browser answered to these options, with that state. The
//! cryptography is `webauthn-rs`. This crate says what FaceAuth asks of it: the device verifies its
//! user in every ceremony, no device has to attest its make, and any passkey may be found without a
//! name.
//!
//! | module | subject |
//! | --- | --- |
//! | [`relying_party`] | the ceremonies |
//! | [`credential`] | a public key and what is known of its device |
//! | [`state`] | what is kept between the halves |
//! | [`flaw`] | why an answer proves nothing |

#![forbid(unsafe_code)]

pub mod credential;
pub mod flaw;
pub mod relying_party;
pub mod state;

pub use credential::{Credential, Shown};
pub use flaw::Flaw;
pub use relying_party::{Begun, Owner, RelyingParty, SettingsError};
pub use state::CeremonyState;
