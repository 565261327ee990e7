//! Erasure leaves nothing, in tables that exist now and in those to come.

use faceauth_domain::attempt::{AttemptKind, AttemptOutcome};
use faceauth_domain::challenge::Binding;
use faceauth_domain::failures::FailurePolicy;
use faceauth_store::Store;
use faceauth_store::account::AccountError;
use faceauth_store::attestation::AttestedKey;
use faceauth_store::enrol::Enrolment;
use faceauth_store::liveness::{Claim, NewGrant};
use faceauth_store::replay::Idempotency;
use faceauth_store::sessions::NewRefreshToken;
use faceauth_test_support::database::TestDatabase;

use crate::support::{
    accepted, at, attempt, bound_to, count, enrolment, grant, hash, model, refresh, session,
    session_of, sign_in, tables, until_waiting,
};

/// Enrols somebody who has a row in every table of a person.
fn everything(username: &str) -> Enrolment {
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    Enrolment { idempotency: Some(key), ..enrolment(username) }
}

fn token(person: &Enrolment) -> &NewRefreshToken {
    person.refresh.as_ref().unwrap()
}

/// Leaves a session that waits for its capture, and one that has passed.
async fn liveness(store: &Store, binding: Binding) -> NewGrant {
    store.open_liveness_session(&session(binding.clone())).await.unwrap();
    let passed = session(binding);
    store.open_liveness_session(&passed).await.unwrap();
    let claim = store.claim_liveness_session(passed.id, passed.nonce_hash, None, &[], at(1)).await;
    assert!(matches!(claim, Ok(Claim::Claimed { .. })), "{claim:?}");
    let grant = grant(&passed);
    assert!(store.grant_liveness(&grant).await.unwrap());
    let key = AttestedKey { id: hash(), public_key: vec![4; 65], app: hash(), counter: 0 };
    let name = passed.binding.username.as_ref();
    assert!(store.keep_attested_key(&key, name, at(1)).await.unwrap());
    grant
}

#[tokio::test]
async fn erasure_reaches_every_table_of_a_person() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let client = database.client().await;
    let (ada, bob) = (everything("ada.erased"), everything("bob.stays"));
    for person in [&ada, &bob] {
        store.enrol(person).await.unwrap();
        let refused = attempt(Some(person.user.id), AttemptKind::Verify, AttemptOutcome::NonMatch);
        store.record_attempt(&refused).await.unwrap();
        let shop = "shop".parse().unwrap();
        store.put_client_consent(person.user.id, &shop, &["openid"], true, at(1)).await.unwrap();
        let renewed = store
            .rotate_refresh_token(
                token(person).token_hash,
                hash(),
                at(1),
                at(99),
                crate::support::LONGEST,
                None,
            )
            .await;
        renewed.unwrap();
        let name = person.user.username.key();
        store.begin_attempt(&name, None, &[], &FailurePolicy::DEFAULT, at(0)).await.unwrap();
        // No reset leaves anything but this.
        let token = format!(
            "INSERT INTO enrolment_tokens VALUES (gen_random_uuid(), '{}', now())",
            person.user.id
        );
        client.batch_execute(&token).await.unwrap();
        // Enrolling takes the invitation away; one that is made at the same moment is left.
        let invited = format!(
            "INSERT INTO invitations (secret_hash, username, created_at, expires_at) \
             VALUES (sha256('{name}'), '{name}', now(), now() + interval '1 day')"
        );
        client.batch_execute(&invited).await.unwrap();
        let factors = format!(
            "INSERT INTO passkeys VALUES ('{0}', gen_random_uuid(), '{0}', '{{}}', 0, 'synced', \
             'key', now()); \
             INSERT INTO recovery_codes VALUES ('{0}', sha256('{0}'), now()); \
             INSERT INTO factor_transactions VALUES (sha256('{0}'), '{0}', 'register_another', \
             '{{}}', NULL, NULL, NULL, NULL, 3, now())",
            person.user.id
        );
        client.batch_execute(&factors).await.unwrap();
        let apps = format!(
            "INSERT INTO authorization_requests VALUES (sha256('{name}'), sha256('{name}'), 'app', \
             'login_hint={name}', '{name}', now(), now()); \
             INSERT INTO authorization_codes VALUES (sha256('{0}'), '{0}', 'app', 'https://a.test/', \
             repeat('c', 43), NULL, 'openid', now(), 'face', NULL, now(), now(), NULL, NULL, now()); \
             INSERT INTO login_sessions VALUES (sha256('{0}'), '{0}', gen_random_uuid(), now(), \
             'face', NULL, now(), now())",
            person.user.id
        );
        client.batch_execute(&apps).await.unwrap();
    }
    let (hers, his, nobodys) = (
        liveness(&store, bound_to("ADA.erased")).await,
        liveness(&store, bound_to("bob.stays")).await,
        liveness(&store, Binding::default()).await,
    );

    // A partition belongs to its table.
    let personal = "SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid \
                    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \
                    AND NOT relispartition AND attname = 'user_id' ORDER BY 1";
    let personal: Vec<String> =
        client.query(personal, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(personal.len() >= 5, "{personal:?}");
    let rows_of = async |person: &Enrolment, table: &str| {
        count(&client, &format!("{table} WHERE user_id = '{}'", person.user.id)).await
    };
    let mut kept = Vec::new();
    for table in &personal {
        assert!(rows_of(&ada, table).await > 0, "give {table} a row in this test");
        kept.push(rows_of(&bob, table).await);
    }

    let account = store.account(session_of(&ada));
    account.erase(at(9)).await.unwrap();
    assert!(matches!(account.erase(at(9)).await, Err(AccountError::SessionOver)));

    for (table, kept) in personal.iter().zip(kept) {
        assert_eq!(rows_of(&ada, table).await, 0, "{table}");
        assert_eq!(rows_of(&bob, table).await, kept, "{table}");
    }
    // Nor does the name, the id or a hash stand anywhere else, in whatever column.
    let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let traces = [
        ada.user.username.key(),
        ada.user.id.to_string(),
        ada.templates[0].id.0.to_string(),
        token(&ada).session.to_string(),
        hex(token(&ada).token_hash),
        hex(ada.idempotency.as_ref().unwrap().key_hash),
        hers.session.to_string(),
        hex(hers.token_hash),
    ];
    for table in tables(&client).await {
        for trace in &traces {
            let found = count(&client, &format!("{table} t WHERE t::text LIKE '%{trace}%'")).await;
            assert_eq!(found, 0, "{table} still holds {trace}");
        }
    }
    let rows = [
        ("liveness_sessions", 4),
        ("liveness_grants", 2),
        ("failures", 1),
        ("attested_keys", 2),
        ("invitations", 1),
    ];
    for (table, rows) in rows {
        assert_eq!(count(&client, table).await, rows, "{table}");
    }
    assert!(store.redeem_liveness(hers.token_hash, at(2)).await.unwrap().is_none());
    for kept in [his, nobodys] {
        assert!(store.redeem_liveness(kept.token_hash, at(2)).await.unwrap().is_some());
    }
    assert!(matches!(account.user().await, Err(AccountError::SessionOver)));
    assert!(store.reference("ada.erased", &[&model()]).await.unwrap().is_none());
    assert!(store.reference("bob.stays", &[&model()]).await.unwrap().is_some());
    // The name is free again.
    store.enrol(&enrolment("ada.erased")).await.unwrap();
}

/// What rule 5 of `migrations/README.md` says.
#[tokio::test]
async fn every_user_id_cascades_and_is_indexed() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let lacking = "SELECT c.table_name::text FROM information_schema.columns c \
        WHERE c.table_schema = 'public' AND c.column_name = 'user_id' AND (NOT EXISTS ( \
            SELECT FROM pg_constraint k JOIN pg_attribute a \
            ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
            WHERE k.conrelid = c.table_name::regclass AND k.confrelid = 'users'::regclass \
            AND k.contype = 'f' AND k.confdeltype = 'c' AND a.attname = 'user_id') \
        OR NOT EXISTS ( \
            SELECT FROM pg_index i JOIN pg_attribute a \
            ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
            WHERE i.indrelid = c.table_name::regclass AND a.attname = 'user_id'))";
    let lacking: Vec<String> =
        client.query(lacking, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(lacking, [""; 0]);
}

/// Of two erasures at once one erases, and a sign-in that was decided before is not recorded.
#[tokio::test]
async fn two_erasures_and_a_sign_in_at_once() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let (id, mut client) = (ada.user.id, database.client().await);
    let session = session_of(&ada);
    let locked = client.transaction().await.unwrap();
    locked.batch_execute(&format!("SELECT FROM users WHERE id = '{id}' FOR UPDATE")).await.unwrap();
    let erase = || {
        let store = store.clone();
        tokio::spawn(async move { store.account(session).erase(at(9)).await.is_ok() })
    };
    let (first, second) = (erase(), erase());
    let observer = database.client().await;
    until_waiting(&observer, 2).await;
    let signs_in = tokio::spawn({
        let store = store.clone();
        async move { store.record_sign_in(&sign_in(&ada, &accepted(id), &refresh(id))).await.unwrap() }
    });
    until_waiting(&observer, 3).await;
    locked.rollback().await.unwrap();
    assert!(first.await.unwrap() != second.await.unwrap(), "one of them");
    assert!(!signs_in.await.unwrap(), "nobody is signed in to what is erased");
    for table in ["users", "refresh_tokens", "templates", "user_keys"] {
        assert_eq!(count(&observer, table).await, 0, "{table}");
    }
}
