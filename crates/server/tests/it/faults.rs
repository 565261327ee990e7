//! Faults that a deployment meets, injected into the running binary: what was confirmed is there
//! afterwards, nothing is done twice, and everybody is answered.

mod hung;
mod kills;
mod silence;
