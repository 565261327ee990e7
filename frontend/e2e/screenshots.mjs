/** Writes a picture of every screen: `./dev page screenshots`. Look at them after a change. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { giveAuthenticator } from "./authenticator.mjs";
import { performDrawn } from "./drawn.mjs";
import { perform } from "./performer.mjs";
import { HOME, relyingParty } from "./relying-party.mjs";
import { BASE_URL, byName, invite, launch, photo, reaches, REQUIRED_URL, someone } from "./support.mjs";

const FOLDER = process.env["FACEAUTH_SCREENSHOTS"];
assert.ok(FOLDER, "FACEAUTH_SCREENSHOTS must be set: ./dev page screenshots does it");
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });

/** How the page is looked at. */
const LOOKS = [
  { name: "desktop-light", viewport: { width: 1280, height: 800 }, colorScheme: "light", locale: "en-GB" },
  { name: "phone-dark", viewport: { width: 390, height: 844 }, colorScheme: "dark", locale: "de", deviceScaleFactor: 2, isMobile: true },
  { name: "phone-narrow", viewport: { width: 320, height: 640 }, colorScheme: "light", locale: "en-GB", deviceScaleFactor: 2, isMobile: true },
  { name: "phone-sideways", viewport: { width: 740, height: 360 }, colorScheme: "light", locale: "en-GB", deviceScaleFactor: 2, isMobile: true },
];

/** By then the drawing has turned its head, and the step is not over. */
const HALF_A_STEP_MS = 900;

const browser = await launch();
try {
  await forReadme();
  for (const look of LOOKS) await every(look);
} finally {
  await browser.close();
}

/** The picture of README.md, `docs/page.png`: nobody's face, in the middle of a step. */
async function forReadme() {
  const context = await browser.newContext({ viewport: { width: 960, height: 820 }, colorScheme: "light", locale: "en-GB" });
  await performDrawn(context);
  const page = await context.newPage();
  await page.goto(`${BASE_URL}/#sign-in`);
  await page.locator("[name=username]").fill("ada");
  await page.getByRole("button", { name: "Start the camera" }).first().click();
  await page.locator("[data-prompt^=turn]").waitFor();
  await page.waitForTimeout(HALF_A_STEP_MS);
  await page.screenshot({ path: join(FOLDER, "page.png") });
  console.log("page.png");
  await context.close();
}

async function every({ name: look, ...options }) {
  const open = async (performer, path, before, origin = BASE_URL) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(60_000);
    await perform(context, performer, { obeys: performer !== "obama-print" });
    const page = await context.newPage();
    await before?.(page);
    await page.goto(origin + path);
    await page.locator(".fields").waitFor();
    return page;
  };
  let number = 0;
  const shoot = async (page, screen) => {
    number += 1;
    const file = `${look}-${String(number).padStart(2, "0")}-${screen}.png`;
    await page.screenshot({ path: join(FOLDER, file), fullPage: true });
    console.log(file);
  };
  const german = options.locale === "de";
  const say = (english, translated) => (german ? translated : english);
  const press = (page, english, translated) => page.getByRole("button", { name: say(english, translated) }).first().click();
  const start = async (page, username) => {
    await page.locator("[name=username]").fill(username);
    const consent = page.locator("[name=consent]");
    if (await consent.count()) await consent.check();
    await press(page, "Start the camera", "Kamera einschalten");
  };

  const username = someone().slice(0, 12);
  const page = await open("obama", "/#enrol");
  await shoot(page, "enrol");
  await press(page, "Start the camera", "Kamera einschalten");
  await shoot(page, "enrol-faults");
  await press(page, "Use a photo instead", "Stattdessen ein Foto verwenden");
  await shoot(page, "photo-empty");
  await page.locator("input[type=file]").setInputFiles(photo("group-four.jpg"));
  await page.locator(".verdict").waitFor();
  await shoot(page, "photo-several-faces");
  await press(page, "Use the camera instead", "Stattdessen die Kamera verwenden");
  await start(page, username);
  await reaches(page, "pose");
  await page.locator("canvas[data-faces='1']").waitFor();
  await page.locator(".mark-done").first().waitFor();
  await shoot(page, "pose");
  await reaches(page, "review");
  await page.locator(".shot-verdict.verdict-good").nth(2).waitFor();
  await shoot(page, "review");
  await press(page, "Enrol my face", "Mein Gesicht einrichten");
  await page.locator(".history li").first().waitFor();
  await shoot(page, "account");
  await press(page, "Erase my account", "Mein Konto löschen");
  await shoot(page, "erase");
  await page.context().close();

  const keyed = someone().slice(0, 12);
  const owner = await open("obama", "/#enrol", undefined, byName(BASE_URL));
  await giveAuthenticator(owner);
  await start(owner, keyed);
  await reaches(owner, "review");
  await press(owner, "Enrol my face", "Mein Gesicht einrichten");
  await owner.getByText(say("You have no passkey.", "Sie haben keinen Passkey.")).waitFor();
  await shoot(owner, "account-without-passkey");
  await press(owner, "Add a passkey", "Passkey hinzufügen");
  await owner.locator("[name=passkey-name]").waitFor();
  await shoot(owner, "passkey-add");
  await press(owner, "Make a passkey", "Passkey anlegen");
  await owner.locator(".codes-list").waitFor();
  await shoot(owner, "recovery-codes");
  await owner.locator("[name=kept]").check();
  await press(owner, "Go on", "Weiter");
  await owner.locator(".passkeys li").waitFor();
  await shoot(owner, "account-with-passkey");
  await owner.locator(".passkeys li button").click();
  await owner.getByRole("dialog").waitFor();
  await shoot(owner, "passkey-remove");
  await owner.keyboard.press("Escape");
  await press(owner, "Sign out", "Abmelden");
  await start(owner, keyed);
  await owner.locator(".step").waitFor();
  await shoot(owner, "passkey-show");
  await press(owner, "Use a recovery code", "Wiederherstellungscode verwenden");
  await owner.locator("[name=code]").fill("0123-4567");
  await press(owner, "Sign in with the code", "Mit dem Code anmelden");
  await owner.locator(".notice-attention").waitFor();
  await shoot(owner, "recovery-code");
  await owner.context().close();

  const newcomer = await open("obama", "/#enrol", undefined, byName(REQUIRED_URL));
  await start(newcomer, someone().slice(0, 12));
  await reaches(newcomer, "review");
  await press(newcomer, "Enrol my face", "Mein Gesicht einrichten");
  await newcomer.locator("[name=passkey-name]").waitFor();
  await shoot(newcomer, "passkey-make");
  await newcomer.context().close();

  const { link } = await invite(someone().slice(0, 12));
  const invited = await open("obama", link.slice(BASE_URL.length));
  await shoot(invited, "invited");
  await invited.context().close();

  const signIn = await open("obama", "/#sign-in");
  await shoot(signIn, "sign-in");
  await start(signIn, username);
  await reaches(signIn, "framing");
  await signIn.locator("canvas[data-faces='1']").waitFor();
  await shoot(signIn, "framing");
  await signIn.locator("[data-prompt^=turn]").waitFor();
  await shoot(signIn, "step");
  await signIn.context().close();

  await toApplication({ open, shoot, press, say, username });

  const impostor = await open("biden", "/#sign-in");
  await start(impostor, username);
  await reaches(impostor, "refused");
  await shoot(impostor, "refused");
  await impostor.context().close();

  const print = await open("obama-print", "/#sign-in");
  await start(print, username);
  await reaches(print, "refused");
  await shoot(print, "not-in-person");
  await print.context().close();

  const blocked = await open("obama", "/#sign-in", (page) =>
    page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    }),
  );
  await start(blocked, username);
  await reaches(blocked, "blocked");
  await shoot(blocked, "blocked");
  await blocked.context().close();

  const asleep = await open("obama", "/#enrol", (page) =>
    page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream(0);
    }),
  );
  await start(asleep, username);
  await asleep.getByText(say("The camera gives no picture", "Die Kamera liefert kein Bild")).waitFor();
  await shoot(asleep, "camera-asleep");
  await press(asleep, "Use a photo instead", "Stattdessen ein Foto verwenden");
  const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
  await asleep.locator("input[type=file]").setInputFiles({ name: "me.heic", mimeType: "image/heic", buffer: heic });
  await asleep.getByText("HEIC").first().waitFor();
  await shoot(asleep, "photo-heic");
  await asleep.context().close();

  const unseen = await open("obama", "/#sign-in", (page) =>
    page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
    }),
  );
  await start(unseen, username);
  await unseen.getByText(say("The camera has not started yet", "Die Kamera ist noch nicht angegangen")).waitFor();
  await shoot(unseen, "camera-unseen");
  await unseen.context().close();

  const lost = await open("obama", "/#sign-in");
  await lost.route("**/verify", (route) => route.abort("connectionfailed"));
  await start(lost, username);
  await reaches(lost, "refused");
  await shoot(lost, "no-network");
  await lost.context().close();

  const shop = await browser.newContext(options);
  await perform(shop, "obama");
  const example = await shop.newPage();
  await example.goto(`${BASE_URL}/example/`);
  await example.getByRole("button").first().waitFor();
  await shoot(example, "element");
  await shop.close();
}

/** Signing in to an app, and out. */
async function toApplication({ open, shoot, press, say, username }) {
  const ends = [];
  const app = await relyingParty({ after: (end) => ends.push(end) }, "e2e-app");
  const page = await open("obama", app.begin({ login_hint: username }).path);
  await shoot(page, "login");
  await press(page, "Use a photo instead", "Stattdessen ein Foto verwenden");
  await page.locator("input[type=file]").setInputFiles(photo("obama2.jpg"));
  await page.locator(".verdict").waitFor();
  await page.getByRole("button", { name: say("Sign in", "Anmelden"), exact: true }).click();
  await page.locator(".given").waitFor();
  await shoot(page, "login-consent");
  await press(page, "Allow", "Erlauben");
  await page.getByRole("heading", { name: HOME }).waitFor();
  await page.goto(BASE_URL + app.begin({ prompt: "select_account" }).path);
  await page.getByRole("button", { name: username }).waitFor();
  await shoot(page, "login-continue");
  await page.goto(`${BASE_URL}/end-session`);
  await page.locator(".step").waitFor();
  await shoot(page, "logout");
  await page.goto(`${BASE_URL}/login?error=unknown_client`);
  await page.locator(".notice-attention").waitFor();
  await shoot(page, "login-refused");
  await page.context().close();
  for (const end of ends) end();
}
