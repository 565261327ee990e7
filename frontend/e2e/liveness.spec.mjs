import assert from "node:assert/strict";
import { test } from "node:test";
import { enrolAtCamera, openPage, reaches, refusesPicture, someone, startCamera, useBrowser } from "./support.mjs";

const browser = await useBrowser();
const username = someone();

// Enrolled once; the tests below sign in to it.
test("enrolling at the camera signs in", async (t) => {
  const page = await openPage(t, browser, { performer: "obama" });
  await enrolAtCamera(page, username);
  await page.getByText("Your face is enrolled and you are signed in.").waitFor();
});

/** Opens the sign-in page before `performer` and turns the camera on. */
async function signInAs(t, performer, options = {}) {
  const page = await openPage(t, browser, { path: "/#sign-in", performer, ...options });
  await startCamera(page, username);
  return page;
}

/** The claims of the token that the account shows. */
async function claim(page, name) {
  const line = page.locator(".claims > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}`) }) });
  return line.locator("dd code").textContent();
}

test("whoever follows the prompts is signed in as found live", async (t) => {
  const page = await signInAs(t, "obama");
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
  assert.equal(await claim(page, "acr"), "urn:faceauth:acr:face-liveness");
  await page.locator(".history li").first().getByText("Signed in").waitFor();
  assert.deepEqual(await page.evaluate(() => window.tracks.map((track) => track.readyState)), ["ended"]);
});

test("each step has its prompt, its figure and its time", async (t) => {
  const page = await signInAs(t, "obama");
  await reaches(page, "challenge");
  await page.locator(".countdown").waitFor();
  assert.match(await page.locator(".countdown-text").textContent(), /^[1-6] s left$/);
  assert.equal(await page.locator(".mark").count(), 3);
  assert.equal(await page.locator(".instruction svg").count(), 1);
  // What comes next is shown, and is not spoken over the prompt.
  const next = page.getByText(/^Next: /);
  await next.waitFor();
  assert.equal(await next.evaluate((line) => line.closest("[aria-live], [role=status], [role=alert]")), null);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
});

test("somebody else performs as well and is refused, without a reason that helps", async (t) => {
  const page = await signInAs(t, "biden");
  await reaches(page, "refused");
  await page.getByText("We could not sign you in").waitFor();
  assert.doesNotMatch(await page.locator(".flow .notice").textContent(), /score|threshold|\d/);
  // The next try asks for new steps.
  const asked = page.waitForRequest((request) => request.url().endsWith("/liveness/sessions"));
  await page.getByRole("button", { name: "Try again" }).click();
  await asked;
});

test("a picture that does nothing is refused with the reason, and may try other steps", async (t) => {
  const page = await signInAs(t, "obama-print", { obeys: false });
  await reaches(page, "refused");
  await refusesPicture(page);
  await page.getByText("A movement was not seen.").waitFor();
  await page.getByText("2 more tries with this check.").waitFor();
  // The refusal brought the next steps: no session is opened for them.
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.getByRole("button", { name: "Try again" }).click();
  await reaches(page, "challenge");
  assert.equal(asked.includes("/liveness/sessions"), false);
});

test("a print that is tilted as asked is refused", async (t) => {
  const page = await signInAs(t, "obama-print");
  await reaches(page, "refused");
  await refusesPicture(page);
});

test("a session that has ended says so and begins anew", async (t) => {
  const page = await signInAs(t, "obama");
  await page.route("**/verify", (route) =>
    route.fulfill({
      status: 410,
      contentType: "application/problem+json",
      body: JSON.stringify({ status: 410, code: "session_expired" }),
    }),
  );
  await reaches(page, "refused");
  await page.getByText("This check has expired").waitFor();
  await page.unroute("**/verify");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
});

test("a lost connection keeps the capture, and it is sent again", async (t) => {
  const page = await signInAs(t, "obama");
  await page.route("**/verify", (route) => route.abort("connectionfailed"));
  await reaches(page, "refused");
  await page.getByText("The service cannot be reached").waitFor();
  await page.getByText("Your capture is kept.").waitFor();
  await page.unroute("**/verify");
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("a connection that comes back sends the capture by itself", async (t) => {
  const page = await signInAs(t, "obama");
  await reaches(page, "challenge");
  await page.context().setOffline(true);
  await reaches(page, "refused");
  await page.getByText("The service cannot be reached").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: username }).waitFor();
});

test("a slow network shows how far the upload is", async (t) => {
  const page = await signInAs(t, "obama");
  await reaches(page, "challenge");
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 100,
    downloadThroughput: 1_000_000,
    uploadThroughput: 400_000,
  });
  await page.locator(".sending progress").waitFor({ timeout: 60_000 });
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
});

test("a full service shows the wait, then takes the same capture", async (t) => {
  const page = await signInAs(t, "obama");
  await page.route("**/verify", (route) =>
    route.fulfill({
      status: 503,
      headers: { "Content-Type": "application/problem+json", "Retry-After": "2" },
      body: JSON.stringify({ status: 503, code: "overloaded" }),
    }),
  );
  await reaches(page, "refused");
  await page.getByText(/You can try again in [12] s\./).waitFor();
  const again = page.getByRole("button", { name: "Send again" });
  assert.equal(await again.getAttribute("aria-disabled"), "true");
  await page.unroute("**/verify");
  await page.getByText("You can try again now.").waitFor();
  await again.click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("where pictures are not enough, enrolling follows prompts too", async (t) => {
  const page = await openPage(t, browser, { performer: "obama" });
  await page.route("**/capture", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), liveness_required: true } });
  });
  await page.reload();
  const name = someone();
  await page.getByText("Look into the camera and follow three short prompts.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Use a photo instead" }).count(), 0);
  await startCamera(page, name);
  await page.getByRole("heading", { name }).waitFor({ timeout: 60_000 });
  assert.equal(await claim(page, "acr"), "urn:faceauth:acr:face-liveness");
});

test("who cannot turn the head closes the eyes until told, and is signed in as found live", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in", performer: "obama" });
  await noteTold(page);
  await page.getByText("I cannot move my head like that").click();
  const opened = page.waitForResponse((response) => response.url().endsWith("/liveness/sessions"));
  await startCamera(page, username);
  const { steps } = await (await opened).json();
  for (const { action } of steps) assert.match(action, /^(move_closer|blink)$/);
  await page.getByText("Close your eyes until you hear a tone").waitFor();
  await page.getByText("Without sound, count slowly to three.").waitFor();
  await page.getByText("Open your eyes again").waitFor();
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
  assert.equal(await claim(page, "acr"), "urn:faceauth:acr:face-liveness-reduced");
  const times = steps.filter(({ action }) => action === "blink").length;
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(told.map(({ how }) => how), Array(times).fill(["vibration", "tone"]).flat());
  // Long enough for the service. How long it takes to see them close depends on the machine.
  for (const { after } of told) assert.ok(after > 1_200, `told after ${after} ms`);
});

test("eyes that do not close are told when the time is over, and refused", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in", performer: "obama", obeys: false });
  await noteTold(page);
  await page.getByText("I cannot move my head like that").click();
  await startCamera(page, username);
  await reaches(page, "refused");
  await page.getByText("A movement was not seen.").waitFor();
  const told = await page.evaluate(() => window.told);
  assert.ok(told.length > 0);
  for (const { after } of told) assert.ok(after > 2_500, `told after ${after} ms`);
});

/** Has `page` note how it tells people to open their eyes, and how long after it asked to close them. */
async function noteTold(page) {
  await page.addInitScript(watchTold);
  await page.reload();
}

function watchTold() {
  window.told = [];
  let since = 0;
  let shown;
  new MutationObserver(() => {
    const prompt = document.querySelector("[data-prompt]")?.getAttribute("data-prompt");
    if (prompt !== shown) [shown, since] = [prompt, performance.now()];
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-prompt"] });
  const note = (how) => window.told.push({ how, after: performance.now() - since });
  navigator.vibrate = () => {
    note("vibration");
    return true;
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...times) {
    note("tone");
    return start.apply(this, times);
  };
}

test("without the face finder, words and time guide", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in", performer: "obama" });
  await page.route("**/facemesh-*", (route) => route.abort());
  await startCamera(page, username);
  await page.getByRole("button", { name: "Start now" }).click();
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
});
