//! A migration that is killed is made whole by the next run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use faceauth_store::migrate;
use faceauth_test_support::database::TestDatabase;
use faceauth_test_support::paths;
use secrecy::SecretString;
use tokio_postgres::Client;

use crate::support::count;

/// Kills the session that is about to record the version in `test.kill_at`: after the statements
/// of the migration, before anybody knows that they have run.
const KILL_BEFORE_RECORD: &str = "
    CREATE SCHEMA test;
    CREATE TABLE test.kill_at (version text);
    CREATE FUNCTION test.kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM test.kill_at k WHERE k.version = NEW.version) THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
            PERFORM pg_sleep(60);
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER kill BEFORE INSERT ON __diesel_schema_migrations
        FOR EACH ROW EXECUTE FUNCTION test.kill()";

/// Sessions that build an index and wait for older snapshots: it is there, and not valid.
const BUILDING: &str = "pg_stat_activity WHERE datname = current_database() \
                        AND query LIKE '%CREATE INDEX CONCURRENTLY%' \
                        AND wait_event = 'virtualxid'";

struct Migration {
    folder: PathBuf,
    version: String,
    in_transaction: bool,
}

impl Migration {
    /// Every migration there is, oldest first.
    fn all() -> Vec<Self> {
        let root = paths::root().join("migrations");
        let mut folders: Vec<PathBuf> =
            fs::read_dir(root).unwrap().flatten().map(|entry| entry.path()).collect();
        folders.retain(|path| path.is_dir());
        folders.sort();
        folders.into_iter().map(Self::of).collect()
    }

    fn of(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let version = name.split_once('_').unwrap().0.replace('-', "");
        let metadata = fs::read_to_string(folder.join("metadata.toml")).unwrap_or_default();
        let in_transaction = !metadata.replace(' ', "").contains("run_in_transaction=false");
        Self { folder, version, in_transaction }
    }

    fn sql(&self, file: &str) -> String {
        statements(&self.folder.join(file))
    }
}

/// The file without its comments.
fn statements(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n")
}

async fn run(database: &TestDatabase) -> Result<Vec<String>, migrate::MigrateError> {
    let url = SecretString::from(database.url());
    tokio::task::spawn_blocking(move || migrate::run(&url)).await.unwrap()
}

/// Everything that migrations make, one line each.
async fn schema(client: &Client) -> Vec<String> {
    let sql = "
        SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable,
            column_default) FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT format('index %s %s', i.indisvalid, pg_get_indexdef(i.indexrelid))
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('constraint %s %s %s', conname, convalidated,
            pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_migration_survives_being_killed() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let whole = schema(&client).await;
    assert!(whole.iter().any(|line| line.starts_with("index t ")));
    let url = SecretString::from(database.url());
    let reverted = tokio::task::spawn_blocking(move || migrate::revert_all(&url)).await.unwrap();
    let migrations = Migration::all();
    assert_eq!(reverted.unwrap().len(), migrations.len());
    client.batch_execute(KILL_BEFORE_RECORD).await.unwrap();

    for Migration { version, in_transaction, .. } in &migrations {
        let aim = format!("TRUNCATE test.kill_at; INSERT INTO test.kill_at VALUES ('{version}')");
        client.batch_execute(&aim).await.unwrap();
        // Makes the one before whole, and dies in this one.
        let killed = run(&database).await;
        assert!(matches!(killed, Err(migrate::MigrateError::Unavailable(_))), "{killed:?}");
        let recorded = format!("__diesel_schema_migrations WHERE version = '{version}'");
        assert_eq!(count(&client, &recorded).await, 0, "{version}");
        let before = format!("__diesel_schema_migrations WHERE version < '{version}'");
        let earlier = migrations.iter().filter(|other| other.version < *version).count();
        assert_eq!(count(&client, &before).await, i64::try_from(earlier).unwrap(), "{version}");
        if !in_transaction {
            killed_while_building(&database, &client).await;
        }
    }

    client.batch_execute("TRUNCATE test.kill_at").await.unwrap();
    assert_eq!(run(&database).await.unwrap().len(), 1, "the last one is left");
    client.batch_execute("DROP SCHEMA test CASCADE").await.unwrap();
    assert_eq!(schema(&client).await, whole);
    assert_eq!(run(&database).await.unwrap(), [""; 0]);
}

/// Kills the migration that is next while it builds its index.
async fn killed_while_building(database: &TestDatabase, client: &Client) {
    // An index is not finished while an older snapshot is looked at.
    let reader = database.client().await;
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    let kill = async {
        while count(client, BUILDING).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let kill = format!("SELECT pg_terminate_backend(pid) FROM {BUILDING}");
        client.batch_execute(&kill).await.unwrap();
    };
    let (killed, ()) = tokio::join!(run(database), kill);
    assert!(killed.is_err(), "{killed:?}");
    reader.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(count(client, "pg_index WHERE NOT indisvalid").await, 1, "it left half an index");
}

/// What the runner relies on: it undoes a migration without a transaction before it runs it.
#[test]
fn migrations_without_a_transaction_can_be_undone_from_any_state() {
    let without: Vec<Migration> =
        Migration::all().into_iter().filter(|migration| !migration.in_transaction).collect();
    assert!(!without.is_empty());
    for migration in without {
        let (up, down) = (migration.sql("up.sql"), migration.sql("down.sql"));
        // Several would be one transaction again.
        assert_eq!(up.matches(';').count(), 1, "{}: one statement", migration.version);
        assert_eq!(down.matches(';').count(), 1, "{}: one statement", migration.version);
        assert!(down.contains(" IF EXISTS "), "{}: {down}", migration.version);
    }
}
