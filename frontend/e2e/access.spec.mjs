import assert from "node:assert/strict";
import { test } from "node:test";
import { giveAuthenticator } from "./authenticator.mjs";
import { axeClean, noSidewaysScroll } from "./access.mjs";
import { BASE_URL, byName, enrol, openPage, photo, pick, reaches, signIn, someone, startCamera, useBrowser, usePhoto } from "./support.mjs";

const browser = await useBrowser();
/** Walks through every view and calls `look(page, name)` on each. */
async function everyView(page, look) {
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
  await look(page, "enrol, empty");
  await page.getByRole("button", { name: "Start the camera" }).click();
  await look(page, "enrol, faults");
  await usePhoto(page);
  await look(page, "enrol with a photo");
  await page.getByRole("tab", { name: "Sign in" }).click();
  await look(page, "sign in, empty");
  await pick(page, "group-four.jpg");
  await look(page, "several faces");
  await page.getByRole("button", { name: "Use another picture" }).click();
  await signIn(page, someone(), "biden.jpg");
  await page.getByText("We could not sign you in").waitFor();
  await look(page, "refused");

  await page.getByRole("tab", { name: "Enrol" }).click();
  const username = someone();
  await startCamera(page, username);
  await reaches(page, "pose");
  await look(page, "a pose");
  await reaches(page, "review");
  await page.getByText("Good", { exact: true }).nth(2).waitFor();
  await look(page, "review");
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
  await page.locator(".faces li").first().waitFor();
  await page.locator(".history li").first().waitFor();
  await look(page, "account");
  await page.getByRole("button", { name: "Add a face" }).click();
  await reaches(page, "challenge");
  await page.locator(".countdown").waitFor();
  await look(page, "a step");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Erase my account" }).click();
  await look(page, "erase dialog");
}

/** Walks through every step of the second factor and calls `look(page, name)` on each. */
async function everyStep(page, look) {
  await giveAuthenticator(page);
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await press("Add a passkey");
  await look(page, "a new passkey");
  await press("Make a passkey");
  await page.locator(".codes-list").waitFor();
  await press("Go on");
  await look(page, "recovery codes, faults");
  await page.locator("[name=kept]").check();
  await press("Go on");
  await page.locator(".passkeys li").waitFor();
  await look(page, "account with a passkey");
  await press("Make new codes");
  await look(page, "question before new codes");
  await press("Keep the old codes");
  await press("Sign out");
  await signIn(page, username, "obama2.jpg");
  await page.getByRole("heading", { name: "Now confirm with your passkey" }).waitFor();
  await look(page, "passkey asked for");
  await press("Use a recovery code");
  await press("Sign in with the code");
  await page.getByText("Enter one of your codes.").waitFor();
  await look(page, "recovery code, faults");
}

/** A page with somebody before the camera. */
const options = { performer: "obama" };

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on any view (${colorScheme})`, async (t) => {
    const page = await openPage(t, browser, { ...options, colorScheme, reducedMotion: "reduce" });
    // axe reads the colours on screen: fading ones would be read half way.
    await everyView(page, axeClean);
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on any step of the second factor, and none is too wide (${colorScheme})`, async (t) => {
    const phone = { viewport: { width: 320, height: 640 }, colorScheme, reducedMotion: "reduce" };
    const page = await openPage(t, browser, { origin: byName(BASE_URL), ...phone });
    await everyStep(page, async (page, view) => {
      await axeClean(page, view);
      await noSidewaysScroll(page, view);
    });
  });
}

for (const width of [320, 360]) {
  test(`nothing scrolls sideways at ${width} px`, async (t) => {
    const page = await openPage(t, browser, { ...options, viewport: { width, height: 740 }, isMobile: true, hasTouch: true });
    await everyView(page, noSidewaysScroll);
  });
}

test("axe finds nothing on what goes wrong, nor on the element", async (t) => {
  const page = await openPage(t, browser, { performer: "obama-print", obeys: false, path: "/#sign-in" });
  await startCamera(page, someone());
  await reaches(page, "framing");
  await axeClean(page, "framing");
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await reaches(page, "paused");
  await axeClean(page, "paused");
  await page.evaluate(() => delete document.hidden);
  await page.getByRole("button", { name: "Go on" }).click();
  await reaches(page, "refused");
  await axeClean(page, "refused at the camera");
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await reaches(page, "blocked");
  await axeClean(page, "blocked");

  const shop = await openPage(t, browser, { ...options, path: "/example/" });
  await shop.getByRole("button", { name: "Start the camera" }).waitFor();
  await axeClean(shop, "the element");
});

test("everything works from the keyboard alone", async (t) => {
  const page = await openPage(t, browser, options);
  const username = someone();
  // From the start: the browser takes a moment to hand its file dialog over.
  page.on("filechooser", (chooser) => chooser.setFiles(photo("obama.jpg")));
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element.labels?.[0]?.textContent.trim() || element.textContent.trim();
    });
  const tabTo = async (name) => {
    for (let presses = 0; presses < 30; presses++) {
      if ((await focused()).startsWith(name)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reached "${name}"`);
  };
  await page.getByRole("button", { name: "Start the camera" }).waitFor();

  await tabTo("Enrol");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(), "Sign in");
  await page.keyboard.press("ArrowLeft");
  await tabTo("Use a photo instead");
  await page.keyboard.press("Enter");
  await tabTo("Choose a photo");
  await page.keyboard.press("Enter");
  await page.locator(".verdict").waitFor();
  assert.equal(await focused(), "Use another picture");
  await tabTo("Use the camera instead");
  await page.keyboard.press("Enter");
  await tabTo("Username");
  await page.keyboard.type(username);
  await tabTo("I agree");
  await page.keyboard.press("Space");
  await tabTo("Start the camera");
  await page.keyboard.press("Enter");
  await reaches(page, "review");
  await tabTo("Take again");
  await page.keyboard.press("Enter");
  await reaches(page, "review");
  await tabTo("Enrol my face");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: username }).waitFor();
  assert.equal(await focused(), username);
  await tabTo("Erase my account");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.equal(await focused(), "Keep my account");
  await tabTo("Erase everything");
  await page.keyboard.press("Enter");
  await page.getByText("Your account and everything held about you are erased.").waitFor();
});
