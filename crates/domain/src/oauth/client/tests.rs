use super::*;

fn uris(texts: &[&str]) -> Vec<RedirectUri> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn registration() -> ClientRegistration {
    ClientRegistration {
        id: "shop".parse().unwrap(),
        name: "The Shop".to_owned(),
        redirect_uris: uris(&["https://shop.example.org/cb", "http://127.0.0.1/cb"]),
        post_logout_redirect_uris: uris(&["https://shop.example.org/bye"]),
        authentication: ClientAuthentication::ClientSecretBasic,
        first_party: false,
        pairwise: false,
        sector: None,
        audience: None,
        require_par: false,
        offline_access: true,
    }
}

fn changed(change: impl FnOnce(&mut ClientRegistration)) -> Result<Client, ClientFlaw> {
    let mut changed = registration();
    change(&mut changed);
    Client::new(changed)
}

#[test]
fn a_client_says_what_was_registered() {
    let client = changed(|it| it.name = "  The Shop ".to_owned()).unwrap();
    assert_eq!((client.id().as_str(), client.name()), ("shop", "The Shop"));
    assert!(!client.is_public() && !client.is_first_party() && !client.requires_par());
    assert!(client.may_have_offline_access());
    assert_eq!((client.sector(), client.audience()), (None, None));
    assert_eq!(client.registration().id, *client.id());
    assert!(changed(|it| it.authentication = ClientAuthentication::None).unwrap().is_public());
}

#[test]
fn an_answer_goes_to_a_registered_address_alone() {
    let client = Client::new(registration()).unwrap();
    let found = client.redirect_uri("http://127.0.0.1:4000/cb").unwrap();
    assert_eq!(found.as_str(), "http://127.0.0.1/cb");
    assert!(client.redirect_uri("https://shop.example.org/cb").is_some());
    assert!(client.redirect_uri("https://shop.example.org/bye").is_none());
    assert!(client.post_logout_redirect_uri("https://shop.example.org/bye").is_some());
    assert!(client.post_logout_redirect_uri("https://shop.example.org/cb").is_none());
    assert!(client.only_redirect_uri().is_none());
    let one = changed(|it| it.redirect_uris.truncate(1)).unwrap();
    assert_eq!(one.only_redirect_uri(), one.redirect_uri("https://shop.example.org/cb"));
}

#[test]
fn each_rule_refuses_a_registration() {
    for name in ["", "   ", "two\nlines", "a\u{202E}b", &"x".repeat(MAX_CLIENT_NAME_CHARS + 1)] {
        assert_eq!(changed(|it| it.name = name.to_owned()), Err(ClientFlaw::Name), "{name:?}");
    }
    let twice = uris(&["https://a.example/cb", "https://a.example/cb"]);
    let many: Vec<_> = (0..=MAX_REDIRECT_URIS)
        .map(|at| format!("https://a.example/{at}").parse().unwrap())
        .collect();
    for list in [vec![], twice.clone(), many.clone()] {
        assert_eq!(changed(|it| it.redirect_uris = list), Err(ClientFlaw::RedirectUris));
    }
    for list in [twice, many] {
        assert_eq!(
            changed(|it| it.post_logout_redirect_uris = list),
            Err(ClientFlaw::PostLogoutRedirectUris)
        );
    }
    assert!(changed(|it| it.post_logout_redirect_uris = vec![]).is_ok());
    for audience in ["", "two words", "ü", &"x".repeat(MAX_AUDIENCE_BYTES + 1)] {
        let audience = Some(audience.to_owned());
        assert_eq!(changed(|it| it.audience = audience), Err(ClientFlaw::Audience));
    }
}

#[test]
fn a_sector_is_one_host() {
    let pairwise = |list: &[&str], sector: Option<&str>| {
        changed(|it| {
            it.pairwise = true;
            it.redirect_uris = uris(list);
            it.sector = sector.map(str::to_owned);
        })
        .map(|client| client.sector().map(str::to_owned))
    };
    let one = ["https://a.example/cb", "https://a.example:8443/other"];
    let two = ["https://a.example/cb", "https://b.example/cb"];
    let app = ["com.example.app:/cb"];
    assert_eq!(pairwise(&one, None), Ok(Some("a.example".to_owned())));
    assert_eq!(pairwise(&two, Some("example")), Ok(Some("example".to_owned())));
    assert_eq!(pairwise(&two, None), Err(ClientFlaw::MissingSector));
    assert_eq!(pairwise(&app, None), Err(ClientFlaw::MissingSector));
    for sector in ["", "A.example", "https://a.example", "a.example/x", "a b"] {
        assert_eq!(pairwise(&two, Some(sector)), Err(ClientFlaw::Sector), "{sector:?}");
    }
    let unused = changed(|it| it.sector = Some("a.example".to_owned()));
    assert_eq!(unused, Err(ClientFlaw::UnusedSector));
}

#[test]
fn ids_and_words_are_read_strictly() {
    for text in ["shop", "S.h_o~p-1", &"x".repeat(MAX_CLIENT_ID_CHARS)] {
        assert_eq!(text.parse::<ClientId>().unwrap().to_string(), text);
    }
    for text in ["", "a b", "a:b", "a/b", "ü", "a%20b", &"x".repeat(MAX_CLIENT_ID_CHARS + 1)] {
        assert_eq!(text.parse::<ClientId>(), Err(ClientFlaw::Id), "{text:?}");
    }
    for way in ClientAuthentication::ALL {
        assert_eq!(way.as_str().parse(), Ok(way));
        assert!(ClientFlaw::Authentication.to_string().contains(way.as_str()));
    }
    let unknown = "client_secret_post".parse::<ClientAuthentication>();
    assert_eq!(unknown, Err(ClientFlaw::Authentication));
}
