//! What one measurement costs, without and with a recorder, in turns.
//!
//!     cargo run --release -p faceauth-telemetry --example cost

use std::hint::black_box;
use std::time::{Duration, Instant};

use faceauth_telemetry::guard::Waiting;
use faceauth_telemetry::label::{Stage, Status, StepResult, Task};
use faceauth_telemetry::{metrics, stage};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Calls of one turn.
const CALLS: u32 = 200_000;
/// Turns, of which the median counts.
const TURNS: usize = 9;

/// Nanoseconds of one call.
fn cost(call: impl Fn()) -> f64 {
    let since = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    since.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn main() {
    let calls: [(&str, fn()); 4] = [
        ("a stage", || {
            black_box(&stage::measured(Stage::Detect, || 7));
        }),
        ("a counter", || {
            metrics::liveness_steps(faceauth_domain::challenge::Action::LookUp, StepResult::Met)
        }),
        ("a wait in the queue", || Waiting::begin().taken(Task::Recognise)),
        ("a request", || {
            metrics::requests(Task::Faces, Task::Faces, Status::new(200));
            metrics::request_seconds(Task::Faces, Task::Faces, Duration::from_millis(7));
        }),
    ];
    let recorder = PrometheusBuilder::new()
        .set_buckets(metrics::STAGE_SECONDS)
        .expect("bounds")
        .build_recorder();
    println!("| call | without a recorder | with one |\n| --- | --- | --- |");
    for (name, call) in calls {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            without.push(cost(call));
            with.push(::metrics::with_local_recorder(&recorder, || cost(call)));
            // Durations go into their buckets, as the service does every five seconds.
            recorder.handle().run_upkeep();
        }
        let median = |mut costs: Vec<f64>| {
            costs.sort_by(f64::total_cmp);
            costs[TURNS / 2]
        };
        println!("| {name} | {:.0} ns | {:.0} ns |", median(without), median(with));
    }
}
