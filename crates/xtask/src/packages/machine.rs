//! Kinds of machines, and packages that exist once for each of them.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Package, Registry, Wheel};

/// The kinds of machines that set-up knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Intel and AMD with 64 bits.
    X86_64,
    /// ARM with 64 bits.
    Aarch64,
}

impl Machine {
    /// The machine that this program was built for.
    ///
    /// # Errors
    /// When nothing is pinned for it.
    pub fn here() -> Result<Machine> {
        let name = std::env::consts::ARCH;
        Machine::named(name).with_context(|| format!("nothing is pinned for {name}"))
    }

    fn named(name: &str) -> Option<Machine> {
        match name {
            "x86_64" => Some(Machine::X86_64),
            "aarch64" => Some(Machine::Aarch64),
            _ => None,
        }
    }
}

/// A package of compiled programs: a wheel for each kind of machine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    registry: Registry,
    name: String,
    version: String,
    python: String,
    x86_64: Build,
    aarch64: Build,
}

/// What differs between machines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    file: String,
    size: u64,
    sha256: String,
    platforms: Vec<String>,
}

impl Program {
    /// The package for one kind of machine.
    pub(super) fn on(self, machine: Machine) -> Package {
        let Build { file, size, sha256, platforms } = match machine {
            Machine::X86_64 => self.x86_64,
            Machine::Aarch64 => self.aarch64,
        };
        Package {
            registry: self.registry,
            name: self.name,
            version: self.version,
            file,
            size,
            sha256,
            wheel: Some(Wheel { python: self.python, platforms }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_its_name() {
        assert_eq!(Machine::named("aarch64"), Some(Machine::Aarch64));
        assert_eq!(Machine::named("x86_64"), Some(Machine::X86_64));
        assert_eq!(Machine::named("riscv64"), None);
        assert!(Machine::here().is_ok());
    }
}
