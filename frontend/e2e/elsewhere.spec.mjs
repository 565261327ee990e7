import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_ORIGIN, serveElsewhere } from "./elsewhere.mjs";
import { BASE_URL, enrolAtCamera, openPage, someone, startCamera, useBrowser } from "./support.mjs";

const browser = await useBrowser();

// What somebody does who hosts the page apart, and somebody whose page embeds the element.
await serveElsewhere();
const elsewhere = { origin: PAGE_ORIGIN, origins: [PAGE_ORIGIN, BASE_URL], performer: "obama" };

test("the page works from an origin of its own, and asks nobody else", async (t) => {
  const page = await openPage(t, browser, elsewhere);
  const username = someone();
  await enrolAtCamera(page, username);
  await page.locator(".faces li").nth(2).waitFor();
  assert.equal(await page.getByRole("link", { name: "API documentation" }).getAttribute("href"), `${BASE_URL}/docs`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await startCamera(page, username);
  await page.getByRole("heading", { name: username }).waitFor({ timeout: 60_000 });
});

test("the element signs in on somebody else's page, with the face finder", async (t) => {
  const username = someone();
  const page = await openPage(t, browser, elsewhere);
  await enrolAtCamera(page, username);

  const shop = await openPage(t, browser, { ...elsewhere, path: "/example/" });
  const workers = [];
  shop.on("worker", (worker) => workers.push(worker.url()));
  await shop.evaluate(() => {
    window.told = [];
    for (const name of ["signedin", "problem"]) {
      document.addEventListener(name, (event) => window.told.push([name, Object.keys(event.detail).sort()]));
    }
  });
  await startCamera(shop, username);
  await shop.locator("canvas[data-faces='1']").waitFor();
  assert.match(workers[0] ?? "", /^blob:/);
  await shop.getByText(`Hello ${username}.`).waitFor({ timeout: 60_000 });
  const told = await shop.evaluate(() => window.told);
  assert.deepEqual(told.map(([name]) => name), ["signedin"]);
  assert.ok(told[0][1].includes("access_token") && told[0][1].includes("user"));
});

test("the element tells its page of a refusal, and takes its theme", async (t) => {
  const shop = await openPage(t, browser, { ...elsewhere, performer: "biden", path: "/example/" });
  const button = shop.getByRole("button", { name: "Start the camera" });
  assert.equal(await button.evaluate((element) => getComputedStyle(element).backgroundColor), "rgb(154, 52, 18)");
  await startCamera(shop, someone());
  await shop.getByText("That did not work: authentication_failed").waitFor({ timeout: 60_000 });
  // Taking it out of the page turns the camera off.
  await shop.getByRole("button", { name: "Try again" }).click();
  await shop.waitForFunction(() => window.tracks.length === 2);
  await shop.evaluate(() => document.querySelector("face-sign-in").remove());
  await shop.waitForFunction(() => window.tracks.every((track) => track.readyState === "ended"));
});

test("the element enrols, speaks German and fills the name in", async (t) => {
  const page = await openPage(t, browser, { ...elsewhere, path: "/example/" });
  const username = someone();
  await page.evaluate((username) => {
    const element = document.querySelector("face-sign-in");
    element.lang = "de";
    element.setAttribute("mode", "enrol");
    element.setAttribute("username", username);
  }, username);
  assert.equal(await page.getByLabel("Benutzername").inputValue(), username);
  await page.locator("[name=consent]").check();
  const enrolled = page.evaluate(
    () => new Promise((resolve) => document.addEventListener("enrolled", ({ detail }) => resolve(detail.user.username))),
  );
  await page.getByRole("button", { name: "Kamera einschalten" }).click();
  await page.getByRole("button", { name: "Mein Gesicht einrichten" }).click({ timeout: 40_000 });
  assert.equal(await enrolled, username);
});
