import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { giveAuthenticator } from "./authenticator.mjs";
import {
  BASE_URL, byName, enrol, openPage, photo, pick, REQUIRED_URL, signIn, someone, startCamera, useBrowser,
} from "./support.mjs";

const browser = await useBrowser();

/** So many failures for a name in a row, and it has to wait. */
const FREE_FAILURES = 5;

/** A liveness challenge with a verdict takes this long on a busy machine. */
const AT_CAMERA_MS = 90_000;

function open(t, options = {}) {
  return openPage(t, browser, { origin: byName(BASE_URL), performer: "obama", ...options });
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const passkeys = (page) => page.locator(".passkeys li");

/** What the access token on the account page says. */
async function claims(page) {
  const value = async (name) =>
    page.locator(".claims > div", { has: page.locator(`dt code:text-is("${name}")`) }).locator("dd code").textContent();
  const acr = (await value("acr")).split(":").pop();
  return { acr, amr: JSON.parse(await value("amr")).sort() };
}

/** Reads the codes that are shown once, and goes on. */
async function keepCodes(page) {
  await page.getByRole("heading", { name: "Keep your recovery codes" }).waitFor();
  const codes = await page.locator(".codes-list code").allTextContents();
  assert.equal(new Set(codes).size, 10);
  await button(page, "Go on").click();
  await page.getByText("Keep the codes first, then tick the box.").waitFor();
  await page.locator("[name=kept]").check();
  await button(page, "Go on").click();
  return codes;
}

/** Makes a passkey from the account. */
async function makePasskey(page, name) {
  await button(page, "Add a passkey").click();
  const heading = page.getByRole("heading", { name: "Add a passkey" });
  await heading.waitFor();
  assert.equal(await heading.evaluate((element) => element === document.activeElement), true);
  await page.getByLabel("Name of the passkey").fill(name);
  await button(page, "Make a passkey").click();
}

/** Adds the first passkey from the account; answers the recovery codes that came with it. */
async function addPasskey(page, name) {
  await makePasskey(page, name);
  const codes = await keepCodes(page);
  await page.getByText("The passkey is added.").waitFor();
  await passkeys(page).first().waitFor();
  return codes;
}

/** Somebody with a passkey, signed out. */
async function withPasskey(t) {
  const page = await open(t);
  const device = await giveAuthenticator(page);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  const codes = await addPasskey(page, "my key");
  await button(page, "Sign out").click();
  return { page, device, username, codes };
}

/** Somebody else tries to sign in as `username`. */
async function failAs(username) {
  const body = new FormData();
  body.append("username", username);
  body.append("face_image", new Blob([readFileSync(photo("biden.jpg"))]), "photo");
  const { status } = await fetch(`${BASE_URL}/verify`, { method: "POST", body });
  assert.equal(status, 401);
}

/** Shows the face, and waits for the question for the passkey. */
async function showFace(page, username) {
  await signIn(page, username, "obama2.jpg");
  const heading = page.getByRole("heading", { name: "Now confirm with your passkey" });
  await heading.waitFor();
  assert.equal(await heading.evaluate((element) => element === document.activeElement), true);
}

test("a face at the camera and a passkey sign in together", async (t) => {
  const { page, username } = await withPasskey(t);
  await startCamera(page, username);
  await page.getByRole("heading", { name: "Now confirm with your passkey" }).waitFor({ timeout: AT_CAMERA_MS });
  assert.equal(await page.getByRole("heading", { name: username }).count(), 0, "nobody is signed in yet");
  await button(page, "Use my passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
  const shown = await claims(page);
  assert.equal(shown.acr, "face-liveness-passkey-device-bound");
  assert.deepEqual(shown.amr, ["face", "hwk", "mfa", "user"]);
  const line = await passkeys(page).first().textContent();
  assert.match(line, /my key/);
  assert.match(line, /Only on this one device or key/);
  assert.match(line, /Last used/);
});

test("each recovery code takes the place of the passkey once", async (t) => {
  const { page, username, codes } = await withPasskey(t);
  const byCode = async (code) => {
    await showFace(page, username);
    await button(page, "Use a recovery code").click();
    await page.getByLabel("Recovery code").fill(code);
    await button(page, "Sign in with the code").click();
  };
  await byCode(codes[0].toLowerCase());
  await page.getByRole("heading", { name: username }).waitFor();
  assert.equal((await claims(page)).acr, "face-recovery-code");
  await page.getByText("9 recovery codes are left.").waitFor();
  await button(page, "Sign out").click();

  await byCode(codes[0]);
  await page.getByText("The code was not accepted").waitFor();
  await page.getByLabel("Recovery code").fill(codes[1]);
  await button(page, "Sign in with the code").click();
  await page.getByRole("heading", { name: username }).waitFor();

  await button(page, "Make new codes").click();
  await page.getByRole("dialog").getByRole("button", { name: "Make new codes" }).click();
  const renewed = await keepCodes(page);
  assert.ok(!renewed.some((code) => codes.includes(code)));
  await page.getByText("10 recovery codes are left.").waitFor();
});

test("a passkey alone signs in, without a face", async (t) => {
  const { page, username } = await withPasskey(t);
  await button(page, "Sign in with a passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
  assert.deepEqual(await claims(page), { acr: "passkey-device-bound", amr: ["hwk", "user"] });
});

test("a passkey alone is offered where the camera is blocked", async (t) => {
  const { page, username } = await withPasskey(t);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await startCamera(page, username);
  await page.getByText("The camera is blocked").waitFor();
  await button(page, "Sign in with a passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("a passkey alone is offered where the name has to wait", async (t) => {
  const { page, username } = await withPasskey(t);
  // Others fail in this name while its owner is at the camera.
  await page.route("**/verify", async (route) => {
    for (let time = 0; time < FREE_FAILURES; time += 1) await failAs(username);
    await route.continue();
  });
  await startCamera(page, username);
  await page.getByText("Too many failed attempts").waitFor({ timeout: AT_CAMERA_MS });
  assert.equal(await button(page, "Send again").getAttribute("aria-disabled"), "true");
  await button(page, "Sign in with a passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("a device that is not unlocked signs nobody in, and can be asked again", async (t) => {
  const { page, device, username } = await withPasskey(t);
  await device.unlocks(false);
  await showFace(page, username);
  await button(page, "Use my passkey").click();
  await page.getByText("It was cancelled or took too long. Try again.").waitFor();
  await device.unlocks(true);
  await button(page, "Use my passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("after a lost device a code lets its owner in, and another device takes its place", async (t) => {
  const { page, device, username, codes } = await withPasskey(t);
  await device.isReplaced();
  await showFace(page, username);
  await button(page, "Use my passkey").click();
  await page.getByText("It was cancelled or took too long. Try again.").waitFor();
  await button(page, "Use a recovery code").click();
  await page.getByLabel("Recovery code").fill(codes[0]);
  await button(page, "Sign in with the code").click();
  await page.getByRole("heading", { name: username }).waitFor();

  await makePasskey(page, "new key");
  await page.getByText("The passkey is added.").waitFor();
  await button(page, "Remove the passkey my key").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
  await page.getByText("The passkey is removed.").waitFor();
  await page.getByText("9 recovery codes are left.").waitFor();
  await passkeys(page).filter({ hasText: "my key" }).waitFor({ state: "detached" });
  assert.match(await passkeys(page).textContent(), /new key/);
  await button(page, "Sign out").click();

  await showFace(page, username);
  await button(page, "Use my passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
  assert.ok((await claims(page)).amr.includes("mfa"));
});

test("a passkey that was removed signs nobody in", async (t) => {
  const { page, username } = await withPasskey(t);
  await showFace(page, username);
  await button(page, "Use my passkey").click();
  await page.getByRole("heading", { name: username }).waitFor();
  await button(page, "Remove the passkey my key").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
  await page.getByText("The passkey is removed.").waitFor();
  await page.getByText("You have no passkey.").waitFor();
  await button(page, "Sign out").click();

  await button(page, "Sign in with a passkey").click();
  await page.getByText("The passkey was not accepted").waitFor();
  await button(page, "Cancel").click();
  // The face is enough again.
  await signIn(page, username, "obama2.jpg");
  await page.getByRole("heading", { name: username }).waitFor();
});

test("a count that went back refuses the passkey: it may be a copy", async (t) => {
  const { page, device, username } = await withPasskey(t);
  for (let time = 0; time < 2; time += 1) {
    await showFace(page, username);
    await button(page, "Use my passkey").click();
    await page.getByRole("heading", { name: username }).waitFor();
    await button(page, "Sign out").click();
  }
  const [passkey] = await device.passkeys();
  assert.ok(passkey.signCount >= 2, `the device has counted to ${passkey.signCount}`);
  await device.setCount(passkey, 0);
  await showFace(page, username);
  await button(page, "Use my passkey").click();
  await page.getByText("The passkey was not accepted").waitFor();
});

test("one device makes one passkey of an account", async (t) => {
  const page = await open(t);
  await giveAuthenticator(page);
  await enrol(page, someone(), "obama.jpg");
  await addPasskey(page, "my key");
  await button(page, "Add a passkey").click();
  await button(page, "Make a passkey").click();
  await page.getByText("This device is registered already").waitFor();
});

test("the codes can be saved as a text", async (t) => {
  const page = await open(t);
  await giveAuthenticator(page);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await button(page, "Add a passkey").click();
  await button(page, "Make a passkey").click();
  await page.getByRole("heading", { name: "Keep your recovery codes" }).waitFor();
  const codes = await page.locator(".codes-list code").allTextContents();
  const download = page.waitForEvent("download");
  await button(page, "Save as text").click();
  const file = await download;
  const text = readFileSync(await file.path(), "utf8");
  assert.ok(text.includes(username) && codes.every((code) => text.includes(code)));
});

test("printed, the codes stand alone", async (t) => {
  const page = await open(t);
  await giveAuthenticator(page);
  const username = someone();
  await enrol(page, username, "obama.jpg");
  await makePasskey(page, "my key");
  const list = page.locator(".codes-list");
  await list.waitFor();
  await page.emulateMedia({ media: "print" });
  assert.equal(await list.locator("code").filter({ visible: true }).count(), 10);
  await page.getByRole("heading", { name: "Keep your recovery codes" }).waitFor();
  for (const rest of ["button", "input", "select", "header", "footer", ".who", ".faces"]) {
    assert.equal(await page.locator(rest).filter({ visible: true }).count(), 0, `${rest} is printed`);
  }
});

test("a change needs a sign-in that is fresh", async (t) => {
  const page = await open(t);
  await giveAuthenticator(page);
  await enrol(page, someone(), "obama.jpg");
  await page.route("**/me/passkeys/challenge", (route) =>
    route.fulfill({
      status: 401,
      contentType: "application/problem+json",
      body: JSON.stringify({ status: 401, code: "token_expired" }),
    }),
  );
  await button(page, "Add a passkey").click();
  await button(page, "Make a passkey").click();
  await page.getByText("For this you must have signed in within the last five minutes.").waitFor();
});

test("where everybody needs a passkey, enrolling makes one", async (t) => {
  const page = await open(t, { origin: byName(REQUIRED_URL) });
  await giveAuthenticator(page);
  const username = someone();
  await startCamera(page, username);
  await button(page, "Enrol my face").click({ timeout: AT_CAMERA_MS });
  await page.getByRole("heading", { name: "Make a passkey" }).waitFor();
  await button(page, "Make a passkey").click();
  await keepCodes(page);
  await page.getByRole("heading", { name: username }).waitFor();
  assert.ok((await claims(page)).amr.includes("mfa"));
});

test("at an IP address the page says where passkeys work", async (t) => {
  const page = await open(t, { origin: BASE_URL });
  await enrol(page, someone(), "obama.jpg");
  await page.getByText("Passkeys do not work at this address").waitFor();
  const link = page.getByRole("link", { name: /^Open http:\/\/localhost:/ });
  assert.equal(new URL(await link.getAttribute("href")).origin, byName(BASE_URL));
  assert.equal(await button(page, "Add a passkey").count(), 0);
});

test("the element hands out tokens only after the passkey", async (t) => {
  const { page, device, username } = await withPasskey(t);
  const [passkey] = await device.passkeys();
  const shop = await open(t, { path: "/example/" });
  const other = await giveAuthenticator(shop);
  await other.keep(passkey);
  await shop.evaluate(() => {
    window.told = [];
    for (const name of ["secondfactor", "signedin", "problem"]) {
      document.addEventListener(name, (event) => window.told.push([name, Object.keys(event.detail).sort()]));
    }
  });
  await page.close();
  await startCamera(shop, username);
  await button(shop, "Use my passkey").waitFor({ timeout: AT_CAMERA_MS });
  assert.deepEqual(await shop.evaluate(() => window.told), [["secondfactor", ["next"]]]);
  await button(shop, "Use my passkey").click();
  await shop.getByText(`Hello ${username}.`).waitFor();
  const told = await shop.evaluate(() => window.told);
  assert.deepEqual(told.map(([name]) => name), ["secondfactor", "signedin"]);
  assert.ok(told[1][1].includes("access_token"));
});

test("the element asks for a passkey where the page wants one", async (t) => {
  const owner = await open(t);
  const device = await giveAuthenticator(owner);
  const username = someone();
  await enrol(owner, username, "obama.jpg");
  const shop = await open(t, { path: "/example/" });
  await shop.evaluate(() => {
    window.told = [];
    document.addEventListener("signedin", () => window.told.push("signedin"));
    document.addEventListener("problem", ({ detail }) => window.told.push(detail.code));
    document.querySelector("face-sign-in").toggleAttribute("second-factor", true);
  });
  const show = async () => {
    await pick(shop, "obama2.jpg");
    await shop.getByLabel("Username").fill(username);
    await button(shop, "Sign in").click();
  };
  await show();
  await shop.getByText("A passkey is needed here, and you have none").waitFor();
  assert.deepEqual(await shop.evaluate(() => window.told), ["second_factor_missing"]);

  await addPasskey(owner, "my key");
  const [passkey] = await device.passkeys();
  await (await giveAuthenticator(shop)).keep(passkey);
  await button(shop, "Use another picture").click();
  await show();
  await button(shop, "Use my passkey").click();
  await shop.getByText(`Hello ${username}.`).waitFor();
  assert.deepEqual(await shop.evaluate(() => window.told), ["second_factor_missing", "signedin"]);
});
