use super::*;
use crate::oauth::client::{ClientAuthentication, ClientRegistration};
use crate::oauth::step_up::{SignInShown, Unmet};
use chrono::{DateTime, Utc};

const CALLBACK: &str = "https://app.example.org/callback";

fn client(offline_access: bool) -> Client {
    let uri = |text: &str| RedirectUri::parse(text).expect("an address");
    Client::new(ClientRegistration {
        id: "app".parse().expect("an id"),
        name: "App".to_owned(),
        redirect_uris: vec![uri(CALLBACK), uri("http://127.0.0.1/back")],
        post_logout_redirect_uris: Vec::new(),
        authentication: ClientAuthentication::None,
        first_party: true,
        pairwise: false,
        sector: None,
        audience: None,
        require_par: false,
        offline_access,
    })
    .expect("a client")
}

/// A good request with changes: a name without a value is left out.
fn parameters(changes: &[(&str, &str)]) -> Parameters {
    let mut pairs = vec![
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile offline_access"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name, value));
    }
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Parameters::new(pairs).expect("distinct names")
}

fn parse(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, OauthErrorCode> {
    let (client, parameters) = (client(true), parameters(changes));
    let to = answer_to(&client, &parameters).expect("an address");
    AuthorizationRequest::parse(&client, to, &parameters).map_err(|flaw| flaw.code)
}

#[test]
fn answers_go_to_registered_addresses_alone() {
    let to = |address: &str| answer_to(&client(true), &parameters(&[("redirect_uri", address)]));
    assert_eq!(to(CALLBACK).map(|uri| uri.to_string()).as_deref(), Ok(CALLBACK));
    let native = to("http://127.0.0.1:4711/back").map(|uri| uri.to_string());
    assert_eq!(native.as_deref(), Ok("http://127.0.0.1:4711/back"));
    for other in [
        "",
        "https://app.example.org/callback/",
        "https://app.example.org/callback?x=1",
        "https://APP.example.org/callback",
        "https://app.example.org:443/callback",
        "https://evil.example/callback",
        "http://127.0.0.1:4711/other",
    ] {
        assert_eq!(to(other), Err(NoAnswer::RedirectUri), "{other}");
    }
}

#[test]
fn a_good_request_is_read() {
    let request = parse(&[
        ("prompt", "login consent"),
        ("max_age", "60"),
        ("acr_values", "urn:faceauth:acr:face-passkey-synced urn:other"),
        ("ui_locales", "de en"),
        ("login_hint", "ada"),
    ])
    .expect("a request");
    assert_eq!(request.scopes.text(), "openid profile offline_access");
    assert_eq!((request.state.as_deref(), request.nonce.as_deref()), (Some("s"), Some("n")));
    assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
    assert_eq!(request.max_age, Some(TimeDelta::seconds(60)));
    assert_eq!(request.acr_values.len(), 1);
    assert!(request.wants_second_factor());
    assert_eq!(request.ui_locales, ["de", "en"]);
    let debug = format!("{request:?}");
    assert!(!debug.contains("ada"), "{debug}");
}

#[test]
fn each_flaw_has_its_word() {
    use OauthErrorCode::*;
    let long = "s".repeat(MAX_REQUEST_BYTES);
    let cases: &[(&str, &str, OauthErrorCode)] = &[
        ("response_type", "", InvalidRequest),
        ("response_type", "token", UnsupportedResponseType),
        ("response_type", "code id_token", UnsupportedResponseType),
        ("response_mode", "fragment", InvalidRequest),
        ("scope", "", InvalidScope),
        ("scope", "profile", InvalidScope),
        ("code_challenge", "", InvalidRequest),
        ("code_challenge", "short", InvalidRequest),
        ("code_challenge_method", "", InvalidRequest),
        ("code_challenge_method", "plain", InvalidRequest),
        ("prompt", "none login", InvalidRequest),
        ("prompt", "later", InvalidRequest),
        ("max_age", "-1", InvalidRequest),
        ("max_age", "soon", InvalidRequest),
        ("acr_values", "urn:other", UnmetAuthenticationRequirements),
        ("request", "ey", RequestNotSupported),
        ("request_uri", "https://app.example.org/request", RequestUriNotSupported),
        ("registration", "{}", RegistrationNotSupported),
        ("state", &long, InvalidRequest),
    ];
    for (name, value, code) in cases {
        assert_eq!(parse(&[(name, value)]), Err(*code), "{name}={value}");
    }
}

#[test]
fn a_client_without_offline_access_does_not_get_it() {
    let (client, parameters) = (client(false), parameters(&[]));
    let to = answer_to(&client, &parameters).expect("an address");
    let request = AuthorizationRequest::parse(&client, to, &parameters).expect("a request");
    assert_eq!(request.scopes.text(), "openid profile");
}

#[test]
fn a_sign_in_is_measured_by_age_and_strength() {
    let at = |seconds| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
    let shown = |seconds, word| SignInShown {
        auth_time: at(seconds),
        authentication: Authentication::parse(word).expect("a word"),
    };
    let (requested, now) = (at(1_000), at(1_100));
    let met = |changes: &[(&str, &str)], shown| {
        parse(changes).expect("a request").met_by(shown, requested, now)
    };
    let (before, after) = (shown(0, "face"), shown(1_050, "face"));
    assert_eq!(met(&[], before), Ok(()));
    assert_eq!(met(&[("prompt", "select_account")], before), Ok(()));
    for wants_new in [("prompt", "login"), ("prompt", "create"), ("max_age", "0")] {
        assert_eq!(met(&[wants_new], before), Err(Unmet::TooOld), "{wants_new:?}");
        assert_eq!(met(&[wants_new], after), Ok(()), "{wants_new:?}");
    }
    assert_eq!(met(&[("max_age", "1100")], before), Ok(()));
    assert_eq!(met(&[("max_age", "1099")], before), Err(Unmet::TooOld));
    let acr = [("acr_values", "urn:faceauth:acr:face-passkey-synced")];
    assert_eq!(met(&acr, after), Err(Unmet::TooWeak));
    assert_eq!(met(&acr, shown(0, "face-liveness-passkey-device-bound")), Ok(()));
}
