//! What the database does for the calls of the service, on one that `faceauth bench seed` filled.
//! Nothing is analysed: the face that signs in is the stored one.
//!
//! `measure WHAT SECONDS CALLERS KEYS`, where WHAT is `sign-in`, `refresh`, `attempts`, `erase`,
//! `sweep` or `seed` (then SECONDS are people), KEYS is the file of seal keys, and `DATABASE_URL`
//! names the database. `POOLER=transaction` sends statements as behind a pooler. Prints calls, calls a
//! second and times of calls.

#![allow(clippy::unwrap_used, reason = "a measurement may fail like a test")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::user::UserId;
use faceauth_store::account::TokenSession;
use faceauth_store::failures::Admission;
use faceauth_store::pooler::Pooler;
use faceauth_store::rotate::Rotation;
use faceauth_store::seal::{SealKeys, Sealer};
use faceauth_store::seed::{History, SEEDED_PREFIX};
use faceauth_store::sessions::NewRefreshToken;
use faceauth_store::sign_in::{FaceAlone, SignIn};
use faceauth_store::{Store, StoreConfig};
use uuid::Uuid;

/// The model of the people that this program makes.
const MODEL: &str = "measured";

/// Values of their templates, as those of the shipped matcher.
const DIMENSION: usize = 640;

/// Connections of one replica.
const CONNECTIONS: u32 = StoreConfig::DEFAULT_MAX_CONNECTIONS;

/// People of one transaction.
const GROUP: u64 = 500;

/// Sessions that a caller renews in turn.
const TOKENS: u64 = 100;

/// How long a session lasts at most.
const LONGEST: TimeDelta = TimeDelta::days(90);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, amount, callers, keys] = &arguments[..] else {
        panic!("measure WHAT SECONDS CALLERS KEYS")
    };
    let amount: u64 = amount.parse().unwrap();
    let callers: u64 = callers.parse().unwrap();
    let keys = SealKeys::parse(&std::fs::read_to_string(keys).unwrap()).unwrap();
    let url = std::env::var("DATABASE_URL").unwrap();
    let pooler = match std::env::var("POOLER").as_deref() {
        Ok("transaction") => Pooler::Transaction,
        _ => Pooler::None,
    };
    let config =
        StoreConfig { max_connections: CONNECTIONS, pooler, ..StoreConfig::new(url.into()) };
    let store = Store::connect(&config, Sealer::new(keys)).await.unwrap();
    let people = store.inhabitants().await.unwrap().seeded;
    match what.as_str() {
        "seed" => return seed(&store, people, amount).await,
        "sweep" => {
            let began = Instant::now();
            let swept = store.sweep(now()).await;
            println!("swept {} rows in {:?}, {:?}", swept.rows, began.elapsed(), swept.unfinished);
            return;
        }
        _ => {}
    }
    let end = Instant::now() + Duration::from_secs(amount);
    let done = AtomicU64::new(0);
    let runs = (0..callers).map(|caller| {
        let (store, what, done) = (&store, what.as_str(), &done);
        async move {
            let mut draw = Draw(caller + now().timestamp_micros().unsigned_abs());
            let mut tokens = Vec::new();
            if what == "refresh" {
                for _ in 0..TOKENS {
                    tokens.push(sign_in(store, &draw.name(people)).await);
                }
            }
            let mut times = Vec::new();
            while Instant::now() < end {
                let began = match what {
                    "refresh" => {
                        let which = draw.next() as usize % tokens.len();
                        refresh(store, &mut tokens[which]).await
                    }
                    "sign-in" => {
                        let (name, began) = (draw.name(people), Instant::now());
                        sign_in(store, &name).await;
                        began
                    }
                    // Somebody may be drawn again who was erased before.
                    _ => match store.account_of_name(&draw.name(people)).await.unwrap() {
                        Some(user) => of_account(store, what, user).await,
                        None => continue,
                    },
                };
                times.push(began.elapsed());
                done.fetch_add(1, Ordering::Relaxed);
            }
            times
        }
    });
    let mut times = futures_util::future::join_all(runs).await.concat();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: {} of {people} people, {:.0} a second, p50 {:?}, p99 {:?}",
        done.into_inner(),
        times.len() as f64 / amount as f64,
        at(0.5),
        at(0.99)
    );
}

/// A sign-in as `POST /verify` does it.
async fn sign_in(store: &Store, name: &str) -> NewRefreshToken {
    let (model, policy) = (ModelId::new(MODEL), FailurePolicy::DEFAULT);
    let admission = store.begin_attempt(name, None, &[&model], &policy, now()).await.unwrap();
    let Admission::Begun(begun, reference) = admission else { panic!("{name} has to wait") };
    let reference = reference.unwrap().unwrap();
    let (user, matched) = (reference.user.id, reference.templates[0].id);
    let attempt = Attempt {
        user: Some(user),
        kind: AttemptKind::Verify,
        outcome: AttemptOutcome::Accepted,
        assurance: Some(Assurance::Face.into()),
        reasons: Vec::new(),
        pad_bona_fide: true,
        attestation: None,
        model: ModelId::new(MODEL),
        client_hash: vec![7; 32],
        at: now(),
    };
    let refresh = NewRefreshToken {
        user,
        session: Uuid::new_v4(),
        token_hash: hash(),
        auth_time: now(),
        acr: "face".into(),
        attested: None,
        issued_at: now(),
        expires_at: now() + TimeDelta::days(30),
        client: None,
    };
    let (attempt, begun) = (&attempt, Some(&begun));
    let sign_in = SignIn {
        attempt,
        refresh: &refresh,
        matched,
        begun,
        upgrade: None,
        alone: FaceAlone::UnlessPasskey,
    };
    assert!(store.record_sign_in(&sign_in).await.unwrap(), "{name}");
    refresh
}

/// One renewal, as `POST /token/refresh` does it.
async fn refresh(store: &Store, token: &mut NewRefreshToken) -> Instant {
    let (began, next, until) = (Instant::now(), hash(), now() + TimeDelta::days(30));
    let rotation =
        store.rotate_refresh_token(token.token_hash, next, now(), until, LONGEST, None).await;
    assert!(matches!(rotation.unwrap(), Rotation::Rotated(_)));
    token.token_hash = next;
    began
}

/// What an account holder does. The session of a made-up person has the number of the person.
async fn of_account(store: &Store, what: &str, user: UserId) -> Instant {
    let account = store.account(TokenSession { user, id: user.0 });
    let began = Instant::now();
    match what {
        "attempts" => assert!(!account.attempts(None, 20).await.unwrap().is_empty()),
        "erase" => account.erase(now()).await.unwrap(),
        other => panic!("{other} is not measured"),
    }
    began
}

/// Makes people until there are `people`.
async fn seed(store: &Store, there: u64, people: u64) {
    let (began, mut made) = (Instant::now(), there);
    while made < people {
        let group = (made..people.min(made + GROUP)).map(|number| {
            let mut draw = Draw(number);
            let value = |_| draw.next() as f32 / u64::MAX as f32 - 0.5;
            let values = (0..DIMENSION).map(value).collect();
            vec![Embedding::normalised(ModelId::new(MODEL), values).unwrap()]
        });
        let group: Vec<_> = group.collect();
        store.seed(made + 1, &group, &History::MONTHLY, now()).await.unwrap();
        made += group.len() as u64;
    }
    println!("{:.0} people a second", (made - there) as f64 / began.elapsed().as_secs_f64());
}

/// Numbers that look drawn (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn name(&mut self, people: u64) -> String {
        format!("{SEEDED_PREFIX}{:010}", 1 + self.next() % people)
    }
}

fn hash() -> [u8; 32] {
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(one.as_bytes());
    hash[16..].copy_from_slice(other.as_bytes());
    hash
}

#[allow(clippy::disallowed_methods, reason = "a measurement is at the present time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
