//! What FaceAuth does: one file a use case, from what was presented to what is stored.
//!
//! | module | what happens |
//! | --- | --- |
//! | [`enrol`] | a new account with its faces; another face for an account |
//! | [`invitation`] | who may enrol where that is not open to everybody |
//! | [`verify`] | a sign-in: is the person at the camera the owner of the claimed name? |
//! | [`liveness`] | handing out steps, judging captures, and the token that carries a verdict |
//! | [`second_factor`] | asking for a passkey after the face or alone, and its answer |
//! | [`passkeys`] | passkeys and recovery codes of an account |
//! | [`session`] | the tokens of a sign-in, their renewal and their end |
//! | [`detect`] | the faces in a picture |
//! | [`oauth`] | clients that sign people in by OpenID Connect |
//! | [`outbox`] | what account holders should hear of, handed to the receiver of the deployment |
//!
//! Every use case takes a [`Context`], which is built once, and answers what it is for or an
//! [`Error`]: what was refused, and which of the presented things it concerns. Decisions are pure
//! functions of `faceauth-domain`; transactions are those of `faceauth-store`.
//!
//! Architecture invariant: there is no HTTP here. Nothing knows status codes, error codes, JSON or
//! the form of a request. Everything that was presented carries the [`Place`] that it came from,
//! and a refusal returns that place unread.

#![forbid(unsafe_code)]

mod analysis;
mod attestation;
mod attestation_rules;
pub mod audit;
mod context;
pub mod detect;
mod device;
pub mod enrol;
pub mod enrolment_token;
mod error;
pub mod events;
mod failures;
pub mod invitation;
pub mod judgement;
mod keyed_hash;
pub mod liveness;
pub mod oauth;
mod off_thread;
pub mod outbox;
pub mod passkeys;
mod presented;
mod proof;
pub mod second_factor;
mod second_factor_rules;
pub mod session;
pub mod verify;

pub use attestation_rules::AttestationRules;
pub use context::{Context, Registration};
pub use error::{Error, InvitationProblem, PictureProblem, Result, SessionProblem};
pub use keyed_hash::{HashPurpose, KeyedHash};
pub use off_thread::BlockingThreads;
pub use presented::{
    Attestation, KeyProof, LiveProof, LivenessSubmission, LivenessToken, Picture, Pictures, Place,
    Presented,
};
pub use second_factor_rules::SecondFactorRules;
