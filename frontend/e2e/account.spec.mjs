import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { enrol, openPage, refusesPicture, signIn, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();

/** Answers `path` in the service's place. */
function answer(page, path, status, code) {
  return page.route(`**${path}`, (route) =>
    route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify({ status, code }) }),
  );
}

test("faces are added at the camera and removed", async (t) => {
  const page = await openPage(t, browser, { performer: "obama" });
  await enrol(page, someone(), "obama2.jpg");
  await page.getByText("Without a face you cannot sign in again.").waitFor();
  await page.getByRole("button", { name: "Add a face" }).click();
  await page.getByText("The face is added.").waitFor({ timeout: 60_000 });
  await page.locator(".faces li").nth(1).waitFor();

  await page.getByRole("button", { name: /^Remove the face added/ }).first().click();
  await page.getByText("The face is removed.").waitFor();
  await page.locator(".faces li").nth(1).waitFor({ state: "detached" });
  await page.getByText("Without a face you cannot sign in again.").waitFor();
});

test("a picture of a face is not added", async (t) => {
  const page = await openPage(t, browser, { performer: "obama-print" });
  await enrol(page, someone(), "obama2.jpg");
  await page.getByRole("button", { name: "Add a face" }).click();
  await refusesPicture(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator(".faces li").first().waitFor();
  assert.equal(await page.locator(".faces li").count(), 1);
});

test("a sign-in that is too old for a change says what to do", async (t) => {
  const page = await openPage(t, browser);
  await enrol(page, someone(), "obama.jpg");
  await page.locator(".faces li").first().waitFor();
  await answer(page, "/me/faces/*", 401, "token_expired");
  await page.getByRole("button", { name: /^Remove the face added/ }).click();
  await page.getByText("For this you must have signed in within the last five minutes.").waitFor();
});

test("the history tells what was tried, newest first", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, username, "biden.jpg");
  await page.getByText("We could not sign you in").waitFor();
  await page.getByRole("button", { name: "Use another picture" }).click();
  await signIn(page, username, "obama2.jpg");
  await page.getByRole("heading", { name: username }).waitFor();
  await page.locator(".history li").nth(2).waitFor();
  const lines = await page.locator(".history li > span").allTextContents();
  assert.deepEqual(lines, ["Signed in accepted", "Signed in refused: another face", "Enrolled accepted"]);
});

test("everything that is held can be downloaded", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download my data" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "faceauth.json");
  const data = JSON.parse(readFileSync(await file.path(), "utf8"));
  assert.equal(data.user.username, username);
  assert.equal(data.faces.length, 1);
});

test("an access token that is about to end is renewed by itself", async (t) => {
  const page = await openPage(t, browser);
  await page.clock.install();
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await page.locator(".faces li").first().waitFor();
  await page.clock.fastForward("15:00");
  await page.getByText("Expired", { exact: true }).waitFor();
  const renewed = page.waitForResponse((response) => response.url().endsWith("/token/refresh"));
  const exported = page.waitForResponse((response) => response.url().endsWith("/me/export"));
  await page.getByRole("button", { name: "Download my data" }).click();
  assert.equal((await renewed).status(), 200);
  assert.equal((await exported).status(), 200);
});

test("a session that has ended leads back to signing in", async (t) => {
  const page = await openPage(t, browser);
  await page.clock.install();
  await enrol(page, someone(), "obama.jpg");
  await page.locator(".faces li").first().waitFor();
  await answer(page, "/token/refresh", 401, "token_invalid");
  await page.clock.fastForward("15:00");
  await page.getByRole("button", { name: "Download my data" }).click();
  await page.getByText("Your session has ended. Sign in again.").waitFor();
  assert.equal(await page.getByRole("tab", { name: "Sign in" }).getAttribute("aria-selected"), "true");
});

test("the page speaks the browser's language, and another when asked", async (t) => {
  const page = await openPage(t, browser, { locale: "de-AT" });
  await page.getByRole("button", { name: "Kamera einschalten" }).waitFor();
  // Set after what is seen was drawn.
  await page.locator('html[lang="de"]').waitFor();
  await page.getByLabel("Sprache").selectOption("en");
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
  await page.locator('html[lang="en"]').waitFor();
});

test("where nobody may enrol, the page says so and signs in all the same", async (t) => {
  const page = await openPage(t, browser);
  await page.route("**/capture", async (route) => {
    const response = await route.fetch();
    const json = { ...(await response.json()), registration: "closed", enrolment_image_days: 0 };
    await route.fulfill({ response, json });
  });
  await page.reload();
  await page.getByText("Enrolment is not open here.").waitFor();
  await page.getByRole("tab", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
});

test("consent says what is kept", async (t) => {
  const page = await openPage(t, browser);
  await page.getByText("No picture is kept.").waitFor();
  await page.route("**/capture", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), enrolment_image_days: 30 } });
  });
  await page.reload();
  await page.getByText("A picture of my face is kept too, encrypted, for 30 days").waitFor();
});

test("a service that does not answer can be asked again", async (t) => {
  const page = await openPage(t, browser);
  await page.route("**/capture", (route) => route.abort("connectionfailed"));
  await page.reload();
  await page.getByText("The service cannot be reached").waitFor();
  await page.unroute("**/capture");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
});
