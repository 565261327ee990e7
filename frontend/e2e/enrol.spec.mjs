import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnBox } from "./overlay.mjs";
import { enrol, erase, openPage, pick, someone, useBrowser, usePhoto } from "./support.mjs";

const browser = await useBrowser();

/** obama.jpg: its size and the eyes and mouth, read off the photo by hand. */
const PORTRAIT = { width: 910, height: 1137 };
const FEATURES = { leftEye: { x: 439, y: 215 }, rightEye: { x: 555, y: 215 }, mouth: { x: 493, y: 320 } };

for (const [name, options] of [
  ["a desktop", {}],
  ["a dense phone screen", { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3 }],
]) {
  test(`the box lies on the face on ${name}`, async (t) => {
    const page = await openPage(t, browser, options);
    await pick(page, "obama.jpg");
    await page.getByText("One face found, and the picture is good.").waitFor();
    const box = await drawnBox(page, PORTRAIT);
    for (const [feature, at] of Object.entries(FEATURES)) {
      assert.ok(at.x > box.x && at.x < box.x + box.width, `${feature} beside ${JSON.stringify(box)}`);
      assert.ok(at.y > box.y && at.y < box.y + box.height, `${feature} above or below ${JSON.stringify(box)}`);
    }
    const eyes = FEATURES.rightEye.x - FEATURES.leftEye.x;
    assert.ok(box.width > 1.5 * eyes && box.width < 3 * eyes, `the box is ${box.width} wide`);
    assert.ok(Math.abs(box.x + box.width / 2 - 497) < 0.2 * eyes, "the box is off centre");
  });
}

test("enrolling signs in and shows the token, the face and the way out", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await page.getByText("Your face is enrolled and you are signed in.").waitFor();
  for (const claim of ["iss", "sub", "aud", "exp", "amr", "acr"]) {
    await page.locator(".claims dt", { hasText: new RegExp(`^${claim}`) }).first().waitFor();
  }
  assert.match(await page.locator(".pill").textContent(), /^Expires in 1[45]:\d\d$/);
  await page.locator(".faces li").waitFor();
  assert.equal(await page.locator(".faces li").count(), 1);

  const revoked = page.waitForResponse((response) => response.url().endsWith("/token/revoke"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
  assert.equal((await revoked).status(), 204);
  assert.equal(await page.getByRole("tab", { name: "Sign in" }).getAttribute("aria-selected"), "true");
});

test("the token can be copied, and the page says when it has expired", async (t) => {
  const page = await openPage(t, browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.clock.install();
  await enrol(page, someone(), "obama.jpg");
  await page.getByRole("button", { name: "Copy token" }).click();
  await page.getByText("Copied").waitFor();
  const [header, payload] = (await page.evaluate(() => navigator.clipboard.readText())).split(".");
  assert.equal(JSON.parse(Buffer.from(header, "base64url")).typ, "at+jwt");
  const { iat, exp } = JSON.parse(Buffer.from(payload, "base64url"));

  await page.clock.fastForward((exp - iat + 1) * 1000);
  await page.getByText("Expired", { exact: true }).waitFor();
});

test("a taken username says so and the form stays as it was", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("tab", { name: "Enrol" }).click();
  await pick(page, "obama2.jpg");
  await page.locator("[name=consent]").check();
  await page.getByLabel("Username").fill(`${username} `);
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByText("This username is taken").waitFor();
  assert.equal(await page.getByLabel("Username").inputValue(), `${username} `);
  assert.equal(await page.locator("[name=consent]").isChecked(), true);
});

test("nothing is sent before everything is given", async (t) => {
  const page = await openPage(t, browser);
  const sent = [];
  page.on("request", (request) => sent.push(request.url()));
  await usePhoto(page);
  const action = page.getByRole("button", { name: "Enrol my face" });

  await action.click();
  await page.getByText("Choose a photo or take one.").waitFor();
  await page.getByText("Enter a username.").waitFor();
  await page.getByText("Tick the box to agree.").waitFor();

  await pick(page, "obama.jpg");
  await page.getByLabel("Username").fill("two words");
  await action.click();
  await page.getByText("Use 1 to 128 letters").waitFor();
  assert.equal(await page.getByLabel("Username").evaluate((field) => field === document.activeElement), true);

  await page.getByLabel("Username").fill(someone());
  await action.click();
  assert.equal(await page.locator("[name=consent]").evaluate((field) => field === document.activeElement), true);
  assert.deepEqual(sent.filter((url) => url.endsWith("/register")), []);
});

test("erasing asks first, then forgets the account", async (t) => {
  const page = await openPage(t, browser);
  const username = someone();
  await enrol(page, username, "obama.jpg");

  await page.getByRole("button", { name: "Erase my account" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.getByRole("heading", { name: username }).waitFor();

  await erase(page);
  // The name is free again: nothing of the account was left.
  await enrol(page, username, "obama2.jpg");
});
