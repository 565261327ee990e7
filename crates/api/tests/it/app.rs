//! A running API of its own for each test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use faceauth_api::settings::{
    ApiSettings, AttestationRules, LimitSettings, OidcRules, Registration, SecondFactorRules,
    TokenSettings,
};
use faceauth_api::{EventReceiver, Services, TokenKeys, TokenSigner};
use faceauth_domain::challenge::Action;
use faceauth_domain::clock::Clock;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::failures::FailurePolicy;
use faceauth_domain::liveness::policy::LivenessPolicy;
use faceauth_domain::policy::{MatchPolicy, PadMode, PadPolicy, Policy};
use faceauth_domain::quality::QualityPolicies;
use faceauth_store::retire::Retention;
use faceauth_store::seal::Sealer;
use faceauth_store::{Store, StoreConfig};
use faceauth_test_support::database::{TestDatabase, sealer};
use faceauth_test_support::scripted::{MODEL, ManualClock, ScriptedAnalyzer, Shows, performance};
use secrecy::{SecretBox, SecretString};
use serde_json::{Value, json};
use ureq::Agent;

pub const ISSUER: &str = "https://faceauth.test";
/// Every byte of the signing key.
pub const KEY_SEED: u8 = 1;
pub const AUDIENCE: &str = "faceauth-test";
/// Generous, so that only tests about limits meet them.
const NO_LIMIT: NonZeroU32 = NonZeroU32::new(1_000_000).expect("positive");

/// The API, its ports and its database.
pub struct App {
    pub base: String,
    pub analyzer: Arc<ScriptedAnalyzer>,
    pub clock: Arc<ManualClock>,
    pub database: Arc<TestDatabase>,
    /// What was sent and how it was answered: method, path without its query, status.
    pub sent: Mutex<Vec<(String, String, u16)>>,
    agent: Agent,
    stop: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a test changes before the API starts.
pub struct Setup {
    pub settings: ApiSettings,
    pub store: Option<StoreConfig>,
    /// The keys of the deployment.
    pub sealer: Sealer,
    pub keys: TokenKeys,
    pub analyzer: ScriptedAnalyzer,
    /// Who is told what happens to accounts.
    pub receiver: Option<Arc<dyn EventReceiver>>,
    /// The clock; the one that a test moves by hand when there is none.
    pub clock: Option<MakeClock>,
}

/// Makes the clock of an API with this store.
pub type MakeClock = Box<dyn FnOnce(&Store) -> Arc<dyn Clock> + Send>;

impl Setup {
    pub fn limit_sign_in(&mut self, per_minute: u32) {
        self.settings.limits.sign_in_per_minute = NonZeroU32::new(per_minute).expect("positive");
    }
}

/// An answer that has been read.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }

    /// The problem's code after checking that it is a problem as documented.
    pub fn code(&self) -> String {
        assert!(self.status >= 400, "{} {}", self.status, self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        let code = body["code"].as_str().expect("a code").to_owned();
        assert_eq!(body["type"], format!("urn:faceauth:error:{code}"));
        assert_eq!(body["status"], self.status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert!(!body["title"].as_str().unwrap_or_default().is_empty());
        assert!(!body["detail"].as_str().unwrap_or_default().is_empty());
        code
    }

    /// The pointer of the first part the problem is about.
    pub fn pointer(&self) -> String {
        self.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
    }

    pub fn access_token(&self) -> String {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        self.json()["access_token"].as_str().expect("an access token").to_owned()
    }

    pub fn refresh_token(&self) -> String {
        self.json()["refresh_token"].as_str().expect("a refresh token").to_owned()
    }
}

pub fn signing_key(seed: u8) -> SecretString {
    let key = KeypairBytes { secret_key: [seed; 32], public_key: None };
    SecretString::from(key.to_pkcs8_pem(LineEnding::LF).expect("a PEM").to_string())
}

/// Keys of which the first signs.
pub fn keys(signing: SecretString, others: &[SecretString]) -> TokenKeys {
    let signer = |pem: &SecretString| TokenSigner::from_pem(pem).expect("a key");
    TokenKeys::new(signer(&signing), others.iter().map(signer).collect())
}

pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn settings() -> ApiSettings {
    ApiSettings {
        bind: ([127, 0, 0, 1], 0).into(),
        http_workers: 1,
        cors_origins: vec!["https://app.example.org".parse().expect("an origin")],
        trusted_proxies: Vec::new(),
        limits: LimitSettings {
            sign_in_per_minute: NO_LIMIT,
            detect_per_minute: NO_LIMIT,
            account_per_minute: NO_LIMIT,
            service_per_minute: NO_LIMIT,
            other_per_minute: NO_LIMIT,
        },
        oidc: OidcRules::default(),
        registration: Registration::Open,
        page_url: None,
        policy: Policy {
            matching: MatchPolicy {
                model: ModelId::new(MODEL),
                threshold: 0.5,
                fmr: 1e-4,
                cascade: None,
            },
            previous: None,
            pad: PadPolicy { mode: PadMode::Enforce, threshold: 0.5 },
            quality: QualityPolicies::DEFAULT,
            liveness: LivenessPolicy::DEFAULT,
            failures: FailurePolicy::DEFAULT,
            require_liveness: false,
        },
        attestation: AttestationRules::default(),
        second_factor: SecondFactorRules::default(),
        tokens: TokenSettings {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            access_ttl: Duration::from_secs(900),
            refresh_ttl: Duration::from_secs(86_400),
            session_ttl: Duration::from_secs(3 * 86_400),
        },
        retention: Retention {
            inactive_account: Some(chrono::TimeDelta::days(3 * 365)),
            attempt: chrono::TimeDelta::days(365),
            old_template: chrono::TimeDelta::days(90),
            enrolment_image: None,
        },
        frontend_dir: None,
        docs: true,
        page_look: faceauth_api::settings::PageLook::default(),
        security_txt: None,
        max_in_flight: 16,
        client_hash_key: SecretBox::new(Box::new([7; 32])),
    }
}

impl App {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Setup)) -> Self {
        Self::start_on(Arc::new(TestDatabase::create().await), change)
    }

    /// Another replica, when there is one on `database` already.
    pub fn start_on(database: Arc<TestDatabase>, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup {
            settings: settings(),
            store: None,
            sealer: sealer(),
            keys: keys(signing_key(KEY_SEED), &[]),
            analyzer: ScriptedAnalyzer::default(),
            receiver: None,
            clock: None,
        };
        change(&mut setup);
        let config = setup.store.unwrap_or_else(|| database.config());
        let sealer = setup.sealer;
        let analyzer = Arc::new(setup.analyzer);
        let clock = Arc::new(ManualClock::default());
        let listener = TcpListener::bind(setup.settings.bind).expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = std::sync::mpsc::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let (for_analyzer, for_clock) = (Arc::clone(&analyzer), Arc::clone(&clock));
        // actix wants a runtime of its own.
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let store = Store::connect(&config, sealer).await.expect("a store");
                let services = Services {
                    clock: match setup.clock {
                        Some(make) => make(&store),
                        None => for_clock,
                    },
                    store,
                    analyzer: for_analyzer,
                    keys: setup.keys,
                    drain: faceauth_api::Drain::default(),
                    receiver: setup.receiver,
                };
                let server =
                    faceauth_api::serve(setup.settings, services, listener).expect("a server");
                let handle = server.handle();
                actix_web::rt::spawn(async move {
                    let waited = actix_web::rt::task::spawn_blocking(move || stopped.recv()).await;
                    // Told to stop, or the test has ended.
                    let _ = waited;
                    handle.stop(false).await;
                });
                ready.send(()).expect("the test waits");
                server.await.expect("a clean end");
            });
        });
        is_ready.recv().expect("the server starts");
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = Agent::new_with_config(config.build());
        let (stop, thread) = (Some(stop), Some(thread));
        Self { base, analyzer, clock, database, sent: Mutex::default(), agent, stop, thread }
    }

    /// Sends anything.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let uri = format!("{}{path}", self.base);
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).expect("a request");
        let config = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        let mut response = self.agent.run(config).expect("an answer");
        let status = response.status().as_u16();
        let path = path.split('?').next().unwrap_or_default();
        let sent = (method.to_owned(), path.to_owned(), status);
        self.sent.lock().expect("no panic").push(sent);
        let headers = response.headers().clone();
        let body = response.body_mut().read_to_vec().expect("a body");
        Answer { status, headers, body }
    }

    /// Sends a request line exactly as it is written, and reads the whole answer.
    pub fn raw(&self, line: &str) -> String {
        self.raw_with(line, "")
    }

    /// The same with more header lines, each of which ends with CRLF.
    pub fn raw_with(&self, line: &str, headers: &str) -> String {
        let mut stream =
            TcpStream::connect(self.base.trim_start_matches("http://")).expect("connect");
        let head = format!(
            "{line}\r\nHost: faceauth.test\r\nConnection: close\r\nContent-Length: 0\r\n\
             {headers}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("send");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    pub fn with_token(&self, method: &str, path: &str, token: &str) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {token}"))], &[])
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body)
    }

    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    pub fn register(&self, username: &str, shows: Shows) -> Answer {
        self.post("/register", &registration(username, &[shows]))
    }

    pub fn verify(&self, username: &str, shows: Shows) -> Answer {
        self.post("/verify", &probe(username, shows))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A registration with these pictures.
pub fn registration(username: &str, shows: &[Shows]) -> Value {
    let images: Vec<String> = shows.iter().map(|s| base64(&s.picture())).collect();
    json!({
        "username": username,
        "face_images": images,
        "consent": {"policy_version": "1", "granted": true},
    })
}

/// A sign-in with this picture.
pub fn probe(username: &str, shows: Shows) -> Value {
    json!({"username": username, "face_image": base64(&shows.picture())})
}

/// A folder with a page, removed at the end.
pub struct Page(pub PathBuf);

impl Page {
    /// Each test names its own.
    pub fn new(name: &str) -> Self {
        let name = format!("faceauth-page-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("assets")).expect("a folder");
        std::fs::write(folder.join("index.html"), "<title>page</title>").expect("a page");
        std::fs::write(folder.join("login.html"), "<title>login</title>").expect("a page");
        std::fs::write(folder.join("assets/app-1a2b.js"), "1").expect("an asset");
        Self(folder)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A liveness session and the steps that answer it.
pub struct Challenged {
    pub session: String,
    pub nonce: String,
    pub actions: Vec<Action>,
}

impl Challenged {
    /// The session of a body that has the steps; `session` when the body does not name it.
    pub fn of(body: &Value, session: Option<&str>) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let steps = body["steps"].as_array().expect("steps");
        Self {
            session: session.map_or_else(|| text(&body["session_id"]), str::to_owned),
            nonce: text(&body["nonce"]),
            actions: steps
                .iter()
                .map(|step| Action::parse(&text(&step["action"])).expect("an action"))
                .collect(),
        }
    }

    /// The capture of somebody who does what is asked. Another `salt`, other bytes.
    pub fn performed(&self, shows: Shows, salt: u32) -> Value {
        self.capture(&performance(shows, &self.actions, salt))
    }

    /// A capture of these frames.
    pub fn capture(&self, frames: &[(u32, Vec<u8>)]) -> Value {
        let frames: Vec<Value> = frames
            .iter()
            .map(|(t_ms, picture)| json!({"image": base64(picture), "t_ms": t_ms}))
            .collect();
        json!({"session_id": self.session, "nonce": self.nonce, "frames": frames})
    }
}

impl App {
    /// Opens a session and lets the time of a performance pass.
    pub fn challenge(&self, request: &Value) -> Challenged {
        let opened = self.post("/liveness/sessions", request);
        assert_eq!(opened.status, 201, "{}", opened.text());
        self.clock.advance(chrono::TimeDelta::seconds(10));
        Challenged::of(&opened.json(), None)
    }
}
