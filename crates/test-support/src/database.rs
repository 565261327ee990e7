//! A Postgres database a test, and roles for it.
//!
//! Migrating takes longer than most tests, so it is done once: into a template database
//! named after a hash of the migrations, which every test clones in some 50 ms. The
//! clone is dropped with its [`TestDatabase`]; what a killed process leaves behind is
//! swept by a later one.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use faceauth_store::pooler::Pooler;
use faceauth_store::seal::{SealKeys, Sealer, generate_seal_key_line};
use faceauth_store::{Store, StoreConfig, migrate};
use secrecy::SecretString;
use tokio_postgres::{Client, NoTls};

use crate::paths;

/// Serialises the making of the template and its use: "facetest" in ASCII. Held shared
/// while cloning, exclusively while making.
const TEMPLATE_LOCK: i64 = 0x6661_6365_7465_7374;

/// Age in seconds after which a test database without a connection counts as left behind. Whole
/// test runs take minutes.
const STALE_AFTER_S: i64 = 3_600;

/// Connections of a test's store: enough for a race, few enough that all tests of a
/// machine together stay under the hundred a server allows by default.
const CONNECTIONS: u32 = 4;

/// Longest a test waits for a connection; generous, because tests share a busy machine.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A migrated, empty database of its own. Dropped with the value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    admin_url: String,
    roles: Mutex<Vec<String>>,
}

/// A role that may connect to a test's database, and nothing else. It goes with the database.
#[derive(Debug)]
pub struct TestRole {
    /// What it is called.
    pub name: String,
    /// Where the database is for it. Holds its password.
    pub url: String,
}

impl TestDatabase {
    /// Clones the template, which is made first when there is none.
    ///
    /// # Panics
    /// When there is no Postgres, or its role may not create databases.
    pub async fn create() -> Self {
        Self::create_on(database_url()).await
    }

    /// The same on the server at this URL.
    ///
    /// # Panics
    /// When there is no Postgres, or its role may not create databases.
    pub async fn create_on(admin_url: String) -> Self {
        let admin = connect(&admin_url).await;
        sweep_once(&admin).await;
        let template = format!("faceauth_template_{:016x}", migrations_hash());
        loop {
            execute(&admin, &format!("SELECT pg_advisory_lock_shared({TEMPLATE_LOCK})")).await;
            if exists(&admin, &template).await {
                break;
            }
            execute(&admin, &format!("SELECT pg_advisory_unlock_shared({TEMPLATE_LOCK})")).await;
            make_template(&admin, &admin_url, &template).await;
        }
        let name = new_name(&admin).await;
        execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self::named(name, admin_url)
    }

    /// A database without a table.
    ///
    /// # Panics
    /// When there is no Postgres, or its role may not create databases.
    pub async fn empty() -> Self {
        Self::empty_on(database_url()).await
    }

    /// The same on the server at this URL.
    ///
    /// # Panics
    /// When there is no Postgres, or its role may not create databases.
    pub async fn empty_on(admin_url: String) -> Self {
        let admin = connect(&admin_url).await;
        sweep_once(&admin).await;
        let name = new_name(&admin).await;
        execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        Self::named(name, admin_url)
    }

    fn named(name: String, admin_url: String) -> Self {
        let url = with_database(&admin_url, &name);
        Self { name, url, admin_url, roles: Mutex::default() }
    }

    /// A new role, which owns nothing and was granted nothing.
    ///
    /// # Panics
    /// When the role of the tests may not create roles.
    pub async fn role(&self) -> TestRole {
        let admin = self.client().await;
        let name = new_name(&admin).await;
        execute(&admin, &format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'")).await;
        self.roles.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        TestRole { url: with_user(&self.url, &name, &name), name }
    }

    /// Where it is. Holds the password of the server, if it has one.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A store configuration that points at it.
    #[must_use]
    pub fn config(&self) -> StoreConfig {
        StoreConfig {
            url: SecretString::from(self.url.as_str()),
            max_connections: CONNECTIONS,
            acquire_timeout: ACQUIRE_TIMEOUT,
            outbox: false,
            pooler: Pooler::None,
        }
    }

    /// A store with a seal key of its own.
    pub async fn store(&self) -> Store {
        self.store_with(sealer()).await
    }

    /// A store that seals with `sealer`.
    ///
    /// # Panics
    /// When the URL is refused.
    pub async fn store_with(&self, sealer: Sealer) -> Store {
        Store::connect(&self.config(), sealer).await.expect("the test database's URL is valid")
    }

    /// A connection of its own, for what the store does not offer.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let url = std::mem::take(&mut self.admin_url);
        let mut drop_it = vec![format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)];
        // Nothing depends on them any more.
        let roles = std::mem::take(&mut *self.roles.lock().unwrap_or_else(PoisonError::into_inner));
        drop_it.extend(roles.iter().map(|role| format!("DROP ROLE IF EXISTS {role}")));
        // A thread and a runtime of its own: this may run inside a runtime, and while
        // a failed test unwinds. What fails here is left to the sweep.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    let admin = connect(&url).await;
                    for statement in drop_it {
                        let _ = admin.batch_execute(&statement).await;
                    }
                });
            }
        });
        let _ = dropping.join();
    }
}

/// A sealer with a random key, the same for a whole process: stores of one database are
/// replicas.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn sealer() -> Sealer {
    static LINE: OnceLock<String> = OnceLock::new();
    let line = LINE.get_or_init(|| {
        generate_seal_key_line("test").expect("the system has randomness").to_string()
    });
    Sealer::new(SealKeys::parse(line).expect("a generated key parses"))
}

/// `DATABASE_URL` from the environment, else from what `./dev` wrote down.
///
/// # Panics
/// When neither says.
#[must_use]
pub fn database_url() -> String {
    let from_file = || {
        let text = std::fs::read_to_string(paths::root().join(".dev/env")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("DATABASE_URL=")).map(str::to_owned)
    };
    std::env::var("DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .or_else(from_file)
        .unwrap_or_else(|| {
            panic!("there is no Postgres: run ./dev test or ./dev run cargo test ...")
        })
}

/// `url` with another address: what stands between the user and the database.
pub(crate) fn with_address(url: &str, address: std::net::SocketAddr) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let user = authority.rsplit_once('@').map_or(String::new(), |(user, _)| format!("{user}@"));
    format!("{scheme}://{user}{address}{rest}")
}

/// `url` with another user.
fn with_user(url: &str, user: &str, password: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{user}:{password}@{host}{rest}")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap_or_else(|error| {
        panic!("Postgres does not answer ({error}): run ./dev test or ./dev run cargo test ...")
    });
    tokio::spawn(connection);
    client
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn exists(admin: &Client, database: &str) -> bool {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    admin.query_opt(sql, &[&database]).await.expect("the catalogue can be read").is_some()
}

async fn make_template(admin: &Client, admin_url: &str, template: &str) {
    execute(admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !exists(admin, template).await {
        // Made under another name, so that a process that dies here leaves no half one.
        let draft = new_name(admin).await;
        execute(admin, &format!("CREATE DATABASE {draft} TEMPLATE template0")).await;
        let url = SecretString::from(with_database(admin_url, &draft));
        let migrated = tokio::task::spawn_blocking(move || migrate::run(&url)).await;
        migrated.expect("migrating does not panic").expect("the migrations run");
        execute(admin, &format!("ALTER DATABASE {draft} WITH ALLOW_CONNECTIONS false")).await;
        execute(admin, &format!("ALTER DATABASE {draft} RENAME TO {template}")).await;
        drop_old_templates(admin, template).await;
    }
    execute(admin, &format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
}

/// The time in the name tells the sweep its age.
async fn new_name(admin: &Client) -> String {
    let sql = "SELECT format('faceauth_test_%s_%s', extract(epoch FROM now())::bigint, \
               replace(gen_random_uuid()::text, '-', ''))";
    admin.query_one(sql, &[]).await.expect("a name can be made").get(0)
}

/// Drops what killed processes left behind, once a process.
async fn sweep_once(admin: &Client) {
    static SWEPT: AtomicBool = AtomicBool::new(false);
    if SWEPT.swap(true, Ordering::Relaxed) {
        return;
    }
    let idle = "SELECT datname::text, extract(epoch FROM now())::bigint FROM pg_database \
                WHERE oid NOT IN (SELECT datid FROM pg_stat_activity WHERE datid IS NOT NULL)";
    let rows = admin.query(idle, &[]).await.expect("the catalogue can be read");
    for row in rows {
        let (name, now): (String, i64) = (row.get(0), row.get(1));
        if made_at(&name).is_some_and(|then| now - then > STALE_AFTER_S) {
            drop_if_idle(admin, &name).await;
        }
    }
    let roles = "SELECT rolname::text, extract(epoch FROM now())::bigint FROM pg_roles";
    for row in admin.query(roles, &[]).await.expect("the catalogue can be read") {
        let (name, now): (String, i64) = (row.get(0), row.get(1));
        if made_at(&name).is_some_and(|then| now - then > STALE_AFTER_S) {
            let _ = admin.batch_execute(&format!("DROP ROLE IF EXISTS {name}")).await;
        }
    }
}

/// When the test database or role of that name was made, in seconds since 1970.
fn made_at(name: &str) -> Option<i64> {
    name.strip_prefix("faceauth_test_")?.split('_').next()?.parse().ok()
}

/// Drops the templates of other migrations.
async fn drop_old_templates(admin: &Client, template: &str) {
    let sql =
        "SELECT datname::text FROM pg_database WHERE starts_with(datname, 'faceauth_template_')";
    let rows = admin.query(sql, &[]).await.expect("the catalogue can be read");
    for name in rows.iter().map(|row| row.get::<_, String>(0)).filter(|name| name != template) {
        drop_if_idle(admin, &name).await;
    }
}

/// Another process may be doing the same, so failure is no news.
async fn drop_if_idle(admin: &Client, database: &str) {
    let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {database}")).await;
}

/// `url` with another database: what stands between the authority and the options.
fn with_database(url: &str, database: &str) -> String {
    let (base, options) = match url.split_once('?') {
        Some((base, options)) => (base, format!("?{options}")),
        None => (url, String::new()),
    };
    let authority = base.find("://").map_or(0, |position| position + "://".len());
    let end = base[authority..].find('/').map_or(base.len(), |position| authority + position);
    format!("{}/{database}{options}", &base[..end])
}

/// Changes when a migration does.
fn migrations_hash() -> u64 {
    let mut files = BTreeMap::new();
    let folder = paths::existing(paths::root().join("migrations"));
    collect(&folder, &folder, &mut files);
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            let content = std::fs::read(&path).expect("the migration can be read");
            let name = path.strip_prefix(root).expect("it lies below").to_owned();
            files.insert(name, content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swaps_the_address_of_a_url() {
        let address = ([127, 0, 0, 1], 99).into();
        for (url, expected) in [
            ("postgres://u:p@h:5432/db", "postgres://u:p@127.0.0.1:99/db"),
            ("postgres://u@%2Frun%2Fpg/db?a=b", "postgres://u@127.0.0.1:99/db?a=b"),
            ("postgres://h", "postgres://127.0.0.1:99"),
        ] {
            assert_eq!(with_address(url, address), expected);
        }
    }

    #[test]
    fn swaps_the_user_of_a_url() {
        for (url, expected) in [
            ("postgres://u:p@h:5432/db?a=b", "postgres://me:secret@h:5432/db?a=b"),
            ("postgres://h", "postgres://me:secret@h"),
            ("postgres:///x?host=/run/pg", "postgres://me:secret@/x?host=/run/pg"),
        ] {
            assert_eq!(with_user(url, "me", "secret"), expected);
        }
    }

    #[test]
    fn swaps_the_database_of_any_url() {
        let cases = [
            ("postgres://u:p@h:5432/db", "postgres://u:p@h:5432/x"),
            ("postgres://u@%2Frun%2Fpg/db?a=b", "postgres://u@%2Frun%2Fpg/x?a=b"),
            ("postgres://h", "postgres://h/x"),
            ("postgres:///db?host=/run/pg", "postgres:///x?host=/run/pg"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
