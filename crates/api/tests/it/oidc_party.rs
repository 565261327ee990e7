//! A relying party and a browser, as small as they can be.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use faceauth_api::settings::{Credential, OidcRules, RegisteredClient};
use faceauth_domain::oauth::client::{Client, ClientAuthentication, ClientRegistration};
use faceauth_domain::oauth::redirect_uri::RedirectUri;
use faceauth_test_support::scripted::Shows;
use faceauth_usecases::oauth::secret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::app::{Answer, App, ISSUER, Setup};
use crate::oidc_assertion::{COSIGNER, SIGNER};

pub const CALLBACK: &str = "https://app.example.org/callback";
pub const AFTER_LOGOUT: &str = "https://app.example.org/bye";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of the confidential client.
pub const SECRET: &str = "a secret: with & everything";
pub const LOGIN_COOKIE: &str = "__Host-faceauth-login";
pub const REQUEST_COOKIE: &str = "__Host-faceauth-request";

/// A client with this id and these changes.
pub fn client(
    id: &str,
    credential: Credential,
    change: impl FnOnce(&mut ClientRegistration),
) -> RegisteredClient {
    let uri = |text: &str| RedirectUri::parse(text).expect("an address");
    let mut registration = ClientRegistration {
        id: id.parse().expect("an id"),
        name: format!("The app {id}"),
        redirect_uris: vec![uri(CALLBACK), uri("http://127.0.0.1/back")],
        post_logout_redirect_uris: vec![uri(AFTER_LOGOUT)],
        authentication: match credential {
            Credential::None => ClientAuthentication::None,
            Credential::SecretHash(_) => ClientAuthentication::ClientSecretBasic,
            Credential::Jwks(_) => ClientAuthentication::PrivateKeyJwt,
        },
        first_party: true,
        pairwise: false,
        sector: None,
        audience: None,
        require_par: false,
        offline_access: true,
    };
    change(&mut registration);
    RegisteredClient { client: Client::new(registration).expect("a client"), credential }
}

/// Makes the API an OpenID Connect provider with some clients:
/// `app` keeps no secret; `server` does; `third` belongs to somebody else; `pair` and `pear` know
/// people by names of their own; `push` pushes its requests; `api` has named an API, and `backend` is
/// that API; `short` gets no refresh tokens; `signer` and `cosigner` sign assertions, each with a
/// key of its own.
pub fn provider(setup: &mut Setup) {
    let proof = || Credential::SecretHash(secret::hash(SECRET));
    setup.settings.oidc = OidcRules {
        enabled: true,
        clients: vec![
            client("app", Credential::None, |_| {}),
            client("other", Credential::None, |_| {}),
            client("server", proof(), |_| {}),
            client("third", Credential::None, |app| app.first_party = false),
            client("pair", Credential::None, |app| {
                app.pairwise = true;
                app.sector = Some("pair.example".to_owned());
            }),
            client("pear", Credential::None, |app| {
                app.pairwise = true;
                app.sector = Some("pear.example".to_owned());
            }),
            client("push", proof(), |app| app.require_par = true),
            client("api", Credential::None, |app| {
                app.audience = Some(crate::app::AUDIENCE.to_owned());
            }),
            client("backend", proof(), |app| {
                app.audience = Some(crate::app::AUDIENCE.to_owned());
            }),
            client("short", Credential::None, |app| app.offline_access = false),
            client("signer", Credential::Jwks(SIGNER.jwks()), |_| {}),
            client("cosigner", Credential::Jwks(COSIGNER.jwks()), |_| {}),
        ],
    };
}

/// A provider where `ada` has an account.
pub async fn app_of_ada() -> App {
    let app = App::start_with(provider).await;
    assert_eq!(app.register("ada", Shows::Person(0)).status, 201);
    app
}

/// A text of an answer.
pub fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}"))
}

/// An address with a query.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    format!("{path}?{}", form(query))
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A good authorization request with changes; an empty value leaves a parameter out.
pub fn request<'a>(client: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let good = vec![
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile offline_access"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    changed(good, changes)
}

/// The form that redeems a code as a client without a secret, with changes.
pub fn redemption<'a>(
    client: &'a str,
    code: &'a str,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let good = vec![
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    changed(good, changes)
}

fn changed<'a>(
    mut pairs: Vec<(&'a str, &'a str)>,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    for change in changes {
        pairs.retain(|(name, _)| *name != change.0);
        pairs.push(*change);
    }
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

/// What an address carries under this name.
pub fn carried(address: &str, name: &str) -> Option<String> {
    let base = Url::parse("https://here.test").expect("a base");
    let url = base.join(address).expect("an address");
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The claims of a JWT.
pub fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64url"))
        .expect("JSON")
}

/// The challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The header of a confidential client.
pub fn basic(id: &str, secret: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}

/// A browser: its cookies, and the addresses it is sent to.
#[derive(Default, Clone)]
pub struct Browser {
    pub cookies: Vec<(String, String)>,
}

impl Browser {
    /// Keeps the cookies of an answer.
    pub fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a text header");
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            self.cookies.retain(|(known, _)| known != name);
            if !cookie.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The header with its cookies.
    pub fn header(&self) -> String {
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Opens an address, and returns where it leads.
    pub fn open(&mut self, app: &App, address: &str) -> String {
        let answer = self.get(app, address);
        assert_eq!(answer.status, 303, "{} {}", answer.text(), address);
        answer.header("location").to_owned()
    }

    pub fn get(&mut self, app: &App, address: &str) -> Answer {
        let cookies = self.header();
        let answer = app.send("GET", address, &[("cookie", &cookies)], &[]);
        self.keep(&answer);
        answer
    }

    /// Begins a sign-in. Returns the secret that the page is given.
    pub fn begin(&mut self, app: &App, client: &str, changes: &[(&str, &str)]) -> String {
        let page = self.open(app, &address("/authorize", &request(client, changes)));
        assert!(page.starts_with("/login?request="), "{page}");
        carried(&page, "request").expect("a request")
    }

    /// What the page shows.
    pub fn shown(&mut self, app: &App, request: &str) -> Answer {
        let cookies = self.header();
        let headers = [("cookie", cookies.as_str()), ("authorization-request", request)];
        app.send("GET", "/login/request", &headers, &[])
    }

    /// Accepts a request, with the token of a sign-in or the login session.
    pub fn accept(
        &mut self,
        app: &App,
        request: &str,
        token: Option<&str>,
        agreed: bool,
    ) -> Answer {
        let body = json!({"request": request, "consent": agreed});
        self.post(app, "/login/accept", &body, token)
    }

    pub fn post(&mut self, app: &App, path: &str, body: &Value, token: Option<&str>) -> Answer {
        let (cookies, bearer) = (self.header(), format!("Bearer {}", token.unwrap_or_default()));
        let mut headers = vec![("cookie", cookies.as_str())];
        if token.is_some() {
            headers.push(("authorization", &bearer));
        }
        let answer = app.post_with(path, &headers, body);
        self.keep(&answer);
        answer
    }

    /// Signs somebody in for a client, by a face. Returns the address of the answer.
    pub fn sign_in(&mut self, app: &App, client: &str, username: &str, face: Shows) -> String {
        let request = self.begin(app, client, &[]);
        let token = app.verify(username, face).access_token();
        let accepted = self.accept(app, &request, Some(&token), true);
        redirect_to(&accepted)
    }
}

/// The address that an accepted or refused request leads to.
pub fn redirect_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["redirect_to"].as_str().expect("an address").to_owned()
}

/// The code of an answer that the client has checked as its library does.
pub fn code(address: &str) -> String {
    assert_eq!(carried(address, "error"), None, "{address}");
    assert_eq!(carried(address, "state").as_deref(), Some("the state"));
    assert_eq!(carried(address, "iss").as_deref(), Some(ISSUER));
    carried(address, "code").expect("a code")
}

impl App {
    /// Sends a form to `/token` or beside it.
    pub fn post_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        pairs: &[(&str, &str)],
    ) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &[&kind, headers].concat(), form(pairs).as_bytes())
    }

    /// Redeems a code as a client without a secret, with changes.
    pub fn redeem(&self, client: &str, code: &str, changes: &[(&str, &str)]) -> Answer {
        self.post_form("/token", &[], &redemption(client, code, changes))
    }

    /// Renews a session of a client without a secret.
    pub fn renew(&self, client: &str, token: &str) -> Answer {
        let pairs =
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        self.post_form("/token", &[], &pairs)
    }

    /// Signs `ada` in for a client, in a new browser. Her account exists.
    pub fn tokens_of(&self, client: &str) -> Value {
        let address = Browser::default().sign_in(self, client, "ada", Shows::Person(0));
        let tokens = self.redeem(client, &code(&address), &[]);
        assert_eq!(tokens.status, 200, "{}", tokens.text());
        tokens.json()
    }
}

impl Answer {
    /// The error of OAuth, after checking its form.
    pub fn oauth_error(&self) -> String {
        assert!((400..600).contains(&self.status), "{} {}", self.status, self.text());
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        let body = self.json();
        assert!(!body["error_description"].as_str().unwrap_or_default().is_empty());
        body["error"].as_str().expect("an error").to_owned()
    }
}
