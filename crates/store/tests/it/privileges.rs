//! A role that serves and owns nothing.

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::attempt::Attempt;
use faceauth_store::{Store, StoreConfig};
use faceauth_test_support::database::{TestDatabase, TestRole, sealer};
use faceauth_test_support::paths;
use secrecy::SecretString;

use crate::support::{accepted, count, enrolment, tables};

/// How the service is configured that connects as `role`.
fn config(database: &TestDatabase, role: &TestRole) -> StoreConfig {
    let url = SecretString::from(role.url.as_str());
    StoreConfig { url, outbox: true, ..database.config() }
}

async fn serving(database: &TestDatabase, role: &TestRole) -> Store {
    Store::connect(&config(database, role), sealer()).await.unwrap()
}

#[tokio::test]
async fn with_the_grants_that_are_named_a_role_does_all_that_a_service_does() {
    let database = TestDatabase::create().await;
    let (owner, role) = (database.client().await, database.role().await);
    // Nothing is left of what Postgres gives everybody.
    let revoke = "REVOKE ALL ON SCHEMA public FROM PUBLIC; \
                  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC";
    owner.batch_execute(revoke).await.unwrap();
    let store = serving(&database, &role).await;
    store.ping().await.unwrap_err();
    let lacking = store.lacking_grants().await.unwrap();
    assert_eq!(lacking[0], format!("GRANT USAGE ON SCHEMA public TO {}", role.name));
    for grant in &lacking {
        owner.batch_execute(grant).await.unwrap();
    }
    assert_eq!(store.lacking_grants().await.unwrap(), [""; 0]);

    crate::plans::call_everything(&config(&database, &role)).await;
    // Readiness may do what it does after a failure: write in earnest.
    owner.batch_execute("BEGIN; LOCK TABLE failures").await.unwrap();
    store.unlock("ada").await.unwrap_err();
    owner.batch_execute("ROLLBACK").await.unwrap();
    store.ping().await.unwrap();
    // A partition that it makes is reached by the privileges of the whole table.
    let late: DateTime<Utc> = "2031-05-07T12:00:00Z".parse().unwrap();
    let kept = store.keep_partitions(TimeDelta::days(9999), late).await;
    assert!(kept.made > 0 && kept.unfinished.is_empty(), "{kept:?}");
    let bob = enrolment("bob");
    store.enrol(&bob).await.unwrap();
    store.record_attempt(&Attempt { at: late, ..accepted(bob.user.id) }).await.unwrap();
    assert_eq!(count(&owner, "attempts_2031_05").await, 1);
    assert_eq!(store.lacking_grants().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn each_privilege_that_is_taken_away_is_named() {
    let database = TestDatabase::create().await;
    let (owner, role) = (database.client().await, database.role().await);
    let (store, name) = (serving(&database, &role).await, &role.name);
    for grant in store.lacking_grants().await.unwrap() {
        owner.batch_execute(&grant).await.unwrap();
    }
    let mut privileges = vec![
        "USAGE ON SCHEMA public".to_owned(),
        "SELECT ON __diesel_schema_migrations".to_owned(),
        "INSERT, TRUNCATE ON write_probe".to_owned(),
    ];
    for table in tables(&owner).await.iter().filter(|table| *table != "write_probe") {
        privileges.extend(
            ["SELECT", "INSERT", "UPDATE", "DELETE"].map(|verb| format!("{verb} ON {table}")),
        );
    }
    // Everybody has these, until somebody takes them away.
    let free = "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ";
    owner.batch_execute(&format!("{free}{name}")).await.unwrap();
    for privilege in &privileges {
        owner.batch_execute(&format!("REVOKE {privilege} FROM {name}")).await.unwrap();
        let lacking = store.lacking_grants().await.unwrap();
        // Without the schema, the others are still there.
        assert_eq!(lacking, [format!("GRANT {privilege} TO {name}")]);
        owner.batch_execute(&lacking[0]).await.unwrap();
    }
    owner.batch_execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC").await.unwrap();
    let lacking = store.lacking_grants().await.unwrap();
    let time = "timestamp with time zone";
    let functions = [
        "partition_first_ends(text)".to_owned(),
        format!("partitions_drop(text,{time})"),
        format!("partitions_make(text,{time},{time})"),
    ];
    assert_eq!(lacking, functions.map(|f| format!("GRANT EXECUTE ON FUNCTION {f} TO {name}")));
    // What a group may do, its members may.
    let group = database.role().await;
    for grant in &lacking {
        owner.batch_execute(&grant.replace(name, &group.name)).await.unwrap();
    }
    owner.batch_execute(&format!("GRANT {} TO {name}", group.name)).await.unwrap();
    assert_eq!(store.lacking_grants().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn the_script_of_the_deployment_gives_a_role_what_it_needs() {
    let database = TestDatabase::create().await;
    let (owner, role) = (database.client().await, database.role().await);
    let script = paths::existing(paths::root().join("deploy/postgres-serving-role.sql"));
    let script = std::fs::read_to_string(script).unwrap().replace("faceauth_serving", &role.name);
    owner.batch_execute(&script).await.unwrap();
    let store = serving(&database, &role).await;
    assert_eq!(store.lacking_grants().await.unwrap(), [""; 0]);
    store.ping().await.unwrap();
    store.enrol(&enrolment("ada")).await.unwrap();
    // Tables of a later migration.
    owner.batch_execute("CREATE TABLE later (id bigint)").await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&role.url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("INSERT INTO later VALUES (1)").await.unwrap();
    for forbidden in ["DROP TABLE later", "DELETE FROM __diesel_schema_migrations"] {
        let refused = client.batch_execute(forbidden).await.unwrap_err();
        let code = refused.as_db_error().unwrap().code();
        assert_eq!(*code, tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE, "{forbidden}");
    }
}
