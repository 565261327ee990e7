//! Values the tests are about, in the domain's words.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::Attested;
use faceauth_domain::authentication::PasskeyKind;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::challenge::{
    Action, Binding, Challenge, Kinds, MAX_ATTEMPTS, Purpose, SESSION_TTL,
};
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::policy::MatchPolicy;
use faceauth_domain::second_factor::{Awaited, PasskeyName};
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::{Consent, User, UserId, Username};
use faceauth_store::Store;
use faceauth_store::account::{EnrolmentRight, TokenSession};
use faceauth_store::enrol::Enrolment;
use faceauth_store::faces::{AddFaceError, NewTemplate};
use faceauth_store::liveness::{NewGrant, NewSession};
use faceauth_store::reset::NewEnrolmentToken;
use faceauth_store::second_factor::{FaceShown, NewPasskey, StoredCredential, Transaction};
use faceauth_store::sessions::NewRefreshToken;
use faceauth_store::sign_in::{FaceAlone, SignIn};
use tokio_postgres::Client;
use uuid::Uuid;

/// Values of an embedding of the shipped matcher.
const DIMENSION: u16 = 128;

/// How long a session lasts.
pub const LONGEST: TimeDelta = TimeDelta::days(90);

/// `seconds` after the instant the tests begin at.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub fn model() -> ModelId {
    ModelId::new("matcher-1")
}

/// A vector that differs with `seed`.
pub fn embedding(model: &ModelId, seed: u8) -> Embedding {
    let value = |i| (f32::from(i) * 0.37 + f32::from(seed)).sin();
    Embedding::normalised(model.clone(), (0..DIMENSION).map(value).collect()).unwrap()
}

/// The head of a PNG whose width is `seed`: nobody decodes it here.
pub fn image(seed: u8) -> EncodedImage {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01".to_vec();
    bytes[19] = seed.max(1);
    EncodedImage::parse(bytes, None).unwrap()
}

pub fn template(model: &ModelId, seed: u8) -> NewTemplate {
    NewTemplate {
        id: TemplateId(Uuid::now_v7()),
        embedding: embedding(model, seed),
        previous: None,
        image: Some(image(seed)),
        created_at: at(i64::from(seed)),
    }
}

pub fn attempt(user: Option<UserId>, kind: AttemptKind, outcome: AttemptOutcome) -> Attempt {
    Attempt {
        user,
        kind,
        outcome,
        assurance: (outcome == AttemptOutcome::Accepted).then_some(Assurance::Face.into()),
        reasons: Vec::new(),
        pad_bona_fide: true,
        attestation: None,
        model: model(),
        client_hash: vec![7; 32],
        at: at(0),
    }
}

/// A sign-in.
pub fn accepted(user: UserId) -> Attempt {
    attempt(Some(user), AttemptKind::Verify, AttemptOutcome::Accepted)
}

pub fn add_face_attempt(user: UserId) -> Attempt {
    attempt(Some(user), AttemptKind::AddFace, AttemptOutcome::Accepted)
}

/// The session that began with this enrolment.
pub fn session_of(person: &Enrolment) -> TokenSession {
    TokenSession { user: person.user.id, id: person.refresh.as_ref().unwrap().session }
}

/// Adds a face by the session that began with this enrolment.
pub async fn add_face(
    store: &Store,
    person: &Enrolment,
    template: &NewTemplate,
) -> Result<(), AddFaceError> {
    add_face_by(store, EnrolmentRight::Session(session_of(person)), template).await
}

/// Adds a face by whatever gives the right to.
pub async fn add_face_by(
    store: &Store,
    right: EnrolmentRight,
    template: &NewTemplate,
) -> Result<(), AddFaceError> {
    let account = store.enrolling(right);
    account.add_face(template, &add_face_attempt(account.user()), &anybody()).await
}

/// A policy that takes every face for the owner's: most tests are about rows.
pub fn anybody() -> EnrolmentPolicy {
    strict(-1.0)
}

/// A policy that wants faces to match by this threshold.
pub fn strict(threshold: f32) -> EnrolmentPolicy {
    let matching = MatchPolicy { model: model(), threshold, fmr: 1e-4, cascade: None };
    EnrolmentPolicy { matching, previous: None }
}

/// An enrolment token that lives for an hour.
pub fn enrolment_token() -> NewEnrolmentToken {
    NewEnrolmentToken { id: Uuid::new_v4(), expires_at: at(3_600) }
}

/// A sign-in that the first face of this enrolment matched.
pub fn sign_in<'a>(
    person: &Enrolment,
    attempt: &'a Attempt,
    refresh: &'a NewRefreshToken,
) -> SignIn<'a> {
    SignIn {
        attempt,
        refresh,
        matched: person.templates[0].id,
        begun: None,
        upgrade: None,
        alone: FaceAlone::UnlessPasskey,
    }
}

/// A 32-byte hash that is unlike every other.
pub fn hash() -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    hash[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    hash
}

/// A first refresh token that lives for an hour.
pub fn refresh(user: UserId) -> NewRefreshToken {
    NewRefreshToken {
        user,
        session: Uuid::new_v4(),
        token_hash: hash(),
        auth_time: at(0),
        acr: "face".into(),
        attested: None,
        issued_at: at(0),
        expires_at: at(3_600),
        client: None,
    }
}

/// A registration with two templates and no idempotency key.
pub fn enrolment(username: &str) -> Enrolment {
    let id = UserId(Uuid::now_v7());
    Enrolment {
        user: User { id, username: Username::parse(username).unwrap(), created_at: at(0) },
        consent: Consent {
            policy_version: "2026-01".into(),
            granted_at: at(0),
            withdrawn_at: None,
        },
        templates: vec![template(&model(), 1), template(&model(), 2)],
        attempt: attempt(Some(id), AttemptKind::Register, AttemptOutcome::Accepted),
        policy: anybody(),
        refresh: Some(refresh(id)),
        transaction: None,
        idempotency: None,
        invitation: None,
    }
}

/// What a session or a grant for `username` to sign in with is bound to.
pub fn bound_to(username: &str) -> Binding {
    let username = Some(Username::parse(username).unwrap());
    Binding { username, purpose: Some(Purpose::Verify) }
}

/// A session that begins at `at(0)`.
pub fn session(binding: Binding) -> NewSession {
    NewSession {
        id: Uuid::new_v4(),
        nonce_hash: hash(),
        binding,
        kinds: Kinds::default(),
        challenge: Challenge::from_steps(vec![Action::TurnLeft, Action::LookUp, Action::TurnLeft]),
        issued_at: at(0),
        expires_at: at(0) + SESSION_TTL,
        attempts_left: MAX_ATTEMPTS,
    }
}

/// A grant for `session` that lives until `at(60)`.
pub fn grant(session: &NewSession) -> NewGrant {
    NewGrant {
        token_hash: hash(),
        session: session.id,
        face: embedding(&model(), 5),
        previous: Some(embedding(&ModelId::new("matcher-0"), 5)),
        binding: session.binding.clone(),
        assurance: "face-live".into(),
        attested: Some(Attested::AndroidTee),
        expires_at: at(60),
        attempt: attempt(None, AttemptKind::Liveness, AttemptOutcome::Accepted),
    }
}

/// Every table of ours, in order. Partitions belong to theirs.
pub async fn tables(client: &Client) -> Vec<String> {
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace \
               AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT LIKE '\\_\\_%' \
               ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

pub async fn count(client: &Client, from: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {from}"), &[]).await.unwrap().get(0)
}

/// Longest that connections take to come to a lock, on a machine with much else to do.
const WAITING_LIMIT: Duration = Duration::from_secs(120);

/// How often it is looked whether they have.
const WAITING_POLL: Duration = Duration::from_millis(5);

/// Returns when `connections` of this database wait for a lock that somebody else holds, so
/// that a race begins with all of them at the same point.
pub async fn until_waiting(client: &Client, connections: i64) {
    let waiting =
        "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let began = Instant::now();
    loop {
        // Within a transaction the server answers from a snapshot until it is told otherwise.
        client.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
        if count(client, waiting).await >= connections {
            return;
        }
        assert!(began.elapsed() < WAITING_LIMIT, "{connections} connections never waited");
        tokio::time::sleep(WAITING_POLL).await;
    }
}

/// Rows in all tables together.
pub async fn total_rows(client: &Client) -> i64 {
    let mut total = 0;
    for table in tables(client).await {
        total += count(client, &table).await;
    }
    total
}

/// A passkey that does not count yet. The seed tells passkeys apart.
pub fn passkey(seed: u8) -> NewPasskey {
    NewPasskey {
        id: Uuid::now_v7(),
        credential: StoredCredential {
            id: vec![seed; 16],
            record: "{}".to_owned(),
            counter: 0,
            kind: PasskeyKind::DeviceBound,
        },
        name: PasskeyName::parse("my key").unwrap(),
        created_at: at(0),
    }
}

/// What waits for a second factor of this person, until `at(99)`.
pub fn transaction(person: &Enrolment, awaited: Awaited) -> Transaction {
    let face = FaceShown {
        assurance: Assurance::Face,
        template: person.templates[0].id,
        attested: None,
        known_device: None,
    };
    Transaction {
        id: hash(),
        user: Some(person.user.id),
        awaited,
        ceremony: "{}".to_owned(),
        face: matches!(awaited, Awaited::Show | Awaited::RegisterFirst).then_some(face),
        expires_at: at(99),
    }
}
