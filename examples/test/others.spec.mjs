/** Other libraries: `oidc-client-ts`, `next-auth` and Authlib. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useBrowser } from "../../frontend/e2e/support.mjs";
import { freePort, ISSUER, register, start, startPython } from "./apps.mjs";
import { newPerson, signInAtCamera } from "./people.mjs";

const browser = await useBrowser();

test("oidc-client-ts: a browser app signs in, renews, asks, and signs out", async (t) => {
  const PORT = await freePort();
  const app = `http://localhost:${PORT}`;
  const { client_id: CLIENT_ID, client_secret: secret } = await register(
    ...["--name", "A browser app", "--public", "--redirect-uri", `${app}/`],
    ...["--post-logout-redirect-uri", `${app}/`, "--offline-access"],
  );
  assert.equal(secret, undefined);
  await start("browser-oidc-client-ts", ["node", "server.mjs"], { PORT, CLIENT_ID });
  const person = await newPerson(t, browser, [app]);
  const { page, username } = person;
  const status = (words) => page.getByRole("status").getByText(words).waitFor();
  await page.goto(app);
  await page.getByRole("button", { name: "Sign in" }).click();
  await signInAtCamera(person);
  await status(`Signed in as ${username} (urn:faceauth:acr:face-liveness)`);
  assert.equal(new URL(page.url()).search, "", "the code is out of the address");
  await page.getByRole("button", { name: "Renew" }).click();
  await status(`Renewed for ${username}`);
  await page.getByRole("button", { name: "Who am I?" }).click();
  await status(`The service says ${username}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await status("Nobody is signed in.");
});

test("next-auth: a Next.js app signs in and out", async (t) => {
  const PORT = await freePort();
  const app = `http://localhost:${PORT}`;
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = await register(
    ...["--name", "A Next.js app", "--redirect-uri", `${app}/api/auth/callback/faceauth`],
    "--first-party",
  );
  await start("next-auth", ["node_modules/.bin/next", "start", "--port", String(PORT)], {
    ...{ PORT, CLIENT_ID, CLIENT_SECRET, NEXTAUTH_URL: app, NEXT_TELEMETRY_DISABLED: "1" },
    NEXTAUTH_SECRET: "only for this test",
  });
  const person = await newPerson(t, browser, [app]);
  const { page, username } = person;
  await page.goto(app);
  await page.getByRole("button", { name: "Sign in with FaceAuth" }).click();
  // A first-party app needs no consent.
  await signInAtCamera(person, { consent: false });
  assert.equal(await page.locator("#name").textContent(), username);
  assert.equal(await page.locator("#acr").textContent(), "urn:faceauth:acr:face-liveness");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.locator("#nobody").waitFor();
});

test("Authlib: a website in Flask signs in, and takes no other issuer's answer", async (t) => {
  const PORT = await freePort();
  const app = `http://localhost:${PORT}`;
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = await register(
    ...["--name", "A website in Flask", "--redirect-uri", `${app}/callback`],
  );
  await startPython("python-authlib", { PORT, CLIENT_ID, CLIENT_SECRET });
  const person = await newPerson(t, browser, [app]);
  const { page, username } = person;
  await page.goto(app);
  await page.getByRole("link", { name: "Sign in" }).click();
  await signInAtCamera(person);
  assert.equal(await page.locator("#name").textContent(), username);
  assert.equal(await page.locator("#acr").textContent(), "urn:faceauth:acr:face-liveness");

  await page.getByRole("link", { name: "Sign out" }).click();
  const turn = async (route) => {
    const address = new URL(route.request().url());
    address.searchParams.set("iss", "https://other.example.org");
    await route.fulfill({ status: 303, headers: { Location: String(address) } });
  };
  await page.route(`${app}/callback?*`, turn, { times: 1 });
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.waitForURL(`${ISSUER}/login?*`);
  await page.getByRole("button", { name: `Continue as ${username}` }).click();
  assert.equal(await page.locator("#error").textContent(), "another issuer answered");
});
