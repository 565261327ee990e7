//! Filling a database with people who do not exist, to measure what a large one costs.
//!
//! Each person has what a person who really uses the service has: see [`History`]. Rows that
//! Postgres can invent are invented there; only what is sealed comes from here.

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, Bool, Bytea, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::embedding::Embedding;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::connection::{PATIENT_CALL_TIMEOUT, be_patient};
use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::seal::{SealError, UserKey};
use crate::tables::liveness_frames::LIVENESS_FRAME_RETENTION;

/// Begins the name of everybody who is made here; a number of ten digits follows.
pub const SEEDED_PREFIX: &str = "seed-";

/// What each person has beside an account, a consent, a key and the templates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// Lines of the audit trail, spread evenly over the year before; one in twenty is a refusal.
    pub attempts: u32,
    /// Refresh tokens of one session. All but the last are used.
    pub refresh_tokens: u32,
    /// Frames of one capture.
    pub frames: u32,
    /// Share of people who have shown a capture within the last day, 0 to 1.
    pub captured_today: f64,
    /// Share of people whose name has a count of failures, 0 to 1.
    pub failing: f64,
}

impl History {
    /// A sign-in a month, renewed three times since the last one; a capture of 24 frames; and as
    /// one sign-in a month is one in thirty a day, so many people have frames.
    pub const MONTHLY: Self = Self {
        attempts: 12,
        refresh_tokens: 4,
        frames: 24,
        captured_today: 1.0 / 30.0,
        failing: 0.01,
    };
}

/// Who is in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inhabitants {
    /// The highest number of anybody who was made here; 0 when there is nobody.
    pub seeded: u64,
    /// Whether there is anybody else.
    pub real: bool,
}

#[derive(diesel::QueryableByName)]
struct InhabitantsRow {
    #[diesel(sql_type = Nullable<Text>)]
    last: Option<String>,
    #[diesel(sql_type = Bool)]
    real: bool,
}

/// `:` follows the digits.
const INHABITANTS: &str = "SELECT \
    (SELECT username_key FROM users WHERE username_key >= $1 || '0' AND username_key < $1 || ':' \
     ORDER BY username_key DESC LIMIT 1) AS last, \
    EXISTS (SELECT FROM users WHERE username_key < $1 || '0') \
    OR EXISTS (SELECT FROM users WHERE username_key >= $1 || ':') AS real";

/// The sealed columns of a group of people, a vector each.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    names: Vec<String>,
    keys: Vec<Uuid>,
    wrapped: Vec<Vec<u8>>,
    templates: Vec<Uuid>,
    owners: Vec<Uuid>,
    key_ids: Vec<String>,
    models: Vec<String>,
    sealed: Vec<Vec<u8>>,
}

impl Columns {
    fn seal(store: &Store, first: u64, people: &[Vec<Embedding>]) -> Result<Self, SealError> {
        let mut columns = Self::default();
        for (number, embeddings) in (first..).zip(people) {
            let (user, key) = (UserId(Uuid::now_v7()), UserKey::generate()?);
            columns.ids.push(user.0);
            columns.names.push(format!("{SEEDED_PREFIX}{number:010}"));
            columns.keys.push(key.id());
            columns.wrapped.push(store.sealer().wrap(user, &key)?.bytes);
            for embedding in embeddings {
                let sealed = key.seal(user, embedding)?;
                columns.templates.push(Uuid::now_v7());
                columns.owners.push(user.0);
                columns.key_ids.push(sealed.key_id);
                columns.models.push(embedding.model().as_str().to_owned());
                columns.sealed.push(sealed.bytes);
            }
        }
        Ok(columns)
    }
}

impl Store {
    /// Who is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inhabitants(&self) -> Result<Inhabitants, StoreError> {
        let mut connection = self.connection().await?;
        let InhabitantsRow { last, real } = diesel::sql_query(INHABITANTS)
            .bind::<Text, _>(SEEDED_PREFIX)
            .get_result(&mut connection)
            .await?;
        let number = last.and_then(|name| name.strip_prefix(SEEDED_PREFIX)?.parse().ok());
        Ok(Inhabitants { seeded: number.unwrap_or(0), real })
    }

    /// Adds a person for each list of embeddings, numbered from `first`, in one transaction. So a
    /// run that is killed leaves whole people, and the next one goes on after the last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seed(
        &self,
        first: u64,
        people: &[Vec<Embedding>],
        history: &History,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let columns = Columns::seal(self, first, people)?;
        let active = self.sealer().active();
        let mut connection = self.connection_for(PATIENT_CALL_TIMEOUT).await?;
        connection
            .transaction(async |connection| {
                be_patient(connection).await?;
                // A lost group is made again, so nobody has to wait for the disk.
                diesel::sql_query("SET LOCAL synchronous_commit = off").execute(connection).await?;
                accounts(connection, &columns, active, now).await?;
                past(connection, &columns, history, now).await?;
                Ok(())
            })
            .await
    }
}

/// Accounts with consents, keys and templates.
async fn accounts(
    connection: &mut Link,
    columns: &Columns,
    active: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO users (id, username, username_key, created_at, last_active_at) \
         SELECT id, name, name, $3 - interval '1 year', $3 - random() * interval '30 days' \
         FROM unnest($1, $2) AS person (id, name)",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Array<Text>, _>(&columns.names)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO consents (user_id, policy_version, granted_at) \
         SELECT id, '2026-11', $2 - interval '1 year' FROM unnest($1) AS id",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO user_keys (user_id, id, key_id, wrapped, created_at) \
         SELECT person, id, $4, wrapped, $5 - interval '1 year' \
         FROM unnest($1, $2, $3) AS key (person, id, wrapped)",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Array<SqlUuid>, _>(&columns.keys)
    .bind::<Array<Bytea>, _>(&columns.wrapped)
    .bind::<Text, _>(active)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO templates (id, user_id, model_id, key_id, sealed, created_at) \
         SELECT id, person, model, key, sealed, $6 - interval '1 year' \
         FROM unnest($1, $2, $3, $4, $5) AS face (id, person, model, key, sealed)",
    )
    .bind::<Array<SqlUuid>, _>(&columns.templates)
    .bind::<Array<SqlUuid>, _>(&columns.owners)
    .bind::<Array<Text>, _>(&columns.models)
    .bind::<Array<Text>, _>(&columns.key_ids)
    .bind::<Array<Bytea>, _>(&columns.sealed)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// What people have done.
async fn past(
    connection: &mut Link,
    columns: &Columns,
    history: &History,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let model = <[String]>::first(&columns.models).map_or("", String::as_str);
    diesel::sql_query(
        "INSERT INTO attempts (user_id, kind, outcome, pad_bona_fide, model_id, client_hash, at, \
         assurance) SELECT id, 'verify', outcome, true, $3, \
         decode(md5(id::text) || md5(n::text), 'hex'), $4 - (n - random()) * interval '1 year' / $2, \
         CASE outcome WHEN 'accepted' THEN 'face-live' END \
         FROM unnest($1) AS id, generate_series(1, $2) AS n, \
         LATERAL (SELECT CASE WHEN random() + n * 0 < 0.05 THEN 'non_match' ELSE 'accepted' END) \
         AS drawn (outcome)",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Integer, _>(count(history.attempts))
    .bind::<Text, _>(model)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
         expires_at, used_at) \
         SELECT sha256((id::text || n)::bytea), id, id, $3 - interval '7 days', \
         'face-live', $3 - interval '1 day' * ($2 - n), $3 + interval '30 days' - interval '1 day' \
         * ($2 - n), CASE WHEN n < $2 THEN $3 - interval '1 day' * ($2 - n - 1) END \
         FROM unnest($1) AS id, generate_series(1, $2) AS n",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Integer, _>(count(history.refresh_tokens))
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO liveness_frames (digest, expires_at) \
         SELECT sha256((id::text || 'frame' || n)::bytea), $4 + share * make_interval(secs => $5) \
         FROM (SELECT id, random() AS share FROM unnest($1) AS id WHERE random() < $3) AS shown, \
         generate_series(1, $2) AS n",
    )
    .bind::<Array<SqlUuid>, _>(&columns.ids)
    .bind::<Integer, _>(count(history.frames))
    .bind::<Double, _>(history.captured_today)
    .bind::<Timestamptz, _>(now)
    .bind::<Double, _>(LIVENESS_FRAME_RETENTION.as_seconds_f64())
    .execute(connection)
    .await?;
    diesel::sql_query(
        "INSERT INTO failures (username_key, device, in_a_row, last_at) \
         SELECT name, '00000000-0000-0000-0000-000000000000', 1, $3 - random() * interval '30 days' \
         FROM unnest($1) AS name WHERE random() < $2",
    )
    .bind::<Array<Text>, _>(&columns.names)
    .bind::<Double, _>(history.failing)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await?;
    Ok(())
}
