//! The role that `deploy/` makes is no superuser, and is enough.

use faceauth_store::{Store, StoreConfig, migrate};
use faceauth_test_support::database::{TestDatabase, database_url, sealer};
use faceauth_test_support::paths;
use secrecy::SecretString;

use crate::support::enrolment;

/// The statements of the script, before and after it changes to the new database.
fn script(role: &str) -> [Vec<String>; 2] {
    let path = paths::existing(paths::root().join("deploy/postgres-role.sh"));
    let text = std::fs::read_to_string(path).unwrap();
    let sql = text.split("<<'SQL'\n").nth(1).unwrap().split("\nSQL").next().unwrap();
    let sql = sql.replace("faceauth", role).replace(":'password'", "'secret'");
    let (before, after) = sql.split_once(&format!("\\connect {role}\n")).unwrap();
    [before, after].map(|part| {
        part.split(';').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    })
}

#[tokio::test]
async fn the_role_of_the_example_deployment_migrates_and_serves() {
    // Its name is one that is swept when this test is killed.
    let database = TestDatabase::create().await;
    let admin = database.client().await;
    let sql = "SELECT format('faceauth_test_%s_%s', extract(epoch FROM now())::bigint, \
               replace(gen_random_uuid()::text, '-', ''))";
    let role: String = admin.query_one(sql, &[]).await.unwrap().get(0);
    let [before, after] = script(&role);
    for statement in &before {
        admin.batch_execute(statement).await.unwrap();
    }
    let mut config: tokio_postgres::Config = database_url().parse().unwrap();
    config.dbname(&role);
    let (superuser, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for statement in &after {
        superuser.batch_execute(statement).await.unwrap();
    }

    let url = database_url();
    let (base, options) = url.split_once('?').map_or((&*url, ""), |(base, rest)| (base, rest));
    let authority = base.split_once("://").unwrap().1.split('/').next().unwrap();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let url = SecretString::from(format!("postgres://{role}:secret@{host}/{role}?{options}"));
    let target = url.clone();
    let ran = tokio::task::spawn_blocking(move || migrate::run(&target)).await.unwrap().unwrap();
    assert!(!ran.is_empty());
    let store = Store::connect(&StoreConfig::new(url), sealer()).await.unwrap();
    store.enrol(&enrolment("ada")).await.unwrap();
    // Readiness may do what it does after a failure: write in earnest.
    superuser.batch_execute("BEGIN; LOCK TABLE failures").await.unwrap();
    store.unlock("ada").await.unwrap_err();
    superuser.batch_execute("ROLLBACK").await.unwrap();
    store.ping().await.unwrap();
    let might = format!(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls \
         FROM pg_roles WHERE rolname = '{role}'"
    );
    assert!(!admin.query_one(&might, &[]).await.unwrap().get::<_, bool>(0));
    drop((store, superuser));
    let drop_it = format!("DROP DATABASE {role} WITH (FORCE)");
    admin.batch_execute(&drop_it).await.unwrap();
    admin.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
}
