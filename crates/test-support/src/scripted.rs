//! Scripted ports.
