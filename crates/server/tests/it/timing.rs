//! Whether the time of a refusal tells why it was one.
//!
//! Four kinds of failed sign-in take turns in an order that is drawn anew each round, so that
//! whatever else the machine does meets all of them. Two kinds are compared by Cliff's delta:
//! the chance that a request of one takes longer than one of the other, less the chance of the
//! opposite; 0 when time tells nothing, 1 when it tells everything. With 120 requests of each
//! the delta of two equal kinds has a standard deviation of 0.075, so chance does not reach
//! 0.4, which stands for a difference of three quarters of a standard deviation: an attacker
//! would need dozens of requests for one name, of which five are free. Measured on a quiet
//! machine: at most 0.24 in seven runs, an unknown name a little faster.

use std::time::{Duration, Instant};

use faceauth_test_support::photos;

use crate::server::Server;

/// Requests of each kind.
const ROUNDS: usize = 120;

/// The largest difference that is let pass.
const LARGEST_DELTA: f64 = 0.4;

/// Names, and sign-ins that have failed for them before.
const KINDS: [(&str, i32); 4] =
    [("stranger", 1), ("nobody.there", 1), ("no.face", 1), ("locked", 50)];

/// How much more often a request of `a` takes longer than one of `b`.
fn cliffs_delta(a: &[Duration], b: &[Duration]) -> f64 {
    let sign = |x: &Duration, y: &Duration| match x.cmp(y) {
        std::cmp::Ordering::Less => -1.0,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => 1.0,
    };
    let sum: f64 = a.iter().flat_map(|x| b.iter().map(move |y| sign(x, y))).sum();
    sum / (a.len() * b.len()) as f64
}

#[test]
fn the_delta_of_known_samples() {
    let ms = |values: &[u64]| values.iter().map(|v| Duration::from_millis(*v)).collect::<Vec<_>>();
    assert_eq!(cliffs_delta(&ms(&[1, 2]), &ms(&[3, 4])), -1.0);
    assert_eq!(cliffs_delta(&ms(&[1, 4]), &ms(&[2, 3])), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_take_the_same_time_whatever_their_reason() {
    let server = Server::start("timing").await;
    // One picture for all: another would take another time. The locked name is its owner's.
    let (obama, probe) = (photos::bytes(photos::OBAMA), photos::bytes(photos::BIDEN));
    for (name, face) in [("stranger", &obama), ("no.face", &obama), ("locked", &probe)] {
        assert_eq!(server.register(name, face).status, 201);
    }
    let client = server.database().client().await;
    client
        .batch_execute(
            "DELETE FROM templates USING users WHERE users.id = user_id AND username = 'no.face'",
        )
        .await
        .expect("deleted");

    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut order = 0x2545_F491_u32;
    for _ in 0..ROUNDS {
        for position in 0..KINDS.len() {
            // Any permutation is as good as another; xorshift draws where each begins.
            order ^= order << 13;
            order ^= order >> 17;
            order ^= order << 5;
            let kind = (position + (order >> 8) as usize) % KINDS.len();
            let (name, failures) = KINDS[kind];
            // The same row for each, so that no kind waits, none has spent its budget and one is locked.
            let set = format!(
                "INSERT INTO failures VALUES \
                 ('{name}', '00000000-0000-0000-0000-000000000000', {failures}, NULL, now()) \
                 ON CONFLICT (username_key, device) \
                 DO UPDATE SET in_a_row = {failures}, pending = 0, blocked_until = NULL, \
                 budget_full_at = NULL"
            );
            client.batch_execute(&set).await.expect("set");
            let begun = Instant::now();
            let refused = server.verify(name, &probe);
            let took = begun.elapsed();
            assert_eq!((refused.status, refused.code().as_str()), (401, "authentication_failed"));
            times[kind].push(took);
        }
    }
    for (a, (first, _)) in KINDS.iter().enumerate() {
        for (b, (second, _)) in KINDS.iter().enumerate().skip(a + 1) {
            let delta = cliffs_delta(&times[a], &times[b]);
            println!("{first} against {second}: {delta:+.2}");
            assert!(delta.abs() <= LARGEST_DELTA, "{first} against {second}: {delta}");
        }
    }
}
