//! Forgetting what has expired, in batches until it is done. A table that fails does not keep the
//! others waiting.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;

use crate::batches::{TABLE_BUDGET, in_batches};
use crate::error::StoreError;
use crate::outbox::OUTBOX_RETENTION;
use crate::pool::Store;
use crate::tables::attested_keys::ATTESTED_KEY_RETENTION;
use crate::tables::failures::FAILURE_RETENTION;
use crate::tables::idempotency_keys::BATCH_IDEMPOTENCY_WINDOW;
use crate::tables::invitations::INVITATION_RETENTION;
use crate::tables::liveness_sessions::LIVENESS_SESSION_RETENTION;
use crate::tables::refresh_tokens::REFRESH_TOKEN_RETENTION;

pub use crate::batches::{Unfinished, Why};

/// Rows that one batch deletes: some 20 ms of work.
const BATCH: i64 = 1_000;

/// Rows of one table that go when their time is over.
struct Expiring {
    table: &'static str,
    /// How long a row is kept after the time that decides.
    kept: TimeDelta,
    /// What names a row, with what else has to hold of it. A `ctid` names a row of a table that has
    /// no partitions.
    key: &'static str,
    /// Which `$2` rows go whose time was over at `$1`. Rows that another replica is deleting are
    /// passed over, so that any number of replicas do this at once.
    rows: &'static str,
}

impl Expiring {
    /// Rows of a table without partitions.
    const fn of(table: &'static str, kept: TimeDelta, rows: &'static str) -> Self {
        Self { table, kept, key: "ctid", rows }
    }
}

/// Which digests of frames go one by one: those from before there were partitions. The others go
/// with their day.
macro_rules! frames_one_by_one {
    () => {
        "expires_at < (SELECT partition_first_ends('liveness_frames'))"
    };
}

/// Which sessions go one by one: those from before there were partitions, and those that began half
/// a year before the time that decides. As sessions last 90 days by default, a month is dropped
/// long before, unless somebody made sessions last longer. The others then do not wait for the last.
/// `$1` is [`REFRESH_TOKEN_RETENTION`] ago.
macro_rules! sessions_one_by_one {
    () => {
        "auth_time < (SELECT greatest($1::timestamptz - interval '180 days', \
         partition_first_ends('refresh_tokens')))"
    };
}

/// The rows of a table by an indexed time, the oldest first.
macro_rules! oldest {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT ctid FROM ",
            $table,
            " WHERE ",
            $column,
            " <= $1 ORDER BY ",
            $column,
            " LIMIT $2 FOR UPDATE SKIP LOCKED"
        )
    };
}

/// In this order: the most sensitive rows are deleted first.
///
/// A session counts as ended when any of its tokens is revoked. So its tokens are deleted together,
/// when the last one, which was never used, is expired. The last one is deleted at the end, because
/// the others are found by it.
const EXPIRING: [Expiring; 17] = [
    Expiring::of("liveness_grants", TimeDelta::zero(), oldest!("liveness_grants", "expires_at")),
    Expiring::of(
        "liveness_sessions",
        LIVENESS_SESSION_RETENTION,
        oldest!("liveness_sessions", "expires_at"),
    ),
    Expiring {
        table: "liveness_frames",
        kept: TimeDelta::zero(),
        key: concat!(frames_one_by_one!(), " AND digest"),
        rows: concat!(
            "SELECT digest FROM liveness_frames WHERE expires_at <= $1 AND ",
            frames_one_by_one!(),
            " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        ),
    },
    Expiring::of("enrolment_tokens", TimeDelta::zero(), oldest!("enrolment_tokens", "expires_at")),
    Expiring::of("invitations", INVITATION_RETENTION, oldest!("invitations", "expires_at")),
    Expiring::of(
        "factor_transactions",
        TimeDelta::zero(),
        oldest!("factor_transactions", "expires_at"),
    ),
    Expiring::of(
        "client_assertions",
        TimeDelta::zero(),
        oldest!("client_assertions", "expires_at"),
    ),
    Expiring::of(
        "authorization_requests",
        TimeDelta::zero(),
        oldest!("authorization_requests", "expires_at"),
    ),
    Expiring::of(
        "authorization_codes",
        TimeDelta::zero(),
        oldest!("authorization_codes", "kept_until"),
    ),
    Expiring::of("login_sessions", TimeDelta::zero(), oldest!("login_sessions", "expires_at")),
    Expiring::of("attested_keys", ATTESTED_KEY_RETENTION, oldest!("attested_keys", "last_used_at")),
    // What names a person who may be gone, and nobody took.
    Expiring::of("outbox", OUTBOX_RETENTION, oldest!("outbox", "at")),
    Expiring::of("client_limits", TimeDelta::zero(), oldest!("client_limits", "whole_at")),
    Expiring::of("failures", FAILURE_RETENTION, oldest!("failures", "last_at")),
    Expiring::of(
        "idempotency_keys",
        BATCH_IDEMPOTENCY_WINDOW,
        oldest!("idempotency_keys", "created_at"),
    ),
    Expiring {
        table: "refresh_tokens",
        kept: REFRESH_TOKEN_RETENTION,
        key: concat!(sessions_one_by_one!(), " AND token_hash"),
        // `OFFSET 0` keeps the planner from reading the whole table to join it with itself.
        rows: concat!(
            "SELECT used.token_hash FROM (SELECT session FROM refresh_tokens \
             WHERE used_at IS NULL AND expires_at <= $1 AND ",
            sessions_one_by_one!(),
            " ORDER BY expires_at) AS last, \
             LATERAL (SELECT token_hash FROM refresh_tokens WHERE session = last.session \
             AND used_at IS NOT NULL AND ",
            sessions_one_by_one!(),
            " OFFSET 0 FOR UPDATE SKIP LOCKED) AS used LIMIT $2"
        ),
    },
    Expiring {
        table: "refresh_tokens",
        kept: REFRESH_TOKEN_RETENTION,
        key: concat!(sessions_one_by_one!(), " AND token_hash"),
        rows: concat!(
            "SELECT token_hash FROM refresh_tokens WHERE used_at IS NULL AND expires_at <= $1 AND ",
            sessions_one_by_one!(),
            " AND (SELECT true FROM refresh_tokens AS used \
             WHERE used.session = refresh_tokens.session AND used.used_at IS NOT NULL AND used.",
            sessions_one_by_one!(),
            " LIMIT 1) IS NULL ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        ),
    },
];

/// What the sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows that went.
    pub rows: u64,
    /// Tables in which expired rows are left.
    pub unfinished: Vec<Unfinished>,
}

impl Store {
    /// Deletes what is past its time and does not go with its partition
    /// ([`Store::keep_partitions`]): liveness grants, sessions and frames, enrolment tokens, transactions of
    /// second factors, assertions, authorization requests and codes of clients, login sessions of browsers,
    /// client limits, events past [`OUTBOX_RETENTION`], invitations [`INVITATION_RETENTION`] past their
    /// end, keys unused for [`ATTESTED_KEY_RETENTION`], failures past [`FAILURE_RETENTION`],
    /// idempotency keys past [`BATCH_IDEMPOTENCY_WINDOW`], and refresh tokens
    /// [`REFRESH_TOKEN_RETENTION`] past their expiry. Every table has its turn, however the others
    /// fare. Safe to run on every replica at once.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Swept {
        let mut swept = Swept::default();
        for Expiring { table, kept, key, rows } in &EXPIRING {
            let before = now - *kept;
            let sql = format!("DELETE FROM {table} WHERE {key} = ANY (ARRAY({rows}))");
            let batch = async |most: i64| {
                let mut connection = self.connection().await?;
                let delete = diesel::sql_query(&sql)
                    .bind::<Timestamptz, _>(before)
                    .bind::<BigInt, _>(most)
                    .execute(&mut connection);
                Ok::<usize, StoreError>(delete.await?)
            };
            let (rows, unfinished) = in_batches(table, BATCH, TABLE_BUDGET, batch).await;
            swept.rows += rows as u64;
            swept.unfinished.extend(unfinished);
        }
        swept
    }
}
