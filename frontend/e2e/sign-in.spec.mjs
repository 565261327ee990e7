import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE_URL, enrol, openPage, signIn, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();
const username = someone();

// Enrolled once; every test below signs in to it.
const page = await browser.newPage();
await page.goto(BASE_URL);
await enrol(page, username, "obama.jpg");
await page.close();

for (const name of ["obama2.jpg", "obama3.jpg"]) {
  test(`another photo of the same person signs in: ${name}`, async (t) => {
    const page = await openPage(t, browser, { path: "/#sign-in" });
    await signIn(page, username, name);
    await page.getByRole("heading", { name: username }).waitFor();
    await page.locator(".claims dt", { hasText: /^sub/ }).waitFor();
  });
}

test("somebody else is refused, calmly and like an unknown name", async (t) => {
  const page = await openPage(t, browser, { path: "/#sign-in" });
  const refusal = page.locator(".fields .notice");

  await signIn(page, username, "biden.jpg");
  await refusal.getByText("We could not sign you in").waitFor();
  const impostor = await refusal.textContent();
  assert.doesNotMatch(impostor, /score|threshold|\d/);
  assert.equal(await page.getByRole("heading", { name: username }).count(), 0);

  // Nothing but the rate limit makes anybody wait.
  assert.equal(await page.getByRole("button", { name: "Sign in", exact: true }).getAttribute("aria-disabled"), "false");
  await page.getByRole("button", { name: "Use another picture" }).click();
  await refusal.waitFor({ state: "detached" });
  await signIn(page, someone(), "obama.jpg");
  await refusal.getByText("We could not sign you in").waitFor();
  assert.equal(await refusal.textContent(), impostor);
});
