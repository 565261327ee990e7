//! What every report is drawn and laid out with.

pub(crate) mod chart;
pub(crate) mod page;
pub(crate) mod timeline;
