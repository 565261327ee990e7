//! What the process can still do once it has given everything up that the kernel can take.
//!
//! Not a list of what was asked for: each thing is tried, as an attacker would. Run by
//! `faceauth-clip --confinement`, for the operator's eyes and for tests.

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use faceauth_clip_wire::confinement;
use rustix::process::{getppid, getpriority_process, test_kill_process};

/// Tries everything and writes a line for each: `closed` or `open`, and what.
pub fn report(out: &mut impl Write) -> std::io::Result<()> {
    let parent = getppid();
    let tried = [
        ("files", File::open("/proc/self/status").is_ok() || File::open("/etc/hostname").is_ok()),
        (
            "network",
            TcpListener::bind("127.0.0.1:0").is_ok()
                || UdpSocket::bind("127.0.0.1:0").is_ok()
                || UnixDatagram::unbound().is_ok(),
        ),
        ("programs", Command::new("/proc/self/exe").spawn().is_ok()),
        ("signals", parent.is_some_and(|parent| test_kill_process(parent).is_ok())),
        // Harmless, and needed by no decoder: an example for the rest of the kernel.
        ("system-calls", getpriority_process(None).is_ok()),
    ];
    confinement::write(out, &tried)
}
