//! How the C allocator treats large blocks.
//!
//! Pictures, tensors and weights are blocks of many megabytes that come and go. glibc
//! raises the size from which a block has a mapping of its own each time such a block is
//! freed, up to 32 MiB; from then on large blocks come from heaps that fragment and are
//! never given back. Fixed thresholds keep the resident memory at what is in use: with the
//! shipped weights one worker's sessions hold 70 MB instead of 118.

/// Blocks of this size and above have a mapping of their own: pictures and weights, but not the
/// tensors and crops that every analysis asks for anew. With glibc's first value, 128 KiB, the
/// kernel clears pages for those each time, which takes 3 to 4 % of an analysis. With 4 MiB, 12 MB
/// more stay resident.
#[cfg(target_env = "gnu")]
const MMAP_THRESHOLD: libc::c_int = 1024 * 1024;
/// Free space at the end of a heap that is given back: room for the blocks of one analysis stays.
#[cfg(target_env = "gnu")]
const TRIM_THRESHOLD: libc::c_int = 8 * 1024 * 1024;
/// Heaps; glibc would make eight a core, and each keeps its own free blocks.
#[cfg(target_env = "gnu")]
const ARENAS: libc::c_int = 2;

/// Fixes the thresholds. Call before any thread is started.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "mallopt has no safe wrapper")]
pub fn return_large_blocks() {
    // SAFETY: mallopt is called with documented parameters and values, before any other
    // thread exists; it fails by returning 0, and then the defaults stay.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MMAP_THRESHOLD);
        libc::mallopt(libc::M_TRIM_THRESHOLD, TRIM_THRESHOLD);
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// Other allocators are left alone.
#[cfg(not(target_env = "gnu"))]
pub fn return_large_blocks() {}
