//! Wire forms: what several endpoints take or answer, as it stands in JSON.

pub(crate) mod liveness;
pub(crate) mod presented;
