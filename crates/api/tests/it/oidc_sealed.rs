//! Seal keys that are taken away while people sign in to apps.

use std::sync::Arc;

use faceauth_store::seal::{SealKeys, Sealer, generate_seal_key_line};
use faceauth_test_support::scripted::Shows;
use serde_json::json;

use crate::app::App;
use crate::log::log;
use crate::oidc_party::{
    Browser, SECRET, address, app_of_ada, basic, code, provider, redirect_to, request,
};

const ADA: Shows = Shows::Person(0);

/// The id of the key that is taken away.
const GONE: &str = "gone";

/// Keys of the deployment, of which the first seals.
fn sealer(lines: &[&str]) -> Sealer {
    Sealer::new(SealKeys::parse(&lines.join("\n")).expect("keys"))
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_that_wait_are_over_when_their_key_is_gone() {
    let warned = || log().warnings_of_the_store().matches(&format!("key_id=\"{GONE}\"")).count();
    assert_eq!(warned(), 0);
    let [old, new] = [GONE, "next"].map(|id| generate_seal_key_line(id).expect("a key"));
    let before = App::start_with(|setup| {
        provider(setup);
        setup.sealer = sealer(&[&old]);
    })
    .await;
    assert_eq!(before.register("ada", ADA).status, 201);
    let secret = basic("push", SECRET);
    let headers = [("authorization", secret.as_str())];
    let pushed = before.post_form("/oauth/par", &headers, &request("push", &[])).json();
    let mut browser = Browser::default();
    let asked = browser.begin(&before, "app", &[]);
    let issued = code(&Browser::default().sign_in(&before, "app", "ada", ADA));
    let live = before.post("/liveness", &before.challenge(&json!({})).performed(ADA, 1));
    let live = live.json()["liveness_token"].as_str().expect("a token").to_owned();

    // The key of the people was sealed anew; what waits was not.
    let config = before.database.config();
    let keys = sealer(&[&new, &old]);
    let rotating = faceauth_store::Store::connect(&config, keys).await.expect("a store");
    assert_eq!(rotating.reseal(chrono::DateTime::UNIX_EPOCH).await.expect("a run"), 1);
    let after = App::start_on(Arc::clone(&before.database), |setup| {
        provider(setup);
        setup.sealer = sealer(&[&new]);
    });
    let token = after.verify("ada", ADA).access_token();
    assert_eq!(warned(), 0);

    let over = (410, "authorization_expired".to_owned());
    let shown = browser.shown(&after, &asked);
    assert_eq!((shown.status, shown.code()), over);
    let accepted = browser.accept(&after, &asked, Some(&token), false);
    assert_eq!((accepted.status, accepted.code()), over);
    let refused = browser.post(&after, "/login/refuse", &json!({"request": asked}), None);
    assert_eq!((refused.status, refused.code()), over);
    let uri = pushed["request_uri"].as_str().expect("an address");
    let query = [("client_id", "push"), ("request_uri", uri)];
    let page = Browser::default().open(&after, &address("/authorize", &query));
    assert_eq!(page, "/login?error=invalid_request_uri");
    let redeemed = after.redeem("app", &issued, &[]);
    assert_eq!((redeemed.status, redeemed.oauth_error().as_str()), (400, "invalid_grant"));
    let proved = after.post("/verify", &json!({"username": "ada", "liveness_token": live}));
    assert_eq!((proved.status, proved.code().as_str()), (403, "liveness_required"));
    assert_eq!(warned(), 6, "{}", log().warnings_of_the_store());

    // The person begins again, and the sign-in was not used up.
    let asked = browser.begin(&after, "app", &[]);
    let to = redirect_to(&browser.accept(&after, &asked, Some(&token), false));
    assert_eq!(after.redeem("app", &code(&to), &[]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_somebody_changed_is_a_fault_and_not_over() {
    let app = app_of_ada().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&app, "app", &[]);
    let flip = "UPDATE authorization_requests SET sealed = \
                set_byte(sealed, 20, get_byte(sealed, 20) # 1)";
    app.database.client().await.batch_execute(flip).await.expect("a change");
    let shown = browser.shown(&app, &asked);
    assert_eq!((shown.status, shown.code().as_str()), (500, "internal_error"));
}
