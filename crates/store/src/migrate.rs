//! Brings the schema up to date.

mod watch;

use std::thread;
use std::time::{Duration, Instant};

use diesel::dsl::exists;
use diesel::migration::Migration;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::ConnectionError;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::SecretString;

use crate::connect::{Driver, Target, UrlError, server_notices_silence, set_if_known};
use crate::error::{Cause, StoreError};
use crate::link::Link;
use crate::pooler;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The advisory lock that one migrating session holds: "faceauth" in ASCII.
const MIGRATION_LOCK: i64 = 0x6661_6365_6175_7468;

/// Longest a replica waits for another one's migrations.
const MIGRATION_LOCK_TIMEOUT: Duration = Duration::from_secs(300);

/// How often it asks whether they are done. It does not wait in the database, because a waiting
/// statement holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for those.
const MIGRATION_LOCK_POLL: Duration = Duration::from_millis(100);

/// Longest a migration waits for a table lock, in milliseconds. While it waits, every
/// later query on that table waits behind it.
const TABLE_LOCK_TIMEOUT_MS: u32 = 5_000;

/// Longest a migrating session waits for its next statement before the server ends it, in
/// milliseconds. The statements follow each other at once. So a waiting session has lost its
/// client, and its locks block the next run.
const IDLE_TIMEOUT_MS: u32 = 10_000;

/// The table in which diesel records what has run.
pub(crate) const RECORD: &str = "__diesel_schema_migrations";

diesel::table! {
    /// Diesel's own record of what has run.
    __diesel_schema_migrations (version) {
        /// Version of a migration: the digits of its folder.
        version -> Text,
        /// When it ran.
        run_on -> Timestamp,
    }
}

diesel::define_sql_function! {
    /// Takes a lock that ends with the session, or says that somebody else has it.
    fn pg_try_advisory_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// How long after a statement has failed its connection is seen to have ended, if it has.
const LOST_WITHIN: Duration = Duration::from_millis(200);

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The URL can never work.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The database cannot be reached, or has gone away in the middle.
    #[error("the database is unavailable: {0}")]
    Unavailable(Cause),
    /// A pooler stands between, which gives each transaction another server process. The lock that
    /// replicas take turns by, and the limits of a migration, need one process.
    #[error("a pooler in transaction mode stands between: migrate by the database's own address")]
    Pooled,
    /// A migration failed; those before it stay.
    #[error("a migration failed: {0}")]
    Failed(Cause),
}

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// Runs every migration that has not run yet and returns their names, oldest first.
///
/// Blocks until done: call it before a runtime starts, or from `spawn_blocking`. Replicas
/// that call it together take turns by an advisory lock.
///
/// # Errors
/// [`MigrateError`]; running it again is safe.
pub fn run(url: &SecretString) -> Result<Vec<String>, MigrateError> {
    on_own_thread(url, |connection| {
        let pending = connection.pending_migrations(MIGRATIONS).map_err(failed)?;
        let mut names = Vec::with_capacity(pending.len());
        for migration in &pending {
            undo_interrupted(connection, migration)?;
            connection.run_migration(migration).map_err(failed)?;
            names.push(migration.name().to_string());
        }
        Ok(names)
    })
}

/// Reverts every migration, which **deletes every row**, and returns their versions,
/// newest first. Blocks like [`run`].
///
/// # Errors
/// [`MigrateError`]; running it again is safe.
pub fn revert_all(url: &SecretString) -> Result<Vec<String>, MigrateError> {
    on_own_thread(url, |connection| {
        let reverted = connection.revert_all_migrations(MIGRATIONS).map_err(failed)?;
        Ok(reverted.iter().map(ToString::to_string).collect())
    })
}

/// Whether the newest migration of this release has run.
pub(crate) async fn newest_has_run(connection: &mut Link) -> Result<bool, StoreError> {
    use self::__diesel_schema_migrations::dsl;

    let migrations = diesel::migration::MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(|_| StoreError::Database(Cause::new("the migrations cannot be read")))?;
    let newest = migrations.iter().map(|m| m.name().version().to_string()).max();
    let has_run =
        dsl::__diesel_schema_migrations.filter(dsl::version.eq(newest.unwrap_or_default()));
    Ok(diesel::select(exists(has_run)).get_result(connection).await?)
}

/// Takes back what an interrupted run of a pending migration has left.
///
/// A migration in a transaction leaves nothing. One without a transaction may have been
/// stopped between its statement and its record, or in the middle, which leaves an index that is
/// not valid. Its `down.sql` undoes both, and does nothing when there is nothing to undo.
fn undo_interrupted(
    connection: &mut Connection,
    migration: &dyn Migration<Pg>,
) -> Result<(), MigrateError> {
    if migration.metadata().run_in_transaction() {
        return Ok(());
    }
    migration.revert(connection).map_err(failed)
}

/// Diesel's migrations block, which an async thread must not, and need a runtime that
/// another thread drives: so both live on a thread of their own.
fn on_own_thread<F>(url: &SecretString, work: F) -> Result<Vec<String>, MigrateError>
where
    F: FnOnce(&mut Connection) -> Result<Vec<String>, MigrateError> + Send + 'static,
{
    let target = Target::parse(url)?;
    let worker = thread::Builder::new().name("migrate".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|_| MigrateError::Failed(Cause::new("no runtime could be started")))?;
        let connected = runtime.block_on(async {
            if pooler::shared(&target).await? {
                return Ok(None);
            }
            target.connect_with(&session_settings()).await.map(Some)
        });
        let connected = connected
            .map_err(|error: ConnectionError| MigrateError::Unavailable(Cause::from(&error)))?;
        let (mut connection, driver) = connected.ok_or(MigrateError::Pooled)?;
        let watched = runtime.block_on(async {
            watch::start(target, &mut connection, driver.handle()).await?;
            take_turn(&mut connection).await
        });
        watched.map_err(|error| lost_or(&driver, error))?;
        let _entered = runtime.enter();
        work(&mut Connection::from(connection)).map_err(|error| lost_or(&driver, error))
    });
    let worker =
        worker.map_err(|_| MigrateError::Failed(Cause::new("no thread could be started")))?;
    worker.join().unwrap_or_else(|_| Err(MigrateError::Failed(Cause::new("it panicked"))))
}

/// The role may have a limit of statements for its requests, and a migration may take hours.
fn session_settings() -> String {
    format!(
        "SET statement_timeout = 0; SET lock_timeout = {TABLE_LOCK_TIMEOUT_MS}; \
         SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}; {}; {}",
        set_if_known("idle_session_timeout", IDLE_TIMEOUT_MS),
        server_notices_silence()
    )
}

/// What the caller learns about `error`. When the connection is lost, the migration itself is not
/// at fault.
fn lost_or(driver: &Driver, error: MigrateError) -> MigrateError {
    let MigrateError::Failed(cause) = error else { return error };
    // Its task ends a moment after the statement that waited for it.
    let patience = Instant::now() + LOST_WITHIN;
    while !driver.has_ended() && Instant::now() < patience {
        thread::sleep(LOST_WITHIN / 20);
    }
    if driver.has_ended() { MigrateError::Unavailable(cause) } else { MigrateError::Failed(cause) }
}

/// Waits until no other replica migrates. The lock belongs to the session and ends with the
/// connection.
async fn take_turn(connection: &mut AsyncPgConnection) -> Result<(), MigrateError> {
    let patience = Instant::now() + MIGRATION_LOCK_TIMEOUT;
    while Instant::now() < patience {
        let ours: bool = diesel::select(pg_try_advisory_lock(MIGRATION_LOCK))
            .get_result(connection)
            .await
            .map_err(|error| failed(error.into()))?;
        if ours {
            return Ok(());
        }
        tokio::time::sleep(MIGRATION_LOCK_POLL).await;
    }
    Err(MigrateError::Unavailable(Cause::new("another replica is still migrating")))
}

/// Keeps the messages of the chain, which are about our own SQL and not about rows.
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> MigrateError {
    MigrateError::Failed(Cause::new(error.to_string()))
}
