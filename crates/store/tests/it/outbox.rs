//! What account holders are told: written with what it tells, and taken out in order.

use chrono::TimeDelta;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::delivery::NextTry;
use faceauth_domain::failures::{Caller, FailurePolicy, Tally};
use faceauth_store::failures::{Admission, Begun, Device};
use faceauth_store::outbox::{LeasedEvent, OUTBOX_RETENTION, OutboxCount, Settlement};
use faceauth_store::retire::Retention;
use faceauth_store::sign_in::SignIn;
use faceauth_store::upgrade::Upgrade;
use faceauth_store::{Store, StoreConfig};
use faceauth_test_support::database::{TestDatabase, sealer};
use futures_util::future::join_all;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{
    accepted, add_face, at, count, enrolment, enrolment_token, model, refresh, session_of, sign_in,
    template,
};

const POLICY: FailurePolicy = FailurePolicy::DEFAULT;

/// How long a replica has for one event.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A store of a deployment with webhooks.
async fn telling(database: &TestDatabase) -> Store {
    let config = StoreConfig { outbox: true, ..database.config() };
    Store::connect(&config, sealer()).await.unwrap()
}

/// What is in the outbox about a name, in order.
async fn told(client: &Client, username: &str) -> Vec<String> {
    let sql = "SELECT kind FROM outbox WHERE username = $1 ORDER BY sequence";
    client.query(sql, &[&username]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn begin(store: &Store, name: &str, device: Option<Device>, seconds: i64) -> Begun {
    match store.begin_attempt(name, device, &[], &POLICY, at(seconds)).await.unwrap() {
        Admission::Begun(begun, _) => begun,
        Admission::Blocked(until) => panic!("{name} has to wait until {until}"),
    }
}

const RETENTION: Retention = Retention {
    inactive_account: Some(TimeDelta::days(365)),
    attempt: TimeDelta::days(365),
    old_template: TimeDelta::days(90),
    enrolment_image: None,
};

/// Does everything that an account holder hears of.
async fn everything(store: &Store) {
    let (ada, bob, eve) = (enrolment("Ada"), enrolment("bob"), enrolment("eve"));
    for person in [&ada, &bob, &eve] {
        store.enrol(person).await.unwrap();
    }
    let account = store.account(session_of(&ada));
    let another = template(&model(), 3);
    add_face(store, &ada, &another).await.unwrap();
    assert!(account.remove_face(another.id, at(2)).await.unwrap());
    assert!(!account.remove_face(another.id, at(3)).await.unwrap(), "it is gone");
    let begun = begin(store, "ada", None, 4).await;
    let (attempt, token) = (accepted(ada.user.id), refresh(ada.user.id));
    let on_new_device = SignIn { begun: Some(&begun), ..sign_in(&ada, &attempt, &token) };
    assert!(store.record_sign_in(&on_new_device).await.unwrap());
    account.withdraw_consent(at(5)).await.unwrap();
    store.reset_account("ada", &enrolment_token(), at(6)).await.unwrap().unwrap();
    store.account(session_of(&bob)).erase(at(7)).await.unwrap();
    let retired = store.retire(&RETENTION, &model(), at(0) + TimeDelta::days(400)).await;
    assert_eq!(retired.accounts.len(), 2, "{retired:?}");
}

#[tokio::test]
async fn every_event_is_written_with_what_it_tells() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    everything(&telling(&database).await).await;
    let of_ada =
        ["face_added", "face_removed", "new_device", "consent_withdrawn", "reset", "retired"];
    assert_eq!(told(&client, "Ada").await, of_ada.map(|word| format!("account.{word}")));
    assert_eq!(told(&client, "bob").await, ["account.erased"]);
    assert_eq!(told(&client, "eve").await, ["account.retired"]);
}

#[tokio::test]
async fn nothing_is_written_where_nobody_takes_it() {
    let database = TestDatabase::create().await;
    everything(&database.store().await).await;
    assert_eq!(count(&database.client().await, "outbox").await, 0);
}

/// Through the one statement and through the transaction of several.
#[tokio::test]
async fn a_device_is_new_when_the_account_was_used_before() {
    let database = TestDatabase::create().await;
    let (store, client) = (telling(&database).await, database.client().await);
    for (name, at_once) in [("one.statement", true), ("several", false)] {
        // As many are enrolled by a service: nobody has signed in yet.
        let person = faceauth_store::enrol::Enrolment { refresh: None, ..enrolment(name) };
        let user = person.user.id;
        store.enrol(&person).await.unwrap();
        let known = Device { user, id: Uuid::new_v4() };
        for (second, device, events) in [(1, None, 0), (2, Some(known), 0), (3, None, 1)] {
            if !at_once {
                let failed = begin(&store, name, device, second).await;
                store.fail_attempt(&failed, &POLICY, at(second)).await.unwrap();
            }
            let begun = begin(&store, name, device, second).await;
            let attempt = faceauth_domain::attempt::Attempt { at: at(second), ..accepted(user) };
            let token = refresh(user);
            let signs_in = SignIn { begun: Some(&begun), ..sign_in(&person, &attempt, &token) };
            assert!(store.record_sign_in(&signs_in).await.unwrap());
            let told = told(&client, name).await;
            assert_eq!(told, vec!["account.new_device"; events], "{name} after {second} s");
        }
        assert_eq!(told_by_the_sign_in(&client, name).await, at_once, "{name}");
    }
    let ids = client.query("SELECT id::text FROM outbox", &[]).await.unwrap();
    let version = |row: &tokio_postgres::Row| row.get::<_, String>(0).as_bytes()[14];
    assert!(ids.iter().all(|row| version(row) == b'7'));
}

/// Nothing shows any more whether somebody has signed in to an old account that nobody used since.
#[tokio::test]
async fn the_first_sign_in_after_a_long_time_is_told() {
    let database = TestDatabase::create().await;
    let (store, client) = (telling(&database).await, database.client().await);
    for (name, at_once, days, events) in [
        ("old", true, 31, 1),
        ("older", false, 31, 1),
        ("new", true, 29, 0),
        ("newer", false, 29, 0),
    ] {
        let person = faceauth_store::enrol::Enrolment { refresh: None, ..enrolment(name) };
        store.enrol(&person).await.unwrap();
        let seconds = days * 86_400;
        let begun = begin(&store, name, None, seconds).await;
        let attempt =
            faceauth_domain::attempt::Attempt { at: at(seconds), ..accepted(person.user.id) };
        let token = refresh(person.user.id);
        let mut signs_in = SignIn { begun: Some(&begun), ..sign_in(&person, &attempt, &token) };
        let new = template(&model(), 4);
        let policy = crate::support::anybody();
        if !at_once {
            signs_in.upgrade = Some(Upgrade { template: &new, policy: &policy });
        }
        assert!(store.record_sign_in(&signs_in).await.unwrap());
        assert_eq!(told(&client, name).await.len(), events, "{name}");
    }
}

/// Whether the statement that told somebody of a new device also stored its token: then it cost no
/// round trip. Rows of one statement have one transaction and one command.
async fn told_by_the_sign_in(client: &Client, username: &str) -> bool {
    let sql = "SELECT EXISTS (SELECT FROM outbox JOIN refresh_tokens AS token \
               ON token.user_id = outbox.account_id AND token.xmin = outbox.xmin \
               AND token.cmin = outbox.cmin WHERE outbox.username = $1)";
    client.query_one(sql, &[&username]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_export_counts_what_is_still_to_be_told() {
    let database = TestDatabase::create().await;
    let store = telling(&database).await;
    let (ada, bob) = (enrolment("ada"), enrolment("bob"));
    for person in [&ada, &bob] {
        store.enrol(person).await.unwrap();
    }
    add_face(&store, &ada, &template(&model(), 3)).await.unwrap();
    for (person, events) in [(&ada, 1), (&bob, 0)] {
        let export = store.account(session_of(person)).export().await.unwrap();
        assert_eq!(export.undelivered_events, events);
    }
}

/// A sign-in that is refused at the last moment is no news.
#[tokio::test]
async fn what_is_rolled_back_is_not_told() {
    let database = TestDatabase::create().await;
    let (store, client) = (telling(&database).await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let begun = begin(&store, "ada", None, 1).await;
    client.batch_execute("UPDATE consents SET withdrawn_at = now()").await.unwrap();
    let (attempt, token) = (accepted(ada.user.id), refresh(ada.user.id));
    let refused = SignIn { begun: Some(&begun), ..sign_in(&ada, &attempt, &token) };
    assert!(!store.record_sign_in(&refused).await.unwrap());
    assert_eq!(count(&client, "outbox").await, 0);
}

#[tokio::test]
async fn a_lock_is_told_once_and_only_to_somebody_who_is_there() {
    let database = TestDatabase::create().await;
    let (store, client) = (telling(&database).await, database.client().await);
    store.enrol(&enrolment("ada")).await.unwrap();
    for name in ["ada", "nobody"] {
        // Each after the wait of the last one.
        for failure in 0..8 {
            let second = failure * 3_600;
            let begun = begin(&store, name, None, second).await;
            store.fail_attempt(&begun, &POLICY, at(second)).await.unwrap();
            // Tries that are refused unseen are none.
            let _ = store.begin_attempt(name, None, &[], &POLICY, at(second)).await.unwrap();
        }
    }
    assert_eq!(told(&client, "ada").await, ["account.locked"]);
    assert_eq!(count(&client, "outbox").await, 1);
}

/// The rule over the longest attack: five in a row, the cap, and a budget that is empty.
#[test]
fn a_lock_begins_when_the_name_has_to_wait_and_not_before() {
    let begins = |before: &Tally, now| {
        let after = POLICY.failed(before, Caller::KnownDevice, now);
        (POLICY.begins_lock(before, &after, Caller::KnownDevice, now), after)
    };
    let mut tally = Tally::default();
    let mut locked = Vec::new();
    for failure in 1..=60 {
        let (begins, after) = begins(&tally, at(0));
        if begins {
            locked.push(failure);
        }
        tally = after;
    }
    assert_eq!(locked, [POLICY.free, POLICY.cap]);
    let mut tally = Tally::default();
    let spent = (1..=150).filter(|_| {
        let (begins, after) = begins(&Tally { in_a_row: 0, ..tally }, at(0));
        tally = after;
        begins
    });
    assert_eq!(spent.collect::<Vec<_>>(), [POLICY.known_device.tries]);
}

/// Writes `each` events of every one of `people`, and says how many there are.
async fn fill(store: &Store, people: usize, each: usize) -> usize {
    for person in 0..people {
        let person = enrolment(&format!("person.{person}"));
        store.enrol(&person).await.unwrap();
        for second in 0..each as i64 {
            let name = person.user.username.key();
            let token = enrolment_token();
            store.reset_account(&name, &token, at(second)).await.unwrap().unwrap();
        }
    }
    people * each
}

async fn claim(store: &Store, most: u32, seconds: i64) -> Vec<LeasedEvent> {
    store.claim_events(most, LEASE, at(seconds)).await.unwrap()
}

#[tokio::test]
async fn replicas_take_each_event_once_and_in_order() {
    let database = TestDatabase::create().await;
    let stores = [telling(&database).await, telling(&database).await, telling(&database).await];
    let written = fill(&stores[0], 6, 5).await;
    let works = stores.iter().map(async |store| {
        let mut taken = Vec::new();
        while store.outbox_count().await.unwrap().pending > 0 {
            for event in claim(store, 2, 100).await {
                store.settle_event(&event, Settlement::Delivered, at(101)).await.unwrap();
                taken.push((event.account, event.at));
            }
            tokio::task::yield_now().await;
        }
        taken
    });
    let taken = join_all(works).await;
    for of_replica in &taken {
        for (index, (account, time)) in of_replica.iter().enumerate() {
            let earlier = of_replica[..index].iter().filter(|(other, _)| other == account);
            assert!(earlier.clone().all(|(_, earlier)| earlier < time));
        }
    }
    let mut all: Vec<_> = taken.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), written, "none twice");
    assert_eq!(count(&database.client().await, "outbox").await, 0);
}

#[tokio::test]
async fn one_event_of_a_person_is_under_way_at_a_time_and_a_lease_ends() {
    let database = TestDatabase::create().await;
    let (store, other) = (telling(&database).await, telling(&database).await);
    fill(&store, 1, 2).await;
    let [first] = &claim(&store, 8, 10).await[..] else { panic!("the first one alone") };
    assert_eq!((first.tries, first.at), (1, at(0)));
    assert!(claim(&other, 8, 69).await.is_empty(), "the second waits for the first");

    // The replica has died, or hangs.
    let [again] = &claim(&other, 8, 70).await[..] else { panic!("the lease has ended") };
    assert_eq!((again.id, again.tries), (first.id, 2));
    store.settle_event(first, Settlement::Delivered, at(71)).await.unwrap();
    assert!(claim(&store, 8, 71).await.is_empty(), "too late: the other one delivers it");
    other.settle_event(again, Settlement::Delivered, at(72)).await.unwrap();
    let [second] = &claim(&store, 8, 73).await[..] else { panic!("the second") };
    assert_eq!(second.at, at(1));
}

#[tokio::test]
async fn a_dead_event_holds_back_no_other_and_may_be_tried_again() {
    let database = TestDatabase::create().await;
    let store = telling(&database).await;
    fill(&store, 1, 2).await;
    let [first] = &claim(&store, 8, 10).await[..] else { panic!("the first") };
    let failed = Settlement::Failed { result: "500", next: NextTry::At(at(20)) };
    store.settle_event(first, failed, at(11)).await.unwrap();
    assert!(claim(&store, 8, 19).await.is_empty(), "it waits, and holds back the second");
    let [first] = &claim(&store, 8, 20).await[..] else { panic!("the first") };
    let failed = Settlement::Failed { result: "timeout", next: NextTry::Never };
    store.settle_event(first, failed, at(21)).await.unwrap();
    assert_eq!(store.outbox_count().await.unwrap(), OutboxCount { pending: 1, dead: 1 });
    let [second] = &claim(&store, 8, 22).await[..] else { panic!("the second") };
    store.settle_event(second, Settlement::Delivered, at(23)).await.unwrap();

    let [entry] = &store.outbox_entries(10).await.unwrap()[..] else { panic!("the dead one") };
    assert_eq!((entry.id, entry.tries, entry.dead_at), (first.id, 2, Some(at(21))));
    assert_eq!(entry.last_result.as_deref(), Some("timeout"));
    assert_eq!(store.retry_events(Some(Uuid::new_v4()), at(30)).await.unwrap(), 0);
    assert_eq!(store.retry_events(None, at(30)).await.unwrap(), 1);
    let [again] = &claim(&store, 8, 30).await[..] else { panic!("the dead one") };
    assert_eq!((again.id, again.tries), (first.id, 1));
    assert_eq!(again.give_up_at, at(30) + TimeDelta::hours(24));
}

/// What is left of an erased person: id, name, word and times, for days at most.
#[tokio::test]
async fn the_sweep_deletes_what_nobody_took() {
    let database = TestDatabase::create().await;
    let (store, client) = (telling(&database).await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    store.account(session_of(&ada)).erase(at(0)).await.unwrap();
    let row = client.query_one("SELECT to_jsonb(o)::text FROM outbox o", &[]).await.unwrap();
    let row: String = row.get(0);
    assert!(row.contains(&ada.user.id.to_string()) && row.contains("\"ada\""), "{row}");
    let columns: i64 = client
        .query_one(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'outbox'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(columns, 13, "say in docs/store.md what else an event holds");
    store.sweep(at(0) + OUTBOX_RETENTION - TimeDelta::seconds(1)).await;
    assert_eq!(told(&client, "ada").await, [AccountEvent::Erased.as_str()]);
    store.sweep(at(0) + OUTBOX_RETENTION).await;
    assert_eq!(count(&client, "outbox").await, 0);
}
