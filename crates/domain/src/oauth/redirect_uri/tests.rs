use proptest::prelude::*;

use super::*;

#[test]
fn addresses_of_web_native_and_private_use_apps_are_taken() {
    for text in [
        "https://app.example.org/callback",
        "https://app.example.org",
        "https://app.example.org/",
        "https://app.example.org:8443/callback?tenant=7",
        "https://xn--bcher-kva.example/cb",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:51004/callback",
        "http://[::1]/callback",
        "http://localhost:3000/api/auth/callback/faceauth",
        "com.example.app:/oauth2redirect/faceauth",
        "com.example.app://callback",
        "com.example.app:callback",
    ] {
        let uri = RedirectUri::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"));
        assert_eq!(uri.as_str(), text);
        assert!(uri.matches(text));
    }
}

#[test]
fn each_rule_refuses_with_its_own_words() {
    use RedirectUriFlaw as Flaw;
    let long = format!("https://app.example.org/{}", "a".repeat(MAX_REDIRECT_URI_BYTES));
    for (text, flaw) in [
        (long.as_str(), Flaw::TooLong),
        ("", Flaw::NotAbsolute),
        ("/callback", Flaw::NotAbsolute),
        ("//app.example.org/callback", Flaw::NotAbsolute),
        ("https://", Flaw::NotAbsolute),
        ("https://a b.example/cb", Flaw::NotAbsolute),
        ("http://app.example.org/callback", Flaw::Scheme),
        ("http://localhost.example.org/callback", Flaw::Scheme),
        ("http://127.0.0.1.example.org/callback", Flaw::Scheme),
        ("http://0.0.0.0/callback", Flaw::Scheme),
        ("http://10.0.0.1/callback", Flaw::Scheme),
        ("javascript:alert(1)", Flaw::Scheme),
        ("data:text/html,x", Flaw::Scheme),
        ("file:///etc/passwd", Flaw::Scheme),
        ("myapp://callback", Flaw::Scheme),
        ("wss://app.example.org/cb", Flaw::Scheme),
        ("urn:ietf:wg:oauth:2.0:oob", Flaw::Scheme),
        ("https://app.example.org@evil.example/cb", Flaw::UserInfo),
        ("https://:x@evil.example/cb", Flaw::UserInfo),
        ("https://app.example.org/cb#part", Flaw::Fragment),
        ("https://app.example.org/cb#", Flaw::Fragment),
        ("https://*.example.org/cb", Flaw::Wildcard),
        ("https://app.example.org/*", Flaw::Wildcard),
        ("https://app.example.org/a%2Fb", Flaw::HiddenPath),
        ("https://app.example.org/a%5cb", Flaw::HiddenPath),
        ("https://app.example.org/a%2e%2e%2fb", Flaw::HiddenPath),
        ("https://app.example.org/cb?code=1", Flaw::AddedParameter("code")),
        ("https://app.example.org/cb?a=1&st%61te=1", Flaw::AddedParameter("state")),
    ] {
        assert_eq!(RedirectUri::parse(text), Err(flaw), "{text}");
    }
}

#[test]
fn another_spelling_is_refused_and_the_right_one_shown() {
    for (text, right) in [
        ("https://APP.example.org/cb", "https://app.example.org/cb"),
        ("HTTPS://app.example.org/cb", "https://app.example.org/cb"),
        ("https://app.example.org:443/cb", "https://app.example.org/cb"),
        ("http://127.0.0.1:80/cb", "http://127.0.0.1/cb"),
        ("http://127.1/cb", "http://127.0.0.1/cb"),
        ("http://2130706433/cb", "http://127.0.0.1/cb"),
        ("https://app.example.org/a/../cb", "https://app.example.org/cb"),
        ("https://app.example.org/a/%2e%2e/cb", "https://app.example.org/cb"),
        ("https://app.example.org\\cb", "https://app.example.org/cb"),
        ("https:app.example.org/cb", "https://app.example.org/cb"),
        ("https://app.example.org/c\tb", "https://app.example.org/cb"),
        (" https://app.example.org/cb", "https://app.example.org/cb"),
        ("https://bücher.example/cb", "https://xn--bcher-kva.example/cb"),
        ("com.example.app:/a/../cb", "com.example.app:/cb"),
        ("https://app.example.org?tenant=7", "https://app.example.org/?tenant=7"),
    ] {
        assert_eq!(
            RedirectUri::parse(text),
            Err(RedirectUriFlaw::Spelling(right.to_owned())),
            "{text}"
        );
    }
    assert!(RedirectUri::parse("com.example.app:a/../cb").is_err());
}

#[test]
fn only_the_port_of_a_loopback_address_may_differ() {
    let native = RedirectUri::parse("http://127.0.0.1/cb?a=1").unwrap();
    assert!(native.matches("http://127.0.0.1:51004/cb?a=1"));
    for other in [
        "http://127.0.0.1:51004/cb",
        "http://127.0.0.1:51004/cb?a=2",
        "http://127.0.0.1:51004/other?a=1",
        "http://localhost:51004/cb?a=1",
        "http://[::1]:51004/cb?a=1",
        "https://127.0.0.1:51004/cb?a=1",
        "http://127.0.0.1:51004@evil.example/cb?a=1",
        "http://127.0.0.1:51004/cb?a=1#x",
        "http://127.0.0.1:99999/cb?a=1",
        "http://127.0.0.1:51004/x/../cb?a=1",
    ] {
        assert!(!native.matches(other), "{other}");
    }
    let web = RedirectUri::parse("https://app.example.org/cb").unwrap();
    for other in [
        "https://app.example.org:8443/cb",
        "https://app.example.org/cb/",
        "https://app.example.org/cb?",
        "https://app.example.org/CB",
        "https://App.example.org/cb",
        "https://app.example.org.evil.example/cb",
        "https://sub.app.example.org/cb",
        "http://app.example.org/cb",
    ] {
        assert!(!web.matches(other), "{other}");
    }
    // The same text without the slash of an empty path is another text.
    assert!(!RedirectUri::parse("https://a.example").unwrap().matches("https://a.example/"));
}

#[test]
fn parameters_are_added_and_encoded() {
    let plain = RedirectUri::parse("https://app.example.org/cb").unwrap();
    assert_eq!(plain.with(&[]), "https://app.example.org/cb");
    assert_eq!(
        plain.with(&[("code", "a&b=c#d"), ("state", "x y")]),
        "https://app.example.org/cb?code=a%26b%3Dc%23d&state=x+y"
    );
    let tenant = RedirectUri::parse("https://app.example.org/cb?tenant=7").unwrap();
    assert_eq!(tenant.with(&[("code", "1")]), "https://app.example.org/cb?tenant=7&code=1");
}

#[test]
fn a_host_belongs_to_web_addresses_alone() {
    let host = |text| RedirectUri::parse(text).unwrap().host().map(str::to_owned);
    assert_eq!(host("https://app.example.org:8443/cb").as_deref(), Some("app.example.org"));
    assert_eq!(host("http://[::1]:1/cb").as_deref(), Some("[::1]"));
    assert_eq!(host("com.example.app://callback"), None);
}

/// Texts that look like addresses, so that the rules are reached.
fn near_addresses() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        Just("https"),
        Just("http"),
        Just("HTTPS"),
        Just("com.example.app"),
        Just("javascript")
    ];
    let host =
        "(localhost|127\\.0\\.0\\.1|127\\.1|\\[::1\\]|a\\.example|[a-zA-Z0-9.@:%*\\\\-]{0,12})";
    (scheme, "(:|:/|://)", host, "(:[0-9]{0,6})?", "[/a-z.%0-9\\\\?#&=* ü-]{0,16}")
        .prop_map(|(scheme, mark, host, port, rest)| format!("{scheme}{mark}{host}{port}{rest}"))
}

proptest! {
    #[test]
    fn what_is_taken_means_the_same_to_a_browser(text in near_addresses()) {
        let Ok(uri) = RedirectUri::parse(&text) else { return Ok(()) };
        let url = Url::parse(&text).unwrap();
        prop_assert!(url.as_str().trim_end_matches('/') == text.trim_end_matches('/'));
        prop_assert!(url.fragment().is_none() && url.username().is_empty());
        prop_assert!(url.password().is_none());
        prop_assert!(!text.contains("..") || !url.path().split('/').any(|part| part == ".."));
        prop_assert!(uri.matches(&text));
        // What is added cannot change where it goes.
        let answer = Url::parse(&uri.with(&[("code", "#@/../x"), ("state", &text)])).unwrap();
        prop_assert_eq!(answer.host(), url.host());
        prop_assert_eq!(answer.path(), url.path());
        prop_assert_eq!(answer.port(), url.port());
        prop_assert!(answer.fragment().is_none());
    }

    #[test]
    fn a_match_differs_in_nothing_but_a_loopback_port(
        registered in near_addresses(),
        presented in near_addresses(),
        port in any::<u16>(),
    ) {
        let Ok(uri) = RedirectUri::parse(&registered) else { return Ok(()) };
        let mut moved = Url::parse(&registered).unwrap();
        let moved = moved.set_port(Some(port)).is_ok().then(|| moved.to_string());
        for text in std::iter::once(presented).chain(moved) {
            if !uri.matches(&text) || text == registered {
                continue;
            }
            let (ours, theirs) = (Url::parse(&registered).unwrap(), Url::parse(&text).unwrap());
            prop_assert!(is_http_loopback(&ours));
            prop_assert_eq!(ours.scheme(), theirs.scheme());
            prop_assert_eq!(ours.host(), theirs.host());
            prop_assert_eq!(ours.path(), theirs.path());
            prop_assert_eq!(ours.query(), theirs.query());
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in ".{0,600}") {
        let _ = RedirectUri::parse(&text);
    }
}
