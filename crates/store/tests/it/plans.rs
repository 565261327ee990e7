//! Every statement an endpoint sends finds its rows by an index.
//!
//! The statements are not written down a second time: diesel reports each one it
//! sends, and `EXPLAIN` is asked about exactly that text.

use std::cell::RefCell;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use faceauth_domain::delivery::NextTry;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::second_factor::Awaited;
use faceauth_store::account::EnrolmentRight;
use faceauth_store::attestation::AttestedKey;
use faceauth_store::enrol::Enrolment;
use faceauth_store::failures::{Admission, Device};
use faceauth_store::limits::Use;
use faceauth_store::outbox::Settlement;
use faceauth_store::replay::{IDEMPOTENCY_WINDOW, Idempotency};
use faceauth_store::retire::Retention;
use faceauth_store::rotate::REFRESH_TOKEN_RETENTION;
use faceauth_store::second_factor::{AskSecondFactor, Completion, Proof, Transaction};
use faceauth_store::sign_in::SignIn;
use faceauth_store::sweep::Why;
use faceauth_store::{Store, StoreConfig};
use faceauth_test_support::database::{TestDatabase, sealer};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::invitations::invitation;
use crate::support::{
    accepted, add_face, add_face_attempt, add_face_by, at, bound_to, enrolment, enrolment_token,
    grant, hash, model, passkey, session, session_of, sign_in, template, transaction,
};

/// Accounts in the filled database: enough that reading a table through costs more
/// than looking a row up.
const ACCOUNTS: u32 = 20_000;

/// Set to print the statements with their plans, for `docs/store.md`.
const PRINT: &str = "FACEAUTH_PRINT_PLANS";

thread_local! {
    /// What this test's thread has sent. Other tests of the process have their own.
    static SENT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[tokio::test]
async fn every_statement_of_an_endpoint_uses_an_index() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                SENT.with_borrow_mut(|sent| sent.push(query.to_string()));
            }
        }))
    })
    .unwrap();
    let database = TestDatabase::create().await;
    let client = database.client().await;
    fill(&client).await;
    call_everything(&StoreConfig { outbox: true, ..database.config() }).await;

    let mut statements: Vec<String> = SENT
        .take()
        .iter()
        .map(|sent| sent.split(" -- binds").next().unwrap_or_default().to_owned())
        .filter(|sql| {
            ["SELECT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| sql.starts_with(verb))
        })
        // They look into the catalogue.
        .filter(|sql| !sql.contains("partitions_make") && !sql.contains("partitions_drop"))
        // The pool's liveness check, and readiness, whose table has a row a migration.
        .filter(|sql| sql.contains(" FROM ") || sql.starts_with("UPDATE"))
        .filter(|sql| !sql.contains("__diesel_schema_migrations"))
        .collect();
    statements.sort();
    statements.dedup();
    assert_eq!(statements.len(), 139, "{statements:#?}");
    for sql in &statements {
        let plan = explain(&client, sql).await;
        if std::env::var_os(PRINT).is_some() {
            println!("{sql}\n{plan}\n");
        }
        // A time that is not known is in no month: every partition is left out.
        let leads = plan.contains("Index") || plan.contains("Subplans Removed");
        assert!(leads, "{sql}\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
    // Renewing and listing look at a handful of rows, however long a session has been renewed.
    for (statement, index) in [
        ("UPDATE \"refresh_tokens\" SET \"used_at\"", "refresh_tokens_first_revoked_idx"),
        (
            // The export reads more columns of every row of a person.
            "SELECT \"refresh_tokens\".\"session\", \"refresh_tokens\".\"auth_time\", \
             \"refresh_tokens\".\"acr\", \"refresh_tokens\".\"issued_at\", \
             \"refresh_tokens\".\"expires_at\", \"refresh_tokens\".\"client_id\" FROM",
            "refresh_tokens_first_live_idx",
        ),
        ("DELETE FROM refresh_tokens", "refresh_tokens_first_last_idx"),
    ] {
        let sql = statements.iter().find(|sql| sql.starts_with(statement));
        let sql = sql.unwrap_or_else(|| panic!("{statement} is not sent: {statements:#?}"));
        let plan = explain(&client, sql).await;
        assert!(plan.contains(index), "{sql}\n{plan}");
    }
}

/// Leaves the statistics as [`fill`] makes them. The daemon counts a table again while statements
/// are sent, and the planner then weighs other plans than in the run before.
const NO_AUTOVACUUM: &str = "DO $$ DECLARE part regclass; BEGIN FOR part IN \
    SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP \
    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', part); END LOOP; END $$";

/// Fills every table. Grants are as short as they may be: of an instant it does not know the
/// planner assumes that a third of the rows is before it, and of long rows it would read that
/// many in order. A sweep that finds a minute's worth takes the index all the same. Limits of
/// clients lie in the order of their times, as they are written.
async fn fill(client: &Client) {
    client.batch_execute(NO_AUTOVACUUM).await.unwrap();
    let sql = format!(
        "INSERT INTO users SELECT gen_random_uuid(), 'user.' || n, 'user.' || n, now() \
         FROM generate_series(1, {ACCOUNTS}) n; \
         INSERT INTO consents SELECT id, '1', now() FROM users; \
         INSERT INTO templates SELECT gen_random_uuid(), id, 'matcher-' || n, 'k', \
         decode(repeat('00', 541), 'hex'), now() FROM users, generate_series(1, 2) n; \
         INSERT INTO api_keys SELECT id, username, sha256(id::text::bytea), 'l', '{{enrol}}', now() \
         FROM users; \
         INSERT INTO user_keys SELECT id, gen_random_uuid(), 'k', \
         decode(repeat('00', 61), 'hex'), now() FROM users; \
         INSERT INTO enrolment_images SELECT gen_random_uuid(), user_id, id, 'k', \
         decode(repeat('00', 541), 'hex'), \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM templates; \
         INSERT INTO attempts (user_id, kind, outcome, pad_bona_fide, model_id, client_hash, at) \
         SELECT id, 'verify', 'accepted', true, 'm', '', now() + random() * interval '200 days' \
         FROM users, generate_series(1, 3); \
         INSERT INTO refresh_tokens (token_hash, user_id, session, auth_time, acr, issued_at, \
         expires_at) SELECT sha256(id::text::bytea), id, gen_random_uuid(), \
         now() + (random() - 0.5) * interval '200 days', 'face', now(), \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO idempotency_keys SELECT sha256(id::text::bytea), sha256(''), id, \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO liveness_sessions (id, username, kinds, steps, issued_at, expires_at, \
         attempts_left) SELECT id, username, '{{turn_left,look_up}}', '{{look_up}}', now(), \
         timestamptz '2027-01-15' + random() * interval '60 days', 1 FROM users; \
         INSERT INTO liveness_frames SELECT sha256(id::text::bytea), \
         now() + (random() - 0.5) * interval '400 days' FROM users; \
         INSERT INTO liveness_grants (token_hash, session, model_id, key_id, sealed, username, \
         assurance, expires_at) SELECT sha256(id::text::bytea), id, 'm', 'k', \
         decode(repeat('00', 33), 'hex'), username, 'face', \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO failures SELECT username_key, '00000000-0000-0000-0000-000000000000', 1, \
         NULL, timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO attested_keys (id, public_key, app, counter, username, created_at, \
         last_used_at) SELECT sha256(id::text::bytea), decode(repeat('04', 65), 'hex'), \
         decode(repeat('00', 32), 'hex'), 1, username, now(), \
         timestamptz '2026-06-15' + random() * interval '60 days' FROM users; \
         INSERT INTO client_limits SELECT sha256(id::text::bytea), 1, \
         timestamptz '2027-01-15' + row_number() OVER () * interval '1 second' FROM users; \
         INSERT INTO enrolment_tokens SELECT gen_random_uuid(), id, \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO invitations (secret_hash, username, created_at, expires_at) \
         SELECT sha256(id::text::bytea), 'invited.' || username, timestamptz '2026-06-15', \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO outbox (id, account_id, username, kind, at, due_at, give_up_at) \
         SELECT gen_random_uuid(), id, username, 'account.locked', \
         timestamptz '2027-01-15' + random() * interval '60 days', \
         timestamptz '2027-01-15' + random() * interval '60 days', now() FROM users; \
         INSERT INTO passkeys SELECT id, gen_random_uuid(), sha256(id::text::bytea), '{{}}', 0, \
         'synced', 'key', now() FROM users; \
         INSERT INTO recovery_codes SELECT id, sha256((id::text || n)::bytea), now() \
         FROM users, generate_series(1, 10) n; \
         INSERT INTO factor_transactions SELECT sha256(id::text::bytea), id, 'register_another', \
         '{{}}', NULL, NULL, NULL, NULL, 3, \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO clients SELECT id::text, 'Shop', '{{https://shop.example/}}', '{{}}', 'none', \
         NULL, NULL, false, false, NULL, NULL, false, false, now(), now() FROM users; \
         INSERT INTO client_consents SELECT id, 'shop' || row_number() OVER (), '{{openid}}', true, \
         now(), now() FROM users; \
         INSERT INTO client_assertions SELECT 'shop', sha256(id::text::bytea), \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO authorization_requests SELECT sha256(id::text::bytea), \
         sha256(id::text::bytea), 'shop' || row_number() OVER (), 'client_id=shop', \
         username_key, now(), \
         timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO authorization_codes SELECT sha256(id::text::bytea), id, 'shop', \
         'https://shop.example/', repeat('c', 43), NULL, 'openid', now(), 'face', NULL, now(), \
         now(), NULL, NULL, timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         INSERT INTO login_sessions SELECT sha256(id::text::bytea), id, gen_random_uuid(), now(), \
         'face', NULL, now(), timestamptz '2027-01-15' + random() * interval '60 days' FROM users; \
         ANALYZE"
    );
    client.batch_execute(&sql).await.unwrap();
}

/// Walks through every method of the store, so that each statement is sent once.
pub async fn call_everything(config: &StoreConfig) {
    let store = Store::connect(config, sealer()).await.unwrap();
    let key = Idempotency { key_hash: hash(), request_digest: hash() };
    let ada = Enrolment { idempotency: Some(key.clone()), ..enrolment("ada") };
    let user = ada.user.id;
    store.ping().await.unwrap();
    let invited = invitation("ada");
    store.invite(&invited).await.unwrap();
    store.invitation(&invited.secret_hash).await.unwrap();
    store.revoke_invitation("nobody").await.unwrap();
    store.enrol(&ada).await.unwrap();
    let again = Enrolment { idempotency: Some(key.clone()), ..enrolment("ada") };
    store.enrol(&again).await.unwrap_err();
    store.replayed_enrolment(&key, IDEMPOTENCY_WINDOW, at(0)).await.unwrap();
    store.replayed_enrolment(&key, IDEMPOTENCY_WINDOW, at(0) + IDEMPOTENCY_WINDOW).await.unwrap();
    store.reference("ada", &[&model()]).await.unwrap();
    let account = store.account(session_of(&ada));
    account.user().await.unwrap();
    account.faces().await.unwrap();
    let added = template(&model(), 3);
    store.enrolling(EnrolmentRight::Session(session_of(&ada))).owner().await.unwrap();
    add_face(&store, &ada, &added).await.unwrap();
    account.remove_face(added.id, at(9)).await.unwrap();
    store.record_attempt(&add_face_attempt(user)).await.unwrap();
    let refresh = crate::support::refresh(user);
    store.record_sign_in(&sign_in(&ada, &add_face_attempt(user), &refresh)).await.unwrap();
    let rotate = async |now| {
        store
            .rotate_refresh_token(
                refresh.token_hash,
                hash(),
                at(now),
                at(now + 9),
                crate::support::LONGEST,
                Some(TimeDelta::seconds(1)),
            )
            .await
            .unwrap()
    };
    rotate(1).await;
    rotate(2).await;
    store.revoke_session(refresh.token_hash, at(3)).await.unwrap();
    let open = session(bound_to("ada"));
    store.open_liveness_session(&open).await.unwrap();
    let claim =
        store.claim_liveness_session(open.id, open.nonce_hash, None, &[hash()], at(1)).await;
    claim.unwrap();
    store.renew_liveness_session(open.id, hash(), &open.challenge, at(0)).await.unwrap();
    store.grant_liveness(&grant(&open)).await.unwrap();
    store.redeem_liveness(hash(), at(2)).await.unwrap();
    let key = AttestedKey { id: hash(), public_key: vec![4; 65], app: hash(), counter: 0 };
    store.keep_attested_key(&key, Some(&ada.user.username), at(0)).await.unwrap();
    store.attested_key(key.id).await.unwrap();
    store.raise_attested_counter(key.id, 1, Some(&ada.user.username), at(0)).await.unwrap();
    store.raise_attested_counter(key.id, 2, None, at(0)).await.unwrap();
    second_factor(&store, &ada).await;
    crate::clients::call_everything(&store, user).await;
    let eve = enrolment("eve");
    store.enrol(&eve).await.unwrap();
    crate::authorize::call_everything(&store, session_of(&eve)).await;
    account.clients().await.unwrap();
    account.disconnect_client(&"shop".parse().unwrap(), at(1)).await.unwrap();
    account.attempts(Some(99), 20).await.unwrap();
    account.export().await.unwrap();
    account.sessions(at(0)).await.unwrap();
    account.end_session(user.0, at(0)).await.unwrap();
    store.use_api_key(hash(), at(0)).await.unwrap();
    store.enrol(&enrolment("grace")).await.unwrap();
    let token = enrolment_token();
    let grace = store.reset_account("grace", &token, at(0)).await.unwrap().unwrap().id;
    let right = EnrolmentRight::Token { user: grace, id: token.id };
    store.enrolling(right).grant_consent("2", at(2)).await.unwrap();
    add_face_by(&store, right, &template(&model(), 3)).await.unwrap();
    let heidi = enrolment("heidi");
    store.enrol(&heidi).await.unwrap();
    store.account(session_of(&heidi)).withdraw_consent(at(1)).await.unwrap();
    let retention = Retention {
        inactive_account: Some(TimeDelta::days(1)),
        attempt: TimeDelta::days(1),
        old_template: TimeDelta::days(1),
        enrolment_image: Some(TimeDelta::days(1)),
    };
    let retired = store.retire(&retention, &model(), at(0)).await;
    // There are more accounts than one run has time for.
    assert!(
        retired.unfinished.iter().all(|left| left.why == Why::Behind),
        "{:?}",
        retired.unfinished
    );
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    store.use_limit(&hash(), Use { kind: 1, cost: second, most_owed: minute }).await.unwrap();
    let policy = FailurePolicy::DEFAULT;
    // The first attempt of a name is counted otherwise than those after it.
    store.begin_attempt("ada", None, &[], &policy, at(0)).await.unwrap();
    let Admission::Begun(begun, _) =
        store.begin_attempt("ada", None, &[], &policy, at(0)).await.unwrap()
    else {
        panic!("failed once");
    };
    store
        .record_sign_in(&SignIn {
            begun: Some(&begun),
            ..sign_in(&ada, &accepted(user), &crate::support::refresh(user))
        })
        .await
        .unwrap();
    let device = Some(Device { user, id: ada.refresh.as_ref().unwrap().session });
    let Admission::Begun(known, _) =
        store.begin_attempt("ada", device, &[], &policy, at(0)).await.unwrap()
    else {
        panic!("nobody has failed yet");
    };
    store
        .record_sign_in(&SignIn {
            begun: Some(&known),
            ..sign_in(&ada, &accepted(user), &crate::support::refresh(user))
        })
        .await
        .unwrap();
    // One more in flight, so that the count is not deleted but written.
    store.begin_attempt("ada", None, &[], &policy, at(0)).await.unwrap();
    store.begin_attempt("ada", None, &[], &policy, at(0)).await.unwrap();
    store.fail_attempt(&begun, &policy, at(0)).await.unwrap();
    store.forgive_attempt(&begun, at(0)).await.unwrap();
    store.unlock("ada").await.unwrap();
    let swept = store.sweep(at(0) - REFRESH_TOKEN_RETENTION).await;
    assert_eq!(swept.unfinished, []);
    account.erase(at(9)).await.unwrap();
    let [first, second, ..] =
        &store.claim_events(2, TimeDelta::seconds(60), at(10)).await.unwrap()[..]
    else {
        panic!("ada was told more than once, and so was somebody else");
    };
    store.settle_event(first, Settlement::Delivered, at(11)).await.unwrap();
    let failed = Settlement::Failed { result: "500", next: NextTry::At(at(20)) };
    store.settle_event(second, failed, at(11)).await.unwrap();
}

/// The methods of passkeys and of what waits for them.
async fn second_factor(store: &Store, person: &Enrolment) {
    let (user, account) = (person.user.id, store.account(session_of(person)));
    let begun = |awaited| transaction(person, awaited);
    let first = begun(Awaited::RegisterAnother);
    account.before_another_passkey().await.unwrap();
    account.begin_passkey(&first).await.unwrap();
    let held = passkey(1);
    assert!(account.add_passkey(&first, &held, &[hash(), hash()]).await.unwrap());
    account.passkeys().await.unwrap();
    store.credentials(user).await.unwrap();
    store.credential(user, &held.credential.id).await.unwrap().unwrap();
    assert!(account.replace_recovery_codes(&[hash()], at(0)).await.unwrap());
    let attempt = accepted(user);
    for proof in [
        Proof::Passkey { credential_id: &held.credential.id, counter: 1 },
        Proof::RecoveryCode(&hash()),
        Proof::FirstPasskey(&passkey(2), &[hash()]),
    ] {
        let shown = begun(Awaited::Show);
        let ask = AskSecondFactor { user, attempt: &attempt, transaction: &shown, upgrade: None };
        assert!(store.ask_second_factor(&ask).await.unwrap());
        let transaction = store.try_transaction(&shown.id, at(0)).await.unwrap().unwrap();
        let refresh = crate::support::refresh(user);
        let completion =
            Completion { transaction: &transaction, proof, attempt: &attempt, refresh: &refresh };
        // Only the first one holds.
        let _ = store.complete(&completion).await;
    }
    let nobodys = Transaction { user: None, face: None, ..begun(Awaited::ShowAlone) };
    store.begin_transaction(&nobodys).await.unwrap();
    assert!(account.remove_passkey(held.id, false, at(0)).await.unwrap());
}

/// The plan for parameters that are not known, as the pool's prepared statements have it.
async fn explain(client: &Client, sql: &str) -> String {
    let parameters = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
    let nulls = vec!["NULL"; parameters].join(", ");
    let explain = format!(
        "SET plan_cache_mode = force_generic_plan; PREPARE statement AS {sql}; \
         EXPLAIN EXECUTE statement ({nulls}); DEALLOCATE statement"
    );
    let answer = client.simple_query(&explain).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    let line = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    answer.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
