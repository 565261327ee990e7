//! The table of metrics.
//!
//! Each line is a function that counts or measures, and a row of [`TABLE`]. The labels of a line
//! are its parameters, so a metric has the same labels everywhere.

use std::time::Duration;

use crate::label::{
    ClipResult, Connections, Delivery, KeyFile, Label, Listed, Stage, Status, StepResult, Task,
    Undelivered, Verdict, Version, Weights,
};
use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::challenge::Action;
use faceauth_domain::liveness::reason::LivenessReason;

/// Bounds in seconds of the buckets of whole requests, of the waits and of decoding clips: from a
/// refusal without work to the longest liveness capture.
pub const REQUEST_SECONDS: &[f64] =
    &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.175, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Bounds in seconds of the buckets of one stage: from a query to decoding a clip.
pub const STAGE_SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5.0, 30.0];

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A number that only grows while the process lives.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Durations in seconds, counted in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in Prometheus.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// The words of each label; `None` for those that the HTTP surface lists.
    pub words: fn() -> Vec<Option<Vec<&'static str>>>,
    /// What it says.
    pub help: &'static str,
}

impl Metric {
    /// Every combination of words; none when the HTTP surface lists some of them.
    fn every_combination(&self) -> Vec<Vec<::metrics::Label>> {
        let mut combinations = vec![Vec::new()];
        for (name, words) in self.labels.iter().zip((self.words)()) {
            let words = words.unwrap_or_default();
            let longer = combinations.iter().flat_map(|before: &Vec<::metrics::Label>| {
                words.iter().map(|word| {
                    let mut labels = before.clone();
                    labels.push(::metrics::Label::from_static_parts(name, word));
                    labels
                })
            });
            combinations = longer.collect();
        }
        combinations
    }

    /// How many series there can be, given how many words a label has that the HTTP surface lists.
    /// A bucket counts as a series, and so do the sum and the count of a histogram.
    #[must_use]
    pub fn most_series(&self, listed_elsewhere: impl Fn(&str) -> usize) -> usize {
        let words = self.labels.iter().zip((self.words)());
        let combinations: usize = words
            .map(|(name, words)| words.map_or_else(|| listed_elsewhere(name), |words| words.len()))
            .product();
        let each = match self.kind {
            Kind::Counter | Kind::Gauge => 1,
            // The bucket without a bound, the sum and the count.
            Kind::Histogram(bounds) => bounds.len() + 3,
        };
        combinations * each
    }
}

/// The words of a type of labels, if this crate lists them.
macro_rules! words {
    (elsewhere) => {
        None
    };
    ($type:ty) => {
        Some(<$type as Listed>::all().into_iter().map(Label::word).collect())
    };
}

/// The parameter of a label.
macro_rules! parameter {
    (elsewhere) => { impl Label };
    ($type:ty) => { $type };
}

macro_rules! kind {
    (counter) => {
        Kind::Counter
    };
    (gauge) => {
        Kind::Gauge
    };
    (histogram $bounds:ident) => {
        Kind::Histogram($bounds)
    };
}

/// The function of one line.
macro_rules! function {
    (counter [$($help:literal)+] $function:ident $name:literal ($($label:ident: $type:tt),*)) => {
        $(#[doc = $help])+
        pub fn $function($($label: parameter!($type)),*) {
            ::metrics::counter!($name $(, stringify!($label) => $label.word())*).increment(1);
        }
    };
    (gauge [$($help:literal)+] $function:ident $name:literal ($($label:ident: $type:tt),*)) => {
        $(#[doc = $help])+
        pub fn $function($($label: parameter!($type)),*) -> ::metrics::Gauge {
            ::metrics::gauge!($name $(, stringify!($label) => $label.word())*)
        }
    };
    (histogram $bounds:ident [$($help:literal)+] $function:ident $name:literal ($($label:ident: $type:tt),*)) => {
        $(#[doc = $help])+
        pub fn $function($($label: parameter!($type),)* took: Duration) {
            ::metrics::histogram!($name $(, stringify!($label) => $label.word())*)
                .record(took.as_secs_f64());
        }
    };
}

/// Writes the table and its functions from one list.
macro_rules! table {
    ($($(#[doc = $help:literal])+ $kind:ident $([$bounds:ident])? $function:ident $name:literal ($($label:ident: $type:tt),*);)*) => {
        $(function! { $kind $($bounds)? [$($help)+] $function $name ($($label: $type),*) })*

        /// Every metric.
        pub const TABLE: &[Metric] = &[$(Metric {
            name: $name,
            kind: kind!($kind $($bounds)?),
            labels: &[$(stringify!($label)),*],
            words: || vec![$(words!($type)),*],
            help: concat!($($help),+),
        },)*];
    };
}

table! {
    /// Answered requests, by the route that was found. A path without a route is `none`, and a
    /// method that a path does not have is `other`.
    counter requests "faceauth_http_requests_total" (method: elsewhere, route: elsewhere, status: Status);
    /// From the last byte of a request's body to its answer. How long a client takes to send a body
    /// does not count. A request without a body, and a batch, count from their head.
    histogram [REQUEST_SECONDS] request_seconds "faceauth_http_request_duration_seconds" (method: elsewhere, route: elsewhere);
    /// Requests that have no answer yet.
    gauge requests_in_flight "faceauth_http_requests_in_flight" ();
    /// Refused requests, by error code.
    counter refusals "faceauth_refusals_total" (code: elsewhere);
    /// Decided attempts: what was wanted, and how it ended.
    counter decisions "faceauth_decisions_total" (kind: AttemptKind, reason: AttemptOutcome);
    /// Judged liveness captures.
    counter liveness_verdicts "faceauth_liveness_verdicts_total" (result: Verdict);
    /// Reasons of refused captures. One capture may have several.
    counter liveness_reasons "faceauth_liveness_reasons_total" (reason: LivenessReason);
    /// Steps of judged captures.
    counter liveness_steps "faceauth_liveness_steps_total" (step: Action, result: StepResult);
    /// Frames of liveness captures that were looked at while the rest of the capture was on its way.
    /// It stays 0 behind a proxy that collects request bodies.
    counter frames_ahead "faceauth_frames_ahead_total" ();
    /// How long one part of the work takes.
    histogram [STAGE_SECONDS] stage_seconds "faceauth_stage_duration_seconds" (stage: Stage);
    /// Work that waits for a worker of the analyzer.
    gauge queue_depth "faceauth_queue_depth" ();
    /// How long work waited for a worker of the analyzer.
    histogram [REQUEST_SECONDS] queue_wait_seconds "faceauth_queue_wait_seconds" (task: Task);
    /// Workers of the analyzer that are at work.
    gauge workers_busy "faceauth_workers_busy" ();
    /// Workers of the analyzer.
    gauge workers "faceauth_workers" ();
    /// Programs that decode a clip now.
    gauge clip_decoders "faceauth_clip_decoders" ();
    /// Clips, by how their decoding ended.
    counter clips "faceauth_clips_total" (result: ClipResult);
    /// Connections to the database.
    gauge connections "faceauth_database_connections" (state: Connections);
    /// Most connections to the database.
    gauge connections_max "faceauth_database_connections_max" ();
    /// How long calls waited for a connection to the database.
    histogram [STAGE_SECONDS] database_wait_seconds "faceauth_database_wait_seconds" ();
    /// Calls that got no connection to the database.
    counter database_refusals "faceauth_database_refusals_total" ();
    /// Tries to deliver an event to the receiver of webhooks, by what came of them.
    counter webhook_deliveries "faceauth_webhook_deliveries_total" (result: Delivery);
    /// Events that no receiver of webhooks has taken, as the database says. Every replica says the same.
    gauge webhook_events "faceauth_webhook_events" (state: Undelivered);
    /// Log lines that nobody took since the start, because the log's reader hangs or its disk is full.
    gauge log_lines_lost "faceauth_log_lines_lost" ();
    /// When a key file was last written, in seconds since 1970. Its age is `time()` minus this.
    gauge key_written "faceauth_key_written_timestamp_seconds" (key: KeyFile);
    /// When a weight file was last written, in seconds since 1970. Of several files, the oldest.
    gauge weights_written "faceauth_weights_written_timestamp_seconds" (weights: Weights);
    /// Always 1. Its label says which version runs.
    gauge build_info "faceauth_build_info" (version: Version);
    /// When the process started, in seconds since 1970.
    gauge started "faceauth_start_timestamp_seconds" ();
}

/// Hands every metric to the recorder of this process: its help, and zero for whatever has not
/// happened yet. A counter that first appeared with its first event would hide that event from rates.
pub fn begin() {
    for metric in TABLE {
        for labels in metric.every_combination() {
            match metric.kind {
                Kind::Counter => ::metrics::counter!(metric.name, labels).increment(0),
                // What is set is set by its owner; what goes on begins with nothing.
                Kind::Gauge if metric.labels.is_empty() => ::metrics::gauge!(metric.name).set(0.0),
                Kind::Gauge | Kind::Histogram(_) => {}
            }
        }
        let help = metric.help.trim();
        match metric.kind {
            Kind::Counter => ::metrics::describe_counter!(metric.name, help),
            Kind::Gauge => ::metrics::describe_gauge!(metric.name, help),
            Kind::Histogram(_) => ::metrics::describe_histogram!(metric.name, help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_follow_the_rules_of_prometheus() {
        let mut seen = HashSet::new();
        for metric in TABLE {
            assert!(seen.insert(metric.name), "{} stands twice", metric.name);
            assert!(metric.name.starts_with("faceauth_"), "{}", metric.name);
            let counts = metric.name.ends_with("_total");
            assert_eq!(counts, metric.kind == Kind::Counter, "{}", metric.name);
            if let Kind::Histogram(bounds) = metric.kind {
                assert!(metric.name.ends_with("_seconds"), "{}", metric.name);
                assert!(bounds.is_sorted() && bounds[0] > 0.0, "{}", metric.name);
            }
        }
    }

    #[test]
    fn what_has_not_happened_yet_is_listed_word_by_word() {
        let of = |name: &str| {
            let metric = TABLE.iter().find(|metric| metric.name == name).expect("in the table");
            metric.every_combination().len()
        };
        let decisions = AttemptKind::ALL.len() * AttemptOutcome::ALL.len();
        assert_eq!(of("faceauth_decisions_total"), decisions);
        assert_eq!(of("faceauth_database_refusals_total"), 1);
        assert_eq!(of("faceauth_refusals_total"), 0);
    }

    #[test]
    fn every_line_has_few_series() {
        for metric in TABLE {
            // The labels that the HTTP surface lists are counted there, in a test of its own.
            let series = metric.most_series(|_| 1);
            assert!(series <= 150, "{} has {series} series", metric.name);
        }
    }
}
