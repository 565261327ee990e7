//! The second factor: a passkey, or a recovery code in its place.
//!
//! A face that was recognised is no sign-in where a second factor is asked for. It begins a
//! transaction ([`ask`]) whose secret the client holds for two minutes, at any replica. Its answer
//! ([`answer`]) signs in. A passkey alone begins its transaction without a face.

mod answer;
mod ask;
mod codes;

pub use answer::{FirstPasskey, by_passkey, by_recovery_code, register_first};
pub use ask::{Asked, Next, begin_alone};

pub(crate) use answer::{found, new_passkey, refuse, registered};
pub(crate) use ask::{Pending, after, register, show};
pub(crate) use codes::NewCodes;
