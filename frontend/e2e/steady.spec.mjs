import assert from "node:assert/strict";
import { test } from "node:test";
import { axeClean } from "./access.mjs";
import { relyingParty } from "./relying-party.mjs";
import { holdBack, notePlaces, nothingMoved } from "./steady.mjs";
import { BASE_URL, enrol, openPage, someone, useBrowser } from "./support.mjs";

const browser = await useBrowser();

/** What the account reads, from the top of the page to its bottom. */
const LISTS = ["/me/faces", "/me/passkeys", "/me/clients", "/me/attempts"];

/** Somebody who has signed in to an app. The people of these tests have not. */
const WITH_APP = {
  "/me/clients": {
    clients: [
      {
        client_id: "library",
        name: "Harbour Library",
        scopes: ["openid", "profile"],
        asked: true,
        first_used_at: "2026-11-03T15:04:00Z",
        last_used_at: "2026-11-04T15:04:00Z",
      },
    ],
  },
};

/** axe reads the colours on screen: fading ones would be read half way. */
const STILL = { reducedMotion: "reduce" };

const SCREENS = [
  { name: "a desktop", viewport: { width: 1280, height: 800 }, ...STILL },
  { name: "a tablet", viewport: { width: 600, height: 800 }, ...STILL },
  { name: "a phone", viewport: { width: 360, height: 740 }, colorScheme: "dark", ...STILL },
];

for (const { name, ...options } of SCREENS) {
  for (const [order, lists] of [["last", LISTS.toReversed()], ["first", LISTS]]) {
    test(`on ${name}, nothing of the account moves when its lists come, the ${order} one first`, async (t) => {
      const page = await openPage(t, browser, options);
      const held = await holdBack(page, LISTS, WITH_APP);
      await enrol(page, someone(), "obama.jpg");
      await page.getByText("Loading", { exact: true }).waitFor();
      assert.equal(await page.locator("[aria-busy=true]").count(), 1);
      await axeClean(page, "the account while it loads");

      const noted = [await notePlaces(page)];
      for (const path of lists) {
        await held.release(path);
        noted.push(await notePlaces(page));
      }
      for (const list of [".faces", ".clients", ".history"]) await page.locator(`${list} li`).first().waitFor();
      await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
      await page.getByText("Loading", { exact: true }).waitFor({ state: "detached" });
      for (const [count, places] of noted.entries()) await nothingMoved(places, `after ${count} answers`);
    });
  }
}

const history = (page) => page.locator(".history li").first();
const tryAgain = (page) => page.getByRole("button", { name: "Try again" });

test("a list that fails says so, keeps nothing back, and can be read again", async (t) => {
  const page = await openPage(t, browser, STILL);
  const refusal = { status: 503, code: "overloaded" };
  await page.route("**/me/faces", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", headers: { "Retry-After": "1" }, json: refusal }),
  );
  await enrol(page, someone(), "obama.jpg");
  await page.getByText("The service is busy").waitFor();
  await history(page).waitFor();
  await axeClean(page, "a list that failed");
  await page.getByText("You can try again now.").waitFor();
  await page.unroute("**/me/faces");
  const held = await holdBack(page, ["/me/faces"]);
  await tryAgain(page).click();
  // How long the list will be is open again, so what stands below it waits.
  await history(page).waitFor({ state: "hidden" });
  await held.release("/me/faces");
  await page.locator(".faces li").first().waitFor();
  await history(page).waitFor();
  assert.equal(await tryAgain(page).count(), 0);
});

test("a list that does not answer keeps the rest back for ten seconds, and no longer", async (t) => {
  const page = await openPage(t, browser);
  await page.clock.install();
  const held = await holdBack(page, ["/me/passkeys"]);
  await enrol(page, someone(), "obama.jpg");
  await page.locator(".faces li").first().waitFor();
  assert.equal(await history(page).isVisible(), false);
  await page.clock.fastForward("00:10");
  await page.getByText("The service cannot be reached").waitFor();
  await history(page).waitFor();
  // An answer that comes so late is dropped: it would move what somebody sees by now.
  const places = await notePlaces(page);
  await held.release("/me/passkeys");
  // The page has done with an answer before it has the next one.
  await page.evaluate(async () => (await fetch("/healthz")).text());
  await nothingMoved(places, "after the late answer");
  await page.unroute("**/me/passkeys");
  await tryAgain(page).click();
  await page.getByText("You have no passkey.").waitFor();
});

test("the login page shows the way back together with the form", async (t) => {
  const app = await relyingParty(t, "e2e-app");
  const page = await openPage(t, browser, { origins: [BASE_URL, app.origin] });
  const held = await holdBack(page, ["/capture"]);
  await page.goto(BASE_URL + app.begin().path);
  await page.getByRole("heading", { name: "Sign in to Harbour Library" }).waitFor();
  const places = await notePlaces(page);
  await held.release("/capture");
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
  await page.getByRole("button", { name: "Cancel and go back to Harbour Library" }).waitFor();
  await nothingMoved(places, "after the answer");
});

for (const { name, ...options } of SCREENS) {
  test(`on ${name}, a button that works keeps its size`, async (t) => {
    const page = await openPage(t, browser, options);
    await enrol(page, someone(), "obama.jpg");
    await history(page).waitFor();
    const held = await holdBack(page, ["/me/export"]);
    const places = await notePlaces(page);
    await page.getByRole("button", { name: "Download my data" }).click();
    await page.getByRole("button", { name: "Preparing" }).waitFor();
    await nothingMoved(places, "while the file is made");
    const download = page.waitForEvent("download");
    await held.release("/me/export");
    await download;
    await page.getByRole("button", { name: "Download my data" }).waitFor();
    await nothingMoved(places, "after the file has come");
  });
}
