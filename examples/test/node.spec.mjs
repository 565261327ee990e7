/** `openid-client` in a website with a server: the whole flow, and what an attacker would try. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useBrowser } from "../../frontend/e2e/support.mjs";
import { change, freePort, ISSUER, register, start } from "./apps.mjs";
import { AT_CAMERA_MS, atCamera, goOn, makeFirstPasskey, newPerson, signInAtCamera } from "./people.mjs";

const browser = await useBrowser();
/** The website, and its credentials. */
const PORT = await freePort();
const app = `http://localhost:${PORT}`;
const client = await register(
  ...["--name", "A website", "--redirect-uri", `${app}/callback`],
  ...["--post-logout-redirect-uri", app, "--offline-access"],
);
await start("node-openid-client", ["node", "server.mjs"], {
  PORT,
  CLIENT_ID: client.client_id,
  CLIENT_SECRET: client.client_secret,
});

const text = (page, id) => page.locator(`#${id}`).textContent();

/** Goes to the website's link, as far as the service's sign-in page. */
async function begin(person, path = "/sign-in") {
  await person.page.goto(`${app}${path}`);
  await person.page.waitForURL(`${ISSUER}/login?*`);
}

/** Signs in and comes back to the website. */
async function signedIn(t, options) {
  const person = await newPerson(t, browser, [app], options);
  await begin(person);
  await signInAtCamera(person, { passkey: options?.passkey });
  await person.page.locator("#name").waitFor();
  return person;
}

/**
 * Stops the browser on its way back to the website and changes the address. Answers a promise of the
 * address as the service made it.
 */
function onTheWayBack(page, change) {
  return new Promise((resolve) => {
    const turn = async (route) => {
      const address = new URL(route.request().url());
      resolve(new URL(address));
      change(address);
      await route.fulfill({ status: 303, headers: { Location: String(address) } });
    };
    page.route(`${app}/callback?*`, turn, { times: 1 });
  });
}

test("somebody signs in, renews, is known, and signs out", async (t) => {
  const person = await signedIn(t);
  const { page, username } = person;
  assert.equal(await text(page, "name"), username);
  assert.equal(await text(page, "acr"), "urn:faceauth:acr:face-liveness");
  await page.getByRole("link", { name: "Renew" }).click();
  await page.getByRole("link", { name: "Renew" }).click();
  assert.equal(await text(page, "renewed"), "2");
  await page.getByRole("link", { name: "ask who I am" }).click();
  assert.equal(await text(page, "who"), username);

  await page.goto(app);
  await page.getByRole("link", { name: "sign out" }).click();
  await page.locator("#nobody").waitFor();
  // The service has forgotten this browser, too.
  await page.goto(`${app}/sign-in?silent`);
  assert.equal(await text(page, "error"), "login_required");
});

test("a website gives its tokens back, and learns that they are worth nothing", async (t) => {
  const { page, username } = await signedIn(t);
  await page.goto(`${app}/lives`);
  assert.equal(await text(page, "lives"), "true");
  await page.goto(`${app}/give-back`);
  assert.equal(await text(page, "name"), username);
  await page.goto(`${app}/lives`);
  assert.equal(await text(page, "lives"), "false");
  await page.goto(`${app}/renew`);
  assert.equal(await text(page, "error"), "invalid_grant");
});

test("a browser that has signed in goes on without a face, and silently", async (t) => {
  const person = await signedIn(t);
  await begin(person);
  await goOn(person);
  await person.page.locator("#name").waitFor();
  await person.page.goto(`${app}/sign-in?silent`);
  assert.equal(await text(person.page, "name"), person.username);
});

test("a fresh face is asked for where the website wants one", async (t) => {
  const person = await signedIn(t);
  await begin(person, "/sign-in?fresh");
  await signInAtCamera(person, { consent: false });
  await person.page.locator("#name").waitFor();
});

test("a step-up asks for the passkey, and the website sees it", async (t) => {
  const person = await newPerson(t, browser, [app], { passkey: true });
  await begin(person, "/sign-in?passkey");
  await signInAtCamera(person, { passkey: true });
  await person.page.locator("#name").waitFor();
  assert.equal(
    await text(person.page, "acr"),
    "urn:faceauth:acr:face-liveness-passkey-device-bound",
  );
  assert.deepEqual((await text(person.page, "amr")).split(" ").sort(), ["face", "hwk", "mfa", "user"]);
});

test("who has no passkey makes the first one on the way, and the website sees it", async (t) => {
  const person = await newPerson(t, browser, [app]);
  await begin(person, "/sign-in?passkey");
  await makeFirstPasskey(person);
  await signInAtCamera(person, { passkey: true });
  await person.page.locator("#name").waitFor();
  assert.match(await text(person.page, "acr"), /passkey-device-bound$/);
  assert.equal((await person.device.passkeys()).length, 1);
});

test("a request may be pushed", async (t) => {
  const person = await newPerson(t, browser, [app]);
  const addresses = [];
  person.page.on("request", (request) => addresses.push(request.url()));
  await begin(person, "/sign-in?pushed");
  await signInAtCamera(person);
  await person.page.locator("#name").waitFor();
  const asked = addresses.find((address) => address.startsWith(`${ISSUER}/authorize`));
  assert.deepEqual([...new URL(asked).searchParams.keys()].sort(), ["client_id", "request_uri"]);
});

test("somebody who does not agree is told to the website", async (t) => {
  const person = await newPerson(t, browser, [app]);
  await begin(person);
  await person.page.getByRole("button", { name: "Cancel and go back to A website" }).click();
  assert.equal(await text(person.page, "error"), "access_denied");
});

test("an altered state, and the answer of another issuer, are refused by the website", async (t) => {
  const person = await signedIn(t);
  for (const [name, value] of [
    ["state", "somebody-elses"],
    ["iss", "https://other.example.org"],
  ]) {
    await begin(person);
    const changed = onTheWayBack(person.page, (address) => address.searchParams.set(name, value));
    await goOn(person);
    await changed;
    assert.match(await text(person.page, "error"), /\w/, name);
  }
});

test("an answer for another nonce is refused by the website", async (t) => {
  const person = await signedIn(t);
  // Somebody has the service answer a request that the website did not make.
  const alter = async (route) => {
    const sent = await route.fetch({ maxRedirects: 0 });
    const headers = sent.headers();
    const asked = new URL(headers.location);
    assert.ok(asked.searchParams.get("nonce"));
    asked.searchParams.set("nonce", "somebody-elses");
    await route.fulfill({ status: sent.status(), headers: { ...headers, location: String(asked) } });
  };
  await person.page.route(`${app}/sign-in`, alter, { times: 1 });
  await begin(person);
  await goOn(person);
  assert.equal(await text(person.page, "error"), "OAUTH_JWT_CLAIM_COMPARISON_FAILED");
});

test("a wrong redirect address and an unknown client never leave the service", async (t) => {
  const person = await newPerson(t, browser, [app]);
  const address = (changes) =>
    `${ISSUER}/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: `${app}/callback`,
      scope: "openid",
      state: "s",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
      ...changes,
    })}`;
  for (const changes of [
    { redirect_uri: `${app}/other` },
    { redirect_uri: "https://evil.example.org/callback" },
    { client_id: "nobody" },
  ]) {
    await person.page.goto(address(changes));
    await person.page.getByText("The app's request is not valid").waitFor();
    assert.equal(new URL(person.page.url()).origin, ISSUER);
  }
  // What else is wrong, the website hears.
  for (const [changes, error] of [
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ scope: "profile" }, "invalid_scope"],
    [{ prompt: "none" }, "login_required"],
  ]) {
    const answer = await fetch(address(changes), { redirect: "manual" });
    assert.equal(answer.status, 303);
    const heard = new URL(answer.headers.get("location"));
    assert.equal(heard.origin + heard.pathname, `${app}/callback`);
    const { state, iss } = Object.fromEntries(heard.searchParams);
    assert.deepEqual([heard.searchParams.get("error"), state, iss], [error, "s", ISSUER]);
  }
});

test("a page that was left open too long signs nobody in", async (t) => {
  const person = await newPerson(t, browser, [app]);
  await begin(person);
  const address = person.page.url();
  await person.page.getByRole("button", { name: "Start the camera" }).waitFor();
  await change("UPDATE authorization_requests SET expires_at = requested_at");
  await atCamera(person);
  await person.page.getByText("This sign-in cannot go on").waitFor({ timeout: AT_CAMERA_MS });
  assert.equal(new URL(person.page.url()).origin, ISSUER);
  await person.page.goto(address);
  await person.page.getByText("This sign-in cannot go on").waitFor();
  // The face was shown for nothing: the browser is not signed in.
  await person.page.goto(`${app}/sign-in?silent`);
  assert.equal(await text(person.page, "error"), "login_required");
  // The website begins again.
  await begin(person);
  await signInAtCamera(person);
  await person.page.locator("#name").waitFor();
});

test("an unknown request is told from one that goes on", async (t) => {
  const person = await newPerson(t, browser, [app]);
  await person.page.goto(`${ISSUER}/login?request=${"A".repeat(43)}`);
  await person.page.getByText("This sign-in cannot go on").waitFor();
});
