//! What happens, without HTTP: one file a use case. Nothing here imports actix.

pub(crate) mod analysis;
pub(crate) mod audit;
pub(crate) mod detect;
pub(crate) mod device;
pub(crate) mod enrolment_token;
pub(crate) mod faces;
pub(crate) mod failures;
pub(crate) mod liveness;
pub(crate) mod proof;
pub(crate) mod register;
pub(crate) mod session;
pub(crate) mod verify;
