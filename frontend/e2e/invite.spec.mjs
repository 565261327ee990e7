import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { BASE_URL, invite, openPage, reaches, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Has the page believe that registration is by invitation, and that a picture is not enough. */
async function byInvitation(page) {
  await page.route("**/capture", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), registration: "invite", liveness_required: true } });
  });
}

/** Loads the page anew: a link that differs in its fragment alone would not. */
async function load(page, link) {
  await page.goto(`${BASE_URL}/healthz`);
  await page.goto(link);
}

/** Opens a page in which registration is by invitation, then a link. */
async function follow(t, link, options) {
  const page = await openPage(t, browser, options);
  await byInvitation(page);
  await load(page, link);
  return page;
}

async function axeClean(page, view) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => (await window.axe.run(document)).violations.map(({ id }) => id));
  assert.deepEqual(violations, [], view);
}

test("whoever opens the link enrols live under its name, once", async (t) => {
  const username = someone();
  const { link } = await invite(username);
  const page = await follow(t, link, { performer: "obama" });
  await page.getByRole("heading", { name: `You are invited as ${username}` }).waitFor();
  assert.equal(await page.getByLabel("Username").count(), 0, "the name cannot be changed");
  assert.equal(await page.evaluate(() => location.href), `${BASE_URL}/`, "the secret stays in the address");
  await axeClean(page, "invited");

  // By keyboard alone: tabs, agreement, other steps, camera.
  await page.getByRole("tab", { name: "Enrol" }).focus();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator("[name=consent]").evaluate((box) => box === document.activeElement)) break;
  }
  await page.keyboard.press("Space");
  const sent = page.waitForRequest((request) => request.url().endsWith("/register"));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
  assert.equal(new URL((await sent).url()).search, "");
  await page.getByText("Your face is enrolled and you are signed in.").waitFor();
  await page.getByText("urn:faceauth:acr:face-liveness").waitFor();

  // Signed out, the page asks for another link; the first one is used up.
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("tab", { name: "Enrol" }).click();
  await page.getByText("Enrolment is by invitation here.").waitFor();
  await load(page, link);
  await page.getByText("This invitation is not valid").waitFor();
  await page.getByText("If you have enrolled with it, sign in.").waitFor();
  await axeClean(page, "an invitation that was used");
  await page.getByRole("button", { name: "Go on without it" }).click();
  await page.getByText("Enrolment is by invitation here.").waitFor();
});

test("a link that is too old says what to do, in both languages", async (t) => {
  const expired = { status: 410, contentType: "application/problem+json", body: '{"status":410,"code":"invitation_expired"}' };
  for (const [locale, title, advice] of [
    ["en-GB", "This invitation has expired", "Ask whoever invited you for a new link."],
    ["de", "Diese Einladung ist abgelaufen", "Bitten Sie den Absender um einen neuen Link."],
  ]) {
    const page = await openPage(t, browser, { locale });
    await byInvitation(page);
    await page.route("**/invitations/read", (route) => route.fulfill(expired));
    // In a page that is open already.
    await page.evaluate(() => (location.hash = "#invite=fi_old"));
    await page.locator("[role=status]").getByText(title).waitFor();
    await page.getByText(advice).waitFor();
    await axeClean(page, title);
    await page.unroute("**/invitations/read");
  }
});

test("a service that cannot be reached is asked again about the same link", async (t) => {
  const username = someone();
  const { link } = await invite(username);
  const page = await openPage(t, browser);
  await page.route("**/invitations/read", (route) => route.abort("connectionfailed"));
  await load(page, link);
  await page.getByText("The service cannot be reached").waitFor();
  await page.unroute("**/invitations/read");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: `You are invited as ${username}` }).waitFor();
});

test("an invitation that is replaced while its page is open is refused there", async (t) => {
  const username = someone();
  const { link } = await invite(username);
  const page = await follow(t, link, { performer: "obama" });
  await page.getByRole("heading", { name: `You are invited as ${username}` }).waitFor();
  await invite(username.toUpperCase());
  await page.locator("[name=consent]").check();
  await page.getByRole("button", { name: "Start the camera" }).click();
  await reaches(page, "refused");
  await page.getByText("This invitation is not valid").waitFor();
});
