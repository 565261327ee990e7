//! The machine: processor, memory, open files.

use std::fs;
use std::thread::available_parallelism;

use faceauth_vision::worker::WorkerSettings;
use rustix::process::{Resource, getrlimit};

use super::finding::Finding;
use crate::config::Config;

/// Memory of the service without workers, in MiB (docs/performance.md).
const BASE_MIB: u64 = 60;
/// Memory of one worker, in MiB: its copies of the weights and one picture.
const WORKER_MIB: u64 = 45;
/// Memory of the process that decodes a worker's clip, at its peak, in MiB.
const CLIP_MIB: u64 = 150;
/// The largest body, in MiB.
const BODY_MIB: u64 = 10;

/// Least number of files that may be open: what Linux gives every process. Each client takes one,
/// and so does each connection to the database.
const LEAST_FILES: u64 = 1024;

/// Everything about the machine.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let cores = available_parallelism().map_or(1, usize::from);
    let workers = config.models.workers.unwrap_or(cores);
    vec![
        processor(&features()),
        threads(workers, config.models.session_threads, cores),
        memory(workers, config.server.max_in_flight, memory_limit()),
        files(getrlimit(Resource::Nofile).current),
    ]
}

/// What the models run faster with, and whether this processor has it.
fn features() -> Vec<(&'static str, bool)> {
    #[cfg(target_arch = "x86_64")]
    return vec![
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("AVX-512", is_x86_feature_detected!("avx512f")),
        ("VNNI", is_x86_feature_detected!("avx512vnni")),
    ];
    #[cfg(target_arch = "aarch64")]
    return vec![
        ("NEON", std::arch::is_aarch64_feature_detected!("neon")),
        ("dot products", std::arch::is_aarch64_feature_detected!("dotprod")),
    ];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    Vec::new()
}

/// The first of the features is the one that analysis is several times slower without.
fn processor(features: &[(&'static str, bool)]) -> Finding {
    let with: Vec<&str> = features.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
    match features {
        [(first, false), ..] => Finding::poor(
            "processor",
            format!("it has no {first}, so that analysis takes several times as long"),
            "use a processor of 2015 or later. A virtual machine must be shown the features of \
             its host (CPU type `host`).",
        ),
        _ => Finding::good("processor", with.join(", ")),
    }
}

fn threads(workers: usize, session_threads: usize, cores: usize) -> Finding {
    let detail = format!("{workers} workers of {session_threads} threads on {cores} cores");
    if workers * session_threads > cores.max(WorkerSettings::SESSION_THREADS) {
        Finding::poor(
            "workers",
            detail,
            "set `models.workers` to the number of cores, and `models.session_threads` to 1. \
             More threads than cores make everybody wait longer.",
        )
    } else {
        Finding::good("workers", detail)
    }
}

fn memory(workers: usize, bodies: usize, limit: Option<u64>) -> Finding {
    let each = WORKER_MIB + CLIP_MIB;
    let most = BASE_MIB + each * workers as u64 + BODY_MIB * bodies as u64;
    match limit.map(|bytes| bytes >> 20) {
        None => Finding::good("memory", format!("up to {most} MiB, without a limit")),
        Some(limit) if limit < most => Finding::poor(
            "memory",
            format!("the limit is {limit} MiB, and at its peak the service may take {most}"),
            "raise the limit, or lower `models.workers` or `server.max_in_flight`. The kernel \
             ends a process that goes beyond.",
        ),
        Some(limit) => Finding::good("memory", format!("up to {most} MiB of {limit}")),
    }
}

/// The limit of the control group (version 2), in bytes; `None` without one.
fn memory_limit() -> Option<u64> {
    fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok()
}

/// `None` is no limit.
fn files(limit: Option<u64>) -> Finding {
    match limit {
        Some(limit) if limit < LEAST_FILES => Finding::poor(
            "open files",
            format!("at most {limit}"),
            "raise the limit (`ulimit -n 65536`, or `LimitNOFILE=65536` in the unit). Clients \
             beyond it cannot connect.",
        ),
        Some(limit) => Finding::good("open files", format!("at most {limit}")),
        None => Finding::good("open files", "without a limit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(finding: &Finding) -> String {
        finding.to_string().chars().take(4).collect()
    }

    #[test]
    fn says_what_is_too_little() {
        assert_eq!(begins(&processor(&[("AVX2", true), ("VNNI", false)])), "ok  ");
        assert_eq!(begins(&processor(&[("AVX2", false), ("VNNI", false)])), "warn");
        assert_eq!(begins(&threads(2, 1, 2)), "ok  ");
        assert_eq!(begins(&threads(3, 1, 2)), "warn");
        assert_eq!(begins(&threads(2, 2, 2)), "warn");
        assert_eq!(begins(&memory(2, 16, None)), "ok  ");
        assert_eq!(begins(&memory(2, 16, Some(610 << 20))), "ok  ");
        assert_eq!(begins(&memory(2, 16, Some(609 << 20))), "warn");
        assert_eq!(begins(&files(Some(1023))), "warn");
        assert_eq!(begins(&files(Some(1024))), "ok  ");
        assert_eq!(begins(&files(None)), "ok  ");
    }
}
