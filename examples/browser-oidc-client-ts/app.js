/**
 * A browser app without a server of its own. It is a public client: it has no secret.
 *
 * `oidc-client-ts` does the protocol. The tokens stay in this tab: they are gone when it is closed.
 */
const { UserManager, WebStorageStateStore } = window.oidc;

const settings = await (await fetch("/settings.json")).json();
const manager = new UserManager({
  ...settings,
  redirect_uri: `${location.origin}/`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: "openid profile offline_access",
  // `acr` says what was shown. The library would leave it out of the profile.
  filterProtocolClaims: false,
  userStore: new WebStorageStateStore({ store: sessionStorage }),
  // A renewal uses the refresh token. No hidden frame is needed, and FaceAuth forbids frames.
  automaticSilentRenew: false,
});

const status = document.querySelector("#status");
const buttons = Object.fromEntries(
  ["sign-in", "renew", "who", "sign-out"].map((id) => [id, document.getElementById(id)]),
);

function show(text, signedIn) {
  status.textContent = text;
  buttons["sign-in"].hidden = signedIn;
  for (const id of ["renew", "who", "sign-out"]) buttons[id].hidden = !signedIn;
}

function signedIn(user, before = "Signed in as") {
  show(`${before} ${user.profile.preferred_username} (${user.profile.acr})`, true);
}

function failed(error) {
  console.error(error);
  show(`The sign-in failed: ${error.error ?? error.message}`, false);
}

buttons["sign-in"].onclick = () => manager.signinRedirect().catch(failed);
buttons["sign-out"].onclick = () => manager.signoutRedirect().catch(failed);
buttons.renew.onclick = async () => {
  try {
    signedIn(await manager.signinSilent(), "Renewed for");
  } catch (error) {
    failed(error);
  }
};
buttons.who.onclick = async () => {
  const { access_token } = await manager.getUser();
  const { userinfo_endpoint } = await (
    await fetch(`${settings.authority}/.well-known/openid-configuration`)
  ).json();
  const headers = { Authorization: `Bearer ${access_token}` };
  const person = await (await fetch(userinfo_endpoint, { headers })).json();
  show(`The service says ${person.preferred_username}`, true);
};

try {
  const query = new URLSearchParams(location.search);
  if (query.has("state") && (query.has("code") || query.has("error"))) {
    const user = await manager.signinCallback();
    // The code is used up: a reload must not send it again.
    history.replaceState(null, "", "/");
    signedIn(user);
  } else {
    if (query.has("state")) await manager.signoutCallback();
    const user = await manager.getUser();
    if (user) signedIn(user);
    else show("Nobody is signed in.", false);
  }
} catch (error) {
  history.replaceState(null, "", "/");
  failed(error);
}
