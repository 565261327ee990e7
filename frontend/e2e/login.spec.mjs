import assert from "node:assert/strict";
import { test } from "node:test";
import { axeClean, noSidewaysScroll } from "./access.mjs";
import { giveAuthenticator } from "./authenticator.mjs";
import { relyingParty } from "./relying-party.mjs";
import { BASE_URL, byName, enrol, openPage, pick, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();

/** Clients of the service that these tests run against, and their names. */
const APP = "e2e-app";
const OWN = "e2e-own";
const APP_NAME = "Harbour Library";
const OWN_NAME = "Wool & Thread";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const title = (page, app = APP_NAME) => page.getByRole("heading", { name: `Sign in to ${app}` });

/** Somebody with an account, and nothing of it in the browser of the test. */
async function account(t) {
  const username = someone();
  const page = await openPage(t, browser);
  await enrol(page, username, "obama.jpg");
  return username;
}

/** Opens the request of a new app; `path` leads elsewhere first. */
async function arrive(t, { client = APP, parameters, origin = BASE_URL, path, ...options } = {}) {
  const app = await relyingParty(t, client);
  const request = app.begin(parameters);
  const page = await openPage(t, browser, {
    origin,
    origins: [origin, app.origin],
    path: path ?? request.path,
    ...options,
  });
  return { app, request, page };
}

/** Fills in the form of the login page with a photo, and sends it. */
async function showFace(page, username) {
  await pick(page, "obama2.jpg");
  await page.getByLabel("Username").fill(username);
  await button(page, "Sign in").click();
}

/** Signs in to an app of the deployment itself. */
async function signInToOwn(t, username, options) {
  const arrived = await arrive(t, { client: OWN, ...options });
  await showFace(arrived.page, username);
  await arrived.app.comesBack(arrived.page, arrived.request);
  return arrived;
}

test("an app of somebody else is told who it is, after the person allows it", async (t) => {
  const username = await account(t);
  const { app, request, page } = await arrive(t, { parameters: { login_hint: username } });
  await title(page).waitFor();
  assert.equal(await page.getByLabel("Username").inputValue(), username);
  await showFace(page, username);
  const heading = page.getByRole("heading", { name: `${APP_NAME} wants to know who you are` });
  await heading.waitFor();
  assert.equal(await heading.evaluate((element) => element === document.activeElement), true);
  await page.getByText("your username", { exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
  await button(page, "Allow").click();
  const answer = await app.comesBack(page, request);
  const { claims } = await app.redeem(answer, request);
  assert.equal(claims.preferred_username, username);
});

test("an app of the deployment asks nothing more, and the next sign-in is one press", async (t) => {
  const username = await account(t);
  const { app, request, page } = await signInToOwn(t, username);
  await app.redeem(Object.fromEntries(new URL(page.url()).searchParams), request);

  const again = app.begin({ prompt: "select_account" });
  await page.goto(BASE_URL + again.path);
  await title(page, OWN_NAME).waitFor();
  await button(page, `Continue as ${username}`).click();
  const { claims } = await app.redeem(await app.comesBack(page, again), again);
  assert.equal(claims.preferred_username, username);
});

test("somebody else signs in where one person is signed in", async (t) => {
  const [one, two] = [await account(t), await account(t)];
  const { app, page } = await signInToOwn(t, one);
  const again = app.begin({ prompt: "select_account" });
  await page.goto(BASE_URL + again.path);
  await button(page, "Use another account").click();
  await showFace(page, two);
  const { claims } = await app.redeem(await app.comesBack(page, again), again);
  assert.equal(claims.preferred_username, two);
});

test("an app that wants a new person begins with enrolling", async (t) => {
  const { app, request, page } = await arrive(t, { client: OWN, parameters: { prompt: "create" } });
  await title(page, OWN_NAME).waitFor();
  const username = someone();
  assert.equal(await page.getByRole("tab", { name: "Enrol" }).getAttribute("aria-selected"), "true");
  await pick(page, "obama.jpg");
  await page.getByLabel("Username").fill(username);
  await page.locator("[name=consent]").check();
  await button(page, "Enrol my face").click();
  const { claims } = await app.redeem(await app.comesBack(page, request), request);
  assert.equal(claims.preferred_username, username);
});

test("whoever cancels goes back, and the app is told", async (t) => {
  const { app, request, page } = await arrive(t);
  await button(page, `Cancel and go back to ${APP_NAME}`).click();
  assert.equal((await app.comesBack(page, request)).error, "access_denied");
});

test("whoever does not allow it is signed in to nothing", async (t) => {
  const username = await account(t);
  const { app, request, page } = await arrive(t);
  await showFace(page, username);
  await button(page, "Do not allow").click();
  const { error, code } = await app.comesBack(page, request);
  assert.deepEqual([error, code], ["access_denied", undefined]);
  // No login session either.
  const again = app.begin({ prompt: "select_account" });
  await page.goto(BASE_URL + again.path);
  await page.getByLabel("Username").waitFor();
  assert.equal(await button(page, `Continue as ${username}`).count(), 0);
});

test("an app that wants two factors gets both", async (t) => {
  const origin = byName(BASE_URL);
  const owner = await openPage(t, browser, { origin });
  const device = await giveAuthenticator(owner);
  const username = someone();
  await enrol(owner, username, "obama.jpg");
  await button(owner, "Add a passkey").click();
  await button(owner, "Make a passkey").click();
  await owner.locator("[name=kept]").check();
  await button(owner, "Go on").click();
  await owner.locator(".passkeys li").waitFor();
  const [passkey] = await device.passkeys();

  const acr = "urn:faceauth:acr:face-passkey-device-bound";
  const { app, request, page } = await arrive(t, { client: OWN, origin, parameters: { acr_values: acr } });
  await (await giveAuthenticator(page)).keep(passkey);
  await page.getByText("It wants your passkey after your face.").waitFor();
  await showFace(page, username);
  await button(page, "Use my passkey").click();
  const { claims } = await app.redeem(await app.comesBack(page, request), request);
  assert.equal(claims.acr, acr);
  assert.ok(claims.amr.includes("mfa"));
});

test("another browser cannot go on with a request", async (t) => {
  const { page } = await arrive(t);
  await title(page).waitFor();
  const stranger = await openPage(t, browser, { path: new URL(page.url()).pathname + new URL(page.url()).search });
  await stranger.getByText("This sign-in cannot go on").waitFor();
  assert.equal(await stranger.getByLabel("Username").count(), 0);
});

test("a request that is finished cannot be finished again", async (t) => {
  const { app, request, page } = await arrive(t);
  await title(page).waitFor();
  const login = page.url();
  await button(page, `Cancel and go back to ${APP_NAME}`).click();
  await app.comesBack(page, request);
  await page.goto(login);
  await page.getByText("This sign-in cannot go on").waitFor();
});

for (const [what, parameters, word] of [
  ["an unknown app", { client_id: "nobody" }, "unknown_client"],
  ["an address that is not registered", { redirect_uri: "https://attacker.example/callback" }, "invalid_redirect_uri"],
]) {
  test(`${what} gets nobody, and the page says so`, async (t) => {
    const { page } = await arrive(t, { parameters });
    await page.getByText("The app's request is not valid").waitFor();
    await page.getByText(word, { exact: true }).waitFor();
  });
}

test("the page speaks the language that the app asks for", async (t) => {
  const { page } = await arrive(t, { parameters: { ui_locales: "xx de en" } });
  await page.getByRole("heading", { name: `Bei ${APP_NAME} anmelden` }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
});

test("a logout that nobody vouches for is asked about", async (t) => {
  const username = await account(t);
  const { app, page } = await signInToOwn(t, username);
  await page.goto(`${BASE_URL}/end-session`);
  await button(page, "Stay signed in").click();
  await page.getByText("You are still signed in.").waitFor();
  await page.goto(`${BASE_URL}/end-session`);
  await button(page, "Sign out").click();
  await page.getByText("You are signed out.").waitFor();
  const again = app.begin({ prompt: "select_account" });
  await page.goto(BASE_URL + again.path);
  await page.getByLabel("Username").waitFor();
  assert.equal(await button(page, `Continue as ${username}`).count(), 0);
});

test("an app that is disconnected in the account has to ask again", async (t) => {
  const username = await account(t);
  const { app, request, page } = await arrive(t, { parameters: { scope: "openid profile offline_access" } });
  await showFace(page, username);
  await button(page, "Allow").click();
  await app.redeem(await app.comesBack(page, request), request);

  await page.goto(BASE_URL);
  await page.getByRole("tab", { name: "Sign in" }).click();
  await showFace(page, username);
  await page.getByRole("heading", { name: username }).waitFor();
  await page.locator(".clients").getByText(APP_NAME).waitFor();
  await button(page, `Disconnect ${APP_NAME}`).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText(`${APP_NAME} is disconnected.`).waitFor();
  await page.locator(".clients").waitFor({ state: "detached" });

  const again = app.begin({ prompt: "select_account" });
  await page.goto(BASE_URL + again.path);
  await button(page, `Continue as ${username}`).click();
  await page.getByRole("heading", { name: `${APP_NAME} wants to know who you are` }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on the login page, and nothing is too wide (${colorScheme})`, async (t) => {
    const username = await account(t);
    const narrow = { viewport: { width: 320, height: 640 }, colorScheme, reducedMotion: "reduce" };
    const look = async (page, view) => {
      await axeClean(page, view);
      await noSidewaysScroll(page, view);
    };
    const { app, request, page } = await arrive(t, narrow);
    await page.getByRole("button", { name: "Start the camera" }).waitFor();
    await look(page, "sign in to an app");
    await showFace(page, username);
    await button(page, "Allow").waitFor();
    await look(page, "consent");
    await button(page, "Allow").click();
    await app.comesBack(page, request);
    await page.goto(BASE_URL + app.begin({ prompt: "select_account" }).path);
    await button(page, `Continue as ${username}`).waitFor();
    await look(page, "continue");
    await page.goto(`${BASE_URL}/end-session`);
    await button(page, "Sign out").waitFor();
    await look(page, "logout");
    await page.goto(`${BASE_URL}/login?error=unknown_client`);
    await page.getByText("unknown_client").waitFor();
    await look(page, "refused request");
    await page.goto(`${BASE_URL}/login?request=none`);
    await page.getByText("This sign-in cannot go on").waitFor();
    await look(page, "ended request");
  });
}
