import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PAGE_ORIGIN, serveElsewhere } from "./elsewhere.mjs";
import { openLine } from "./line.mjs";
import { relyingParty } from "./relying-party.mjs";
import { BASE_URL, enrolAtCamera, openPage, reaches, someone, startCamera, useBrowser } from "./support.mjs";
import { watchTimeline } from "./timeline.mjs";

const browser = await useBrowser();
const username = someone();

/** Least frames of a capture. */
const LEAST = 8;

/** Whoever moves slowly is still half way when a busy machine gets to press a button. */
const HALF_WAY = { pace: "slow" };

// What the element on another site uses.
const shared = await openLine(BASE_URL);
after(() => shared.close());
await serveElsewhere(shared.origin);

// Enrolled once; the tests below sign in to it.
test("enrolling at the camera signs in", async (t) => {
  await enrolAtCamera(await openPage(t, browser, { performer: "obama" }), username);
});

/**
 * Opens the sign-in page over a line of its own, and turns the camera on after `prepare`. `path` leads
 * to another page, which may send the browser on to the origin `app`. `pace` is that of the person.
 */
async function signInOver(t, options, prepare = () => {}, { path = "/#sign-in", app, pace } = {}) {
  const line = await openLine(BASE_URL, options);
  t.after(() => line.close());
  const page = await openPage(t, browser, {
    path, origin: line.origin, origins: [line.origin, ...(app ? [app] : [])], performer: "obama", pace, ignoreHTTPSErrors: true,
  });
  await watchTimeline(page.context());
  await page.reload();
  await prepare(page);
  await startCamera(page, username);
  return { line, page };
}

const signedIn = (page) => page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });

/** The captures that went over `line`. */
const captures = (line) => line.carried.filter(({ path }) => path === "/verify");

/** Fails unless the only capture over `line` went while the person of `page` still moved. */
async function wentMeanwhile(line, page) {
  const [capture, ...others] = captures(line);
  assert.deepEqual([others, capture.length, capture.end], [[], undefined, "whole"]);
  const over = await page.evaluate(
    () => performance.timeOrigin + window.moments.findLast(({ what }) => what === "gathering").at,
  );
  const early = capture.frames.filter((at) => at < over).length;
  assert.ok(early >= LEAST, `${early} of ${capture.frames.length} frames came before the last step was done`);
  // Nothing was sent twice.
  assert.equal(await page.evaluate(() => window.uploads.length), 0);
}

/** Waits until `happened`. */
async function until(what, happened) {
  const begun = Date.now();
  while (!happened()) {
    assert.ok(Date.now() - begun < 40_000, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("over HTTP/2 frames arrive while the person still moves", async (t) => {
  const { line, page } = await signInOver(t);
  await signedIn(page);
  await wentMeanwhile(line, page);
});

test("eyes that are closed are seen to be, too", async (t) => {
  const { line, page } = await signInOver(t, {}, (page) => page.getByText("I cannot move my head like that").click());
  await signedIn(page);
  assert.deepEqual(captures(line).map(({ length, end }) => [length, end]), [[undefined, "whole"]]);
});

test("over HTTP/1.1 the capture is sent when it is made", async (t) => {
  const { line, page } = await signInOver(t, { protocol: "http/1.1" });
  await signedIn(page);
  const [capture, ...others] = captures(line);
  assert.deepEqual([others, capture.end], [[], "whole"]);
  assert.ok(Number(capture.length) > 0);
  assert.ok((await page.evaluate(() => window.uploads.length)) >= LEAST);
});

test("a stream that breaks off is sent again as a whole, and the next one is not tried", async (t) => {
  const { line, page } = await signInOver(t);
  line.meet = (from, to, note) => {
    if (note.path !== "/verify" || note.length !== undefined) return false;
    from.on("data", () => note.frames.length >= 3 && to.stream.destroy());
    return true;
  };
  await signedIn(page);
  const [broken, whole, ...others] = captures(line);
  assert.deepEqual([others, broken.length, whole.end], [[], undefined, "whole"]);
  assert.ok(broken.frames.length < LEAST && Number(whole.length) > 0);

  await page.getByRole("button", { name: "Sign out" }).click();
  await startCamera(page, username);
  await signedIn(page);
  assert.ok(Number(captures(line).at(-1).length) > 0);
});

test("who stops half way takes the capture back", async (t) => {
  const { line, page } = await signInOver(t, {}, () => {}, HALF_WAY);
  await until("no frame has come", () => captures(line)[0]?.frames.length >= 3);
  await page.getByRole("button", { name: "Stop" }).click();
  await until("the capture has not ended", () => captures(line)[0].end !== "open");
  assert.equal(captures(line)[0].end, "broken");
  // Nobody was asked to wait for it, and the next try goes the same way.
  await startCamera(page, username);
  await signedIn(page);
  assert.deepEqual(captures(line).map(({ length, end }) => [length, end]), [[undefined, "broken"], [undefined, "whole"]]);
});

test("a refusal that comes while the person moves is shown in the end, and the capture is kept", async (t) => {
  const { line, page } = await signInOver(t);
  let refused = false;
  line.meet = (from, to, { path }) => {
    if (path !== "/verify" || refused) return false;
    refused = true;
    from.resume();
    to.writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "1" });
    to.end(JSON.stringify({ status: 503, code: "overloaded" }));
    return true;
  };
  await reaches(page, "challenge");
  await reaches(page, "refused");
  await page.getByText("You can try again now.").waitFor();
  await page.getByRole("button", { name: "Send again" }).click();
  await signedIn(page);
  assert.ok(Number(captures(line).at(-1).length) > 0);
});

test("the element on another site is told the protocol, and does the same", async (t) => {
  const shop = await openPage(t, browser, {
    path: "/example/", origin: PAGE_ORIGIN, origins: [PAGE_ORIGIN, shared.origin], performer: "obama",
    ignoreHTTPSErrors: true,
  });
  await startCamera(shop, username);
  await shop.getByText(`Hello ${username}.`).waitFor({ timeout: 60_000 });
  assert.deepEqual(captures(shared).map(({ length, end }) => [length, end]), [[undefined, "whole"]]);
});

/** Opens a request of an app of somebody else over a line of its own, and turns the camera on. */
async function signInToAppOver(t, { pace } = {}) {
  const app = await relyingParty(t, "e2e-app");
  const request = app.begin({ prompt: "login", login_hint: username });
  const opened = await signInOver(t, {}, () => {}, { path: request.path, app: app.origin, pace });
  return { app, request, ...opened };
}

test("the login page of an app sends frames while the person moves, and the app gets its code", async (t) => {
  const { app, request, line, page } = await signInToAppOver(t);
  const allow = page.getByRole("button", { name: "Allow", exact: true });
  await allow.waitFor({ timeout: 60_000 });
  await wentMeanwhile(line, page);
  await allow.click();
  const { claims } = await app.redeem(await app.comesBack(page, request), request);
  assert.equal(claims.preferred_username, username);
  assert.equal(claims.acr, "urn:faceauth:acr:face-liveness");
});

test("who goes back to the app half way takes the capture back, and the app is told", async (t) => {
  const { app, request, line, page } = await signInToAppOver(t, HALF_WAY);
  await until("no frame has come", () => captures(line)[0]?.frames.length >= 3);
  await page.getByRole("button", { name: "Cancel and go back to Harbour Library" }).click();
  assert.equal((await app.comesBack(page, request)).error, "access_denied");
  await until("the capture has not ended", () => captures(line)[0].end !== "open");
  assert.deepEqual(captures(line).map(({ length, end }) => [length, end]), [[undefined, "broken"]]);
});
