import assert from "node:assert/strict";
import { test } from "node:test";
import { enrol, openPage, pick, signIn, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();

/** Answers `path` in the service's place. */
function answer(page, path, status, code, headers = {}) {
  return page.route(`**${path}`, (route) =>
    route.fulfill({
      status,
      headers: { "Content-Type": "application/problem+json", "X-Request-Id": "e2e-request", ...headers },
      body: JSON.stringify({ type: "about:blank", title: code, status, code }),
    }),
  );
}

test("the page comes with a strict content security policy", async (t) => {
  const page = await openPage(t, browser);
  const headers = (await page.reload()).headers();
  const policy = headers["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'self'/);
  // Compiling WebAssembly is not evaluating script.
  assert.doesNotMatch(policy.replace("'wasm-unsafe-eval'", ""), /unsafe-|\*/);
});

test("nothing is kept in the browser", async (t) => {
  const page = await openPage(t, browser);
  const printed = [];
  page.on("console", (message) => printed.push(message.text()));
  await enrol(page, someone(), "obama.jpg");
  const kept = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
    location.href.includes("eyJ"),
  ]);
  assert.deepEqual(kept, [0, 0, "", 0, 0, false]);
  assert.deepEqual(printed, []);
  await page.reload();
  await page.getByRole("tab", { name: "Enrol" }).waitFor();
});

for (const [status, code, title] of [
  [429, "rate_limited", "Too many requests"],
  [503, "overloaded", "The service is busy"],
]) {
  test(`${status} shows the wait and sends nothing meanwhile`, async (t) => {
    const page = await openPage(t, browser, { path: "/#sign-in" });
    await answer(page, "/verify", status, code, { "Retry-After": "3" });
    await signIn(page, someone(), "obama.jpg");
    await page.getByText(title).waitFor();
    await page.getByText(/You can try again in [123] s\./).waitFor();
    const button = page.getByRole("button", { name: "Sign in", exact: true });
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await page.getByText("You can try again now.").waitFor();
    assert.equal(await button.getAttribute("aria-disabled"), "false");
  });
}

test("a lost connection keeps the picture", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in" });
  await page.route("**/verify", (route) => route.abort("connectionfailed"));
  await signIn(page, someone(), "obama.jpg");
  await page.getByText("The service cannot be reached").waitFor();
  assert.equal(await page.locator("img.media").count(), 1);
});

test("an enrolment whose answer was lost can be sent again", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  // The service answers; the page never hears of it, the first time.
  const answered = [];
  await page.route("**/register", async (route) => {
    const response = await route.fetch();
    answered.push(response.status());
    if (answered.length === 1) await route.abort("connectionreset");
    else await route.fulfill({ response });
  });
  await pick(page, "obama.jpg");
  await page.getByLabel("Username").fill(username);
  await page.locator("[name=consent]").check();
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByText("The service cannot be reached").waitFor();
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
  assert.deepEqual(answered, [201, 201]);
});

test("signing out without a connection forgets the token and says so", async (t) => {
  const page = await openPage(t, browser);
  await enrol(page, someone(), "obama.jpg");
  await page.route("**/token/revoke", (route) => route.abort("connectionfailed"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("The service could not be told").waitFor();
});

test("an answer that is not the service's own is not shown", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in" });
  await page.route("**/verify", (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<b>proxy</b>" }));
  await signIn(page, someone(), "obama.jpg");
  await page.getByText("Something went wrong").waitFor();
  assert.equal(await page.getByText("proxy").count(), 0);
});

test("a failed face search does not block sending", async (t) => {
  const page = await openPage(t, browser);
  await answer(page, "/detect", 503, "overloaded");
  await pick(page, "obama.jpg");
  await page.getByText("The picture could not be checked now.").waitFor();
  const username = someone();
  await page.getByLabel("Username").fill(username);
  await page.locator("[name=consent]").check();
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("an account that cannot be erased stays, and says why", async (t) => {
  const page = await openPage(t, browser);
  await enrol(page, someone(), "obama.jpg");
  await page.route("**/me", (route) => route.abort("connectionfailed"));
  await page.getByRole("button", { name: "Erase my account" }).click();
  await page.getByRole("button", { name: "Erase everything" }).click();
  await page.getByRole("dialog").getByText("The service cannot be reached").waitFor();
  await page.getByRole("button", { name: "Keep my account" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});
