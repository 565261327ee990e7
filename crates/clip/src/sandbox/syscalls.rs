//! The system calls that decoding needs.
//!
//! An allow list: what a decoder does is known and small, and what an attacker would do is not. It
//! has memory, threads, clocks and files that are open or opened by path, which Landlock answers
//! for. It has no sockets, no new programs and processes, no signals to others, no debugging, no
//! limits or names of others, no mounts, keys, namespaces or filters of its own.

use std::collections::BTreeMap;

use anyhow::Context;
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// Calls that are allowed with all arguments.
const ALLOWED: &[c_long] = &[
    // Files: reading the clip, writing the frames, the clip in memory.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fcntl,
    libc::SYS_ioctl,
    libc::SYS_ftruncate,
    libc::SYS_memfd_create,
    libc::SYS_faccessat,
    libc::SYS_readlinkat,
    libc::SYS_ppoll,
    // Memory.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    // Threads of this process and their locks.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    // Time, chance and what the process has used.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    // Its own signals and its end.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Older calls for the same, which only this architecture has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_poll,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];

#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[c_long] = &[];

/// `prctl` that names memory, for debuggers (Linux 5.17); libc's headers do not have it yet.
const PR_SET_VMA: u64 = 0x5356_4d41;

/// Allows only the calls above. Other calls are answered as by a kernel that does not have them.
/// Libraries then do without, or use an older call. On a kernel without filters, and on an
/// architecture that the filter does not support, all calls stay allowed.
pub fn filter() -> anyhow::Result<()> {
    let Ok(architecture) = std::env::consts::ARCH.try_into() else { return Ok(()) };
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let filter = SeccompFilter::new(rules()?, unknown, SeccompAction::Allow, architecture)?;
    let program = BpfProgram::try_from(filter).context("the filter of system calls")?;
    // A kernel built without it is the only reason to fail.
    let _ = apply_filter(&program);
    Ok(())
}

fn rules() -> anyhow::Result<BTreeMap<c_long, Vec<SeccompRule>>> {
    let always = ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new()));
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = always.collect();
    let equals = |argument: u8, value: u64| {
        let length = SeccompCmpArgLen::Qword;
        SeccompCondition::new(argument, length, SeccompCmpOp::Eq, value)
    };
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    let is_thread =
        SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), thread)?;
    // A thread, and no process.
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![is_thread])?]);
    // Its own limits alone.
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![equals(0, 0)?])?]);
    let names = [u64::from(libc::PR_SET_NAME.unsigned_abs()), PR_SET_VMA];
    let names = names.map(|what| Ok(SeccompRule::new(vec![equals(0, what)?])?));
    rules.insert(libc::SYS_prctl, names.into_iter().collect::<anyhow::Result<_>>()?);
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_reaches_out_is_allowed() {
        let rules = rules().unwrap();
        let dangerous = [
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendto,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone3,
            libc::SYS_kill,
            libc::SYS_tkill,
            libc::SYS_tgkill,
            libc::SYS_pidfd_send_signal,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_mount,
            libc::SYS_bpf,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_perf_event_open,
            libc::SYS_seccomp,
            libc::SYS_userfaultfd,
        ];
        for call in dangerous {
            assert!(!rules.contains_key(&call), "{call}");
        }
        #[cfg(target_arch = "x86_64")]
        for call in [libc::SYS_fork, libc::SYS_vfork] {
            assert!(!rules.contains_key(&call), "{call}");
        }
        // A list without a condition allows everything.
        for call in [libc::SYS_clone, libc::SYS_prlimit64, libc::SYS_prctl] {
            assert!(!rules[&call].is_empty(), "{call}");
        }
    }
}
