//! Attestations of devices that do not exist, whole and with one thing altered.

#![allow(clippy::unwrap_used)]

mod android;
mod apple;
mod roots;

use chrono::{DateTime, Utc};
use faceauth_attestation::roots::Roots;
use faceauth_attestation::statement::{Part, Statement};
use faceauth_test_support::attested;

/// A nonce as the service makes them.
const NONCE: &str = "k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE";
/// Frames with their times.
const FRAMES: [(u32, &[u8]); 3] = [(0, b"first"), (400, b"second"), (800, b"third")];

/// When it is: 2026-11-27.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_737_600, 0).unwrap()
}

fn roots(certificate: Vec<u8>) -> Roots {
    Roots::from_pem(attested::pem(&[certificate]).as_bytes()).unwrap()
}

fn statement(nonce: &str, frames: &[(u32, &[u8])]) -> Statement {
    let parts: Vec<Part> = frames.iter().map(|(t_ms, file)| Part::of(file, *t_ms)).collect();
    Statement::of_frames(nonce, &parts)
}

/// Statements that differ from that of [`NONCE`] and [`FRAMES`] in one thing.
fn others() -> Vec<(&'static str, Statement)> {
    let [first, second, third] = FRAMES;
    vec![
        ("one frame", statement(NONCE, &[first, (400, b"secone"), third])),
        ("one time", statement(NONCE, &[first, (401, b"second"), third])),
        ("the order", statement(NONCE, &[first, (400, b"third"), (800, b"second")])),
        ("a frame less", statement(NONCE, &[first, second])),
        ("a frame more", statement(NONCE, &[first, second, third, (900, b"third")])),
        ("a clip", Statement::of_clip(NONCE, b"first")),
    ]
}

#[test]
fn the_documented_bytes_are_the_ones_that_count() {
    assert_eq!(statement(NONCE, &FRAMES).bytes(), attested::statement(NONCE, &FRAMES));
}
