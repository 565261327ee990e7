//! Requests of clients, codes and login sessions.

use chrono::TimeDelta;
use faceauth_store::account::TokenSession;
use faceauth_store::authorize::{
    Acceptance, Accepted, AcceptedBy, KeptSignIn, NewCode, NewLoginSession, RequestKey,
    WaitingRequest,
};
use faceauth_store::redeem::{CodeRedemption, NewClientSession, PresentedCode};
use faceauth_store::seal::{SealError, SealKeys, Sealer, generate_seal_key_line};
use faceauth_store::sessions::PresentedToken;
use faceauth_store::{Store, StoreError};
use faceauth_test_support::database::TestDatabase;
use uuid::Uuid;

use crate::support::{LONGEST, at, enrolment, hash, model, session_of};

const CLIENT: &str = "shop";
const CALLBACK: &str = "https://shop.example/";

fn waiting() -> WaitingRequest {
    WaitingRequest {
        client_id: CLIENT.to_owned(),
        parameters: "client_id=shop".to_owned(),
        username_key: None,
        requested_at: at(0),
        expires_at: at(600),
    }
}

fn code() -> NewCode {
    NewCode {
        code_hash: hash(),
        client_id: CLIENT.to_owned(),
        redirect_uri: CALLBACK.to_owned(),
        challenge: "c".repeat(43),
        nonce: None,
        scope: "openid offline_access".to_owned(),
        issued_at: at(1),
        expires_at: at(61),
    }
}

fn login() -> NewLoginSession {
    NewLoginSession { secret_hash: hash(), id: Uuid::new_v4(), expires_at: at(3_600) }
}

fn client_session(token_hash: [u8; 32]) -> NewClientSession {
    NewClientSession {
        session: Uuid::new_v4(),
        token_hash,
        now: at(2),
        renewable_until: at(3_600),
        access_until: at(900),
        longest: LONGEST,
    }
}

/// Accepts a request with the login session `by`, which goes on as `login`.
async fn accept(
    store: &Store,
    request: RequestKey,
    by: AcceptedBy,
    shown: &KeptSignIn,
    code: &NewCode,
    login: &NewLoginSession,
) -> Accepted {
    let client = CLIENT.parse().unwrap();
    let replaced = match by {
        AcceptedBy::Login(hash) => Some(hash),
        AcceptedBy::Session(_) => None,
    };
    let acceptance = Acceptance {
        request: Some(request),
        by,
        shown,
        code,
        client: &client,
        asked: true,
        login: Some(login),
        replaced,
        now: at(1),
    };
    store.accept_authorization(&acceptance).await.unwrap()
}

/// Sends every statement once, with a session of its own.
pub async fn call_everything(store: &Store, session: TokenSession) {
    let (first, second) = (RequestKey { id: hash(), browser: hash() }, hash());
    store.begin_authorization(&first, &waiting()).await.unwrap();
    store.authorization_request(&first, at(1)).await.unwrap();
    store.push_authorization(&second, &waiting()).await.unwrap();
    store.take_pushed_authorization(&second, CLIENT, at(1)).await.unwrap();
    let shown = store.sign_in_of(session).await.unwrap().unwrap();
    let (code, new) = (code(), login());
    let by = AcceptedBy::Session(session.id);
    assert_eq!(accept(store, first, by, &shown, &code, &new).await, Accepted::Stored);
    store.login_session(&new.secret_hash, at(2)).await.unwrap();
    let token_hash = hash();
    let presented = PresentedCode {
        code_hash: code.code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &code.challenge,
    };
    let begun = client_session(token_hash);
    store.redeem_code(&presented, &begun, |_| true).await.unwrap();
    store.client_session(CLIENT, begun.session).await.unwrap();
    let token = PresentedToken { hash: token_hash, client_id: Some(CLIENT) };
    store.scope_of(token).await.unwrap();
    store.live_token(token_hash, CLIENT, at(3)).await.unwrap().expect("a token");
    store.end_client_session("other", begun.session, at(3)).await.unwrap();
    store.session_owner(begun.session).await.unwrap();
    let ended = TokenSession { user: session.user, id: begun.session };
    store.log_out(Some(&new.secret_hash), Some(ended), at(3)).await.unwrap();
    store.end_client_session(CLIENT, begun.session, at(3)).await.unwrap();
    store.refuse_authorization(&first, at(1)).await.unwrap();
}

#[tokio::test]
async fn a_request_is_answered_once_and_a_code_is_redeemed_once() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let key = RequestKey { id: hash(), browser: hash() };
    store.begin_authorization(&key, &waiting()).await.unwrap();
    let other_browser = RequestKey { browser: hash(), ..key };
    assert_eq!(store.authorization_request(&other_browser, at(1)).await.unwrap(), None);
    assert_eq!(store.authorization_request(&key, at(600)).await.unwrap(), None);

    let shown = store.sign_in_of(session_of(&ada)).await.unwrap().unwrap();
    let (code, first) = (code(), login());
    let by = AcceptedBy::Session(session_of(&ada).id);
    assert_eq!(accept(&store, key, by, &shown, &code, &first).await, Accepted::Stored);
    // The session of the page has become the login session.
    assert_eq!(store.sign_in_of(session_of(&ada)).await.unwrap(), None);
    assert_eq!(accept(&store, key, by, &shown, &code, &first).await, Accepted::SignInOver);
    let by = AcceptedBy::Login(first.secret_hash);
    let again = accept(&store, key, by, &shown, &code, &login()).await;
    assert_eq!(again, Accepted::RequestOver);

    let presented = PresentedCode {
        code_hash: code.code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &code.challenge,
    };
    let other = PresentedCode { client_id: "other", ..presented.clone() };
    let (won, lost) = (client_session(hash()), client_session(hash()));
    let mismatch = store.redeem_code(&other, &won, |_| true).await.unwrap();
    assert_eq!(mismatch, CodeRedemption::Mismatch);
    let late = NewClientSession { now: at(61), ..won.clone() };
    let late = store.redeem_code(&presented, &late, |_| true).await.unwrap();
    assert_eq!(late, CodeRedemption::Expired);
    let redeemed = store.redeem_code(&presented, &won, |_| true).await.unwrap();
    assert!(matches!(redeemed, CodeRedemption::Redeemed(_)), "{redeemed:?}");
    assert!(store.client_session(CLIENT, won.session).await.unwrap().is_some());
    assert!(store.client_session("other", won.session).await.unwrap().is_none());
    let reused = store.redeem_code(&presented, &lost, |_| true).await.unwrap();
    assert!(matches!(reused, CodeRedemption::Reused(of) if of.session == won.session));
    assert!(store.client_session(CLIENT, won.session).await.unwrap().is_none());
    // Forgotten with the session that it became, and not before.
    let kept = store.sweep(at(61)).await;
    assert_eq!(kept.unfinished, []);
    let known = store.redeem_code(&presented, &lost, |_| true).await.unwrap();
    assert!(matches!(known, CodeRedemption::Reused(_)), "{known:?}");
    store.sweep(at(0) + LONGEST + TimeDelta::days(1)).await;
    let forgotten = store.redeem_code(&presented, &lost, |_| true).await.unwrap();
    assert_eq!(forgotten, CodeRedemption::Unknown);
}

#[tokio::test]
async fn a_client_looks_at_and_ends_its_own_sessions_alone() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let key = RequestKey { id: hash(), browser: hash() };
    store.begin_authorization(&key, &waiting()).await.unwrap();
    let shown = store.sign_in_of(session_of(&ada)).await.unwrap().unwrap();
    let code = code();
    let by = AcceptedBy::Session(session_of(&ada).id);
    assert_eq!(accept(&store, key, by, &shown, &code, &login()).await, Accepted::Stored);
    let presented = PresentedCode {
        code_hash: code.code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &code.challenge,
    };
    let begun = client_session(hash());
    store.redeem_code(&presented, &begun, |_| true).await.unwrap();

    let looked = async |client: &str, seconds| {
        store.live_token(begun.token_hash, client, at(seconds)).await.unwrap()
    };
    let live = looked(CLIENT, 1).await.expect("a token that lives");
    assert_eq!((live.user.id, live.token.session), (ada.user.id, begun.session));
    assert_eq!(looked("other", 1).await, None);
    let over = (begun.renewable_until - at(0)).num_seconds();
    assert_eq!(looked(CLIENT, over).await, None);
    // Looking has not used it up.
    assert!(looked(CLIENT, over - 1).await.is_some());

    let end = async |client| store.end_client_session(client, begun.session, at(2)).await.unwrap();
    assert_eq!(end("other").await, None);
    assert!(looked(CLIENT, 2).await.is_some());
    assert_eq!(end(CLIENT).await, Some(ada.user.id));
    assert_eq!(end(CLIENT).await, None);
    assert_eq!(looked(CLIENT, 2).await, None);
}

#[tokio::test]
async fn a_removed_client_has_no_request_no_code_and_no_session() {
    let database = TestDatabase::create().await;
    let store = database.store().await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    crate::clients::make(&store, CLIENT).await;
    let [answered, waiting_still] = [(); 2].map(|()| RequestKey { id: hash(), browser: hash() });
    let pushed = hash();
    for key in [&answered, &waiting_still] {
        store.begin_authorization(key, &waiting()).await.unwrap();
    }
    store.push_authorization(&pushed, &waiting()).await.unwrap();
    let of_another = WaitingRequest { client_id: "bank".to_owned(), ..waiting() };
    let kept = RequestKey { id: hash(), browser: hash() };
    store.begin_authorization(&kept, &of_another).await.unwrap();

    let shown = store.sign_in_of(session_of(&ada)).await.unwrap().unwrap();
    let (redeemed, open, first) = (code(), code(), login());
    let by = AcceptedBy::Session(session_of(&ada).id);
    assert_eq!(accept(&store, answered, by, &shown, &redeemed, &first).await, Accepted::Stored);
    let unseen = Acceptance {
        request: None,
        by: AcceptedBy::Login(first.secret_hash),
        shown: &shown,
        code: &open,
        client: &CLIENT.parse().unwrap(),
        asked: false,
        login: None,
        replaced: None,
        now: at(1),
    };
    assert_eq!(store.accept_authorization(&unseen).await.unwrap(), Accepted::Stored);
    let presented = |code_hash| PresentedCode {
        code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &redeemed.challenge,
    };
    let begun = client_session(hash());
    store.redeem_code(&presented(redeemed.code_hash), &begun, |_| true).await.unwrap();
    assert!(store.client_session(CLIENT, begun.session).await.unwrap().is_some());

    assert!(store.remove_client(&CLIENT.parse().unwrap(), at(3)).await.unwrap());
    assert_eq!(store.authorization_request(&waiting_still, at(3)).await.unwrap(), None);
    let taken = store.take_pushed_authorization(&pushed, CLIENT, at(3)).await.unwrap();
    assert_eq!(taken, None);
    assert!(store.authorization_request(&kept, at(3)).await.unwrap().is_some());
    let late = client_session(hash());
    let gone = store.redeem_code(&presented(open.code_hash), &late, |_| true).await.unwrap();
    assert_eq!(gone, CodeRedemption::Unknown);
    assert!(store.client_session(CLIENT, begun.session).await.unwrap().is_none());
    // The person stays signed in here.
    assert!(store.login_session(&first.secret_hash, at(3)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_waits_is_sealed_and_a_moved_row_does_not_open() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let asked = |state: &str| WaitingRequest {
        parameters: format!("client_id=shop&state={state}&nonce=secret-nonce&login_hint=ada"),
        ..waiting()
    };
    let [one, other] = [(); 2].map(|()| RequestKey { id: hash(), browser: hash() });
    store.begin_authorization(&one, &asked("secret-state-one")).await.unwrap();
    store.push_authorization(&other.id, &asked("secret-state-two")).await.unwrap();
    let shown = store.sign_in_of(session_of(&ada)).await.unwrap().unwrap();
    let code = NewCode { nonce: Some("secret-nonce".to_owned()), ..code() };
    let everything = async || {
        let rows = "SELECT authorization_requests::text FROM authorization_requests UNION ALL \
                    SELECT authorization_codes::text FROM authorization_codes";
        let rows = client.query(rows, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
    };
    let waiting = everything().await;
    assert_eq!(waiting.lines().count(), 2);
    let found = store.authorization_request(&one, at(1)).await.unwrap().unwrap();
    assert_eq!(found, asked("secret-state-one"));
    let by = AcceptedBy::Session(session_of(&ada).id);
    assert_eq!(accept(&store, one, by, &shown, &code, &login()).await, Accepted::Stored);
    let issued = everything().await;
    for text in [&waiting, &issued] {
        assert!(text.contains(CLIENT), "{text}");
        for secret in ["secret", "login_hint", "736563726574"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    let presented = PresentedCode {
        code_hash: code.code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &code.challenge,
    };
    let redeemed = store.redeem_code(&presented, &client_session(hash()), |_| true).await.unwrap();
    let CodeRedemption::Redeemed(redeemed) = redeemed else { panic!("{redeemed:?}") };
    assert_eq!(redeemed.nonce.as_deref(), Some("secret-nonce"));
    let left = "SELECT count(*) FROM authorization_codes WHERE sealed_nonce IS NOT NULL";
    assert_eq!(client.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);

    // Somebody who can write gives a request the parameters of another one.
    store.begin_authorization(&one, &asked("secret-state-one")).await.unwrap();
    let moved = "UPDATE authorization_requests SET sealed = (SELECT sealed FROM \
                 authorization_requests WHERE browser_hash IS NULL)";
    client.execute(moved, &[]).await.unwrap();
    let refused = store.authorization_request(&one, at(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Sealing(_)), "{refused}");
    // A replica of the release before sealed nothing: that request is over.
    let clear = "UPDATE authorization_requests SET sealed = NULL, key_id = NULL, \
                 parameters = 'client_id=shop'";
    client.execute(clear, &[]).await.unwrap();
    assert_eq!(store.authorization_request(&one, at(1)).await.unwrap(), None);
    let taken = store.take_pushed_authorization(&other.id, CLIENT, at(1)).await.unwrap();
    assert_eq!(taken, None);
}

/// An operator has taken the key away while people sign in.
#[tokio::test]
async fn what_waits_is_over_when_its_key_is_gone() {
    let database = TestDatabase::create().await;
    let (store, client) = (database.store().await, database.client().await);
    let line = generate_seal_key_line("next").unwrap();
    let later = database.store_with(Sealer::new(SealKeys::parse(&line).unwrap())).await;
    let ada = enrolment("ada");
    store.enrol(&ada).await.unwrap();
    let shown = store.sign_in_of(session_of(&ada)).await.unwrap().unwrap();
    let [one, other] = [(); 2].map(|()| RequestKey { id: hash(), browser: hash() });
    let pushed = hash();
    store.begin_authorization(&one, &waiting()).await.unwrap();
    store.begin_authorization(&other, &waiting()).await.unwrap();
    store.push_authorization(&pushed, &waiting()).await.unwrap();
    let code = NewCode { nonce: Some("nonce".to_owned()), ..code() };
    let by = AcceptedBy::Session(session_of(&ada).id);
    assert_eq!(accept(&store, one, by, &shown, &code, &login()).await, Accepted::Stored);
    let presented = PresentedCode {
        code_hash: code.code_hash,
        client_id: CLIENT,
        redirect_uri: CALLBACK,
        challenge: &code.challenge,
    };

    assert_eq!(later.authorization_request(&other, at(1)).await.unwrap(), None);
    assert_eq!(later.take_pushed_authorization(&pushed, CLIENT, at(1)).await.unwrap(), None);
    let over = later.redeem_code(&presented, &client_session(hash()), |_| true).await.unwrap();
    assert_eq!(over, CodeRedemption::Expired);
    // What the key is still known for goes on.
    assert!(store.authorization_request(&other, at(1)).await.unwrap().is_some());

    // With the key, what was changed is an error, and nothing is redeemed.
    let changed = "UPDATE authorization_requests SET sealed = set_byte(sealed, 20, \
                   get_byte(sealed, 20) # 1); UPDATE authorization_codes SET sealed_nonce = \
                   set_byte(sealed_nonce, 20, get_byte(sealed_nonce, 20) # 1)";
    client.batch_execute(changed).await.unwrap();
    let tampered = |error| matches!(error, StoreError::Sealing(SealError::Tampered));
    assert!(tampered(store.authorization_request(&other, at(1)).await.unwrap_err()));
    let redeemed = store.redeem_code(&presented, &client_session(hash()), |_| true).await;
    assert!(tampered(redeemed.unwrap_err()));
    // And what lasts for years is missed loudly.
    let missed = later.reference("ada", &[&model()]).await.unwrap_err();
    assert!(matches!(missed, StoreError::Sealing(SealError::UnknownKey)), "{missed}");
}
