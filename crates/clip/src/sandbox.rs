//! What the process gives up before it reads anything.

mod syscalls;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use rustix::thread::set_no_new_privs;

/// Most address space: the libraries map about 400 MB without using them, and the largest clip
/// that is allowed is decoded within 600, of which 145 are memory.
const ADDRESS_SPACE: u64 = 1_024 * 1024 * 1024;

/// Most seconds of CPU, of all threads together: the largest clip that is allowed takes one, and five
/// on a machine whose cores are shared with many others.
const CPU_SECONDS: u64 = 15;

/// Most open files: the three standard streams, the clip, and what a library opens.
const OPEN_FILES: u64 = 16;

/// Most bytes of a file that is written: the clip in memory.
const FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Limits the process and takes its rights away. A restriction that the kernel does not know is
/// left out. The limits are never left out: every kernel knows them, and they keep a hostile clip
/// from harming the service's availability. `confinement` finds out what was left out.
pub fn enter() -> anyhow::Result<()> {
    let limits = [
        (Resource::As, ADDRESS_SPACE),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Fsize, FILE_BYTES),
        // A core dump would hold faces.
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        // A limit that an administrator has set lower cannot be raised.
        let most = Some(getrlimit(resource).maximum.map_or(most, |least| least.min(most)));
        setrlimit(resource, Rlimit { current: most, maximum: most })?;
    }
    set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // When the parent has ended, nobody waits for the frames.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    no_rights()?;
    syscalls::filter()
}

/// Closes the file system: keys and configuration cannot be read, and nothing can be written. Files
/// without a path, such as pipes and memory, stay open (Landlock's rule). Where the kernel is able
/// to, it also closes TCP, signals to other processes, and abstract sockets.
fn no_rights() -> anyhow::Result<()> {
    // The newest version with all three; of an older kernel what it has.
    let newest = ABI::V6;
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?
        .restrict_self()?;
    Ok(())
}
