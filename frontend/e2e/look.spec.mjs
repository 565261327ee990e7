import assert from "node:assert/strict";
import { test } from "node:test";
import { axeClean } from "./access.mjs";
import { openPage, REQUIRED_URL, useBrowser } from "./support.mjs";

const browser = await useBrowser();

/** As the second service of these tests is configured. */
const NAME = "Wool & Thread";
const ACCENTS = { light: "rgb(154, 52, 18)", dark: "rgb(253, 186, 116)" };

for (const [colorScheme, accent] of Object.entries(ACCENTS)) {
  test(`a deployment gives the page its name, logo and colour (${colorScheme})`, async (t) => {
    const page = await openPage(t, browser, { origin: REQUIRED_URL, colorScheme, reducedMotion: "reduce" });
    await page.locator(".top").getByText(NAME, { exact: true }).waitFor();
    assert.equal(await page.title(), NAME);
    assert.ok(await page.locator(".logo").evaluate(async (logo) => (await logo.decode(), logo.naturalWidth > 0)));
    const start = page.getByRole("button", { name: "Start the camera" });
    await start.waitFor();
    assert.equal(await start.evaluate((button) => getComputedStyle(button).backgroundColor), accent);
    await axeClean(page, "the page in other colours");
  });
}

test("a page without a look of its own keeps the product's", async (t) => {
  const page = await openPage(t, browser);
  await page.locator(".top").getByText("FaceAuth", { exact: true }).waitFor();
  assert.equal(await page.title(), "FaceAuth");
  assert.equal(await page.locator(".logo").count(), 0);
});

test("what will happen stands beside the form, and not on a phone", async (t) => {
  const page = await openPage(t, browser);
  await page.getByRole("heading", { name: "What will happen" }).waitFor();
  await page.getByText("You look the pictures over before they are sent.").waitFor();
  await page.getByRole("tab", { name: "Sign in" }).click();
  await page.getByText("They are looked at and not kept.").waitFor();
  await page.setViewportSize({ width: 390, height: 740 });
  await page.getByRole("heading", { name: "What will happen" }).waitFor({ state: "hidden" });
});
