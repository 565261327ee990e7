/**
 * What every browser test stands on: a browser, a page that is watched, the photos.
 *
 * Nothing here is optional. A missing address, browser or photo fails the run, so that
 * a green run means that everything was tried.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { perform } from "./performer.mjs";

/** Origin of the running service, for example `http://127.0.0.1:8080`. */
export const BASE_URL = new URL(required("FACEAUTH_BASE_URL")).origin;

/** Origin of a second service on the same database, where everybody needs a passkey. */
export const REQUIRED_URL = new URL(required("FACEAUTH_REQUIRED_URL")).origin;

/** The same place by name: browsers make no passkeys for an IP address. */
export function byName(origin) {
  const url = new URL(origin);
  url.hostname = "localhost";
  return url.origin;
}

const CHROMIUM = required("CHROMIUM_PATH");
const PHOTOS = required("FACEAUTH_PHOTOS");

/** Of a service that may invite. */
const API_KEY = required("FACEAUTH_API_KEY");

/** Quiet, and no request that a test did not cause. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * What the browser itself prints as an error and the tests mean to happen: a 401 or 422,
 * and a page over plain http, where it enforces no opener policy.
 */
const REMARKS = ["Failed to load resource", "The Cross-Origin-Opener-Policy header has been ignored"];

/** More than the slowest answer of a busy machine; a wait that reaches it is a failure. */
const PATIENCE_MS = 20_000;

function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set: frontend/README.md says how`);
  return value;
}

/** Path of a test photo. */
export function photo(name) {
  const path = join(PHOTOS, name);
  assert.ok(existsSync(path), `the test photo ${path} is missing`);
  return path;
}

/** A username no other test has. */
export function someone() {
  return `e2e-${randomUUID()}`;
}

/** Invites somebody, as a service does; answers the invitation. */
export async function invite(username) {
  const response = await fetch(`${BASE_URL}/invitations`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Api-Key": API_KEY },
    body: JSON.stringify({ username }),
  });
  assert.equal(response.status, 201, "the service invites nobody");
  return response.json();
}

export function launch(flags = []) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/** One browser for all tests of a file. */
export async function useBrowser(flags) {
  const browser = await launch(flags);
  after(() => browser.close());
  return browser;
}

/**
 * Opens the page for the test `t` and watches it: an error in the console (a content
 * security violation is one), an exception or a request to another origin fails `t`.
 *
 * `performer` stands before the camera; `obeys: false` has them do nothing, and `pace` says how they move.
 */
export async function openPage(
  t,
  browser,
  { path = "/", origin = BASE_URL, origins = [origin], performer, obeys = true, pace, ...options } = {},
) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(keepUploads);
  if (performer) await perform(context, performer, { obeys, pace });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !REMARKS.some((remark) => message.text().startsWith(remark))) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && !origins.includes(url.origin)) complaints.push(`request to ${url}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  const answer = await page.goto(origin + path);
  assert.equal(answer.status(), 200, `${origin + path} does not serve the page`);
  return page;
}

/** Runs in the page before its own code: keeps the pictures it sends, which the browser does not report. */
function keepUploads() {
  const send = XMLHttpRequest.prototype.send;
  window.uploads = [];
  XMLHttpRequest.prototype.send = function (body) {
    if (body instanceof FormData) {
      const fields = ["image", "face_image", "face_images", "liveness.frames"];
      window.uploads.push(...fields.flatMap((field) => body.getAll(field)));
    }
    return send.call(this, body);
  };
}

/** The pictures that the page has sent, byte by byte. */
export async function uploads(page) {
  const sent = await page.evaluate(() =>
    Promise.all(
      window.uploads.map(async (blob) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      }),
    ),
  );
  return sent.map((base64) => Buffer.from(base64, "base64"));
}

/** Goes the way without the camera. */
export async function usePhoto(page) {
  const link = page.getByRole("button", { name: "Use a photo instead" });
  await link.or(page.locator(".picture")).first().waitFor();
  if (await link.isVisible()) await link.click();
}

/** Picks a photo with the file picker and waits until its faces were looked for. */
export async function pick(page, name) {
  await usePhoto(page);
  await page.locator("input[type=file]").setInputFiles(photo(name));
  await page.locator(".verdict").waitFor();
}

/** Enrols through the page and waits for the account view. */
export async function enrol(page, username, name) {
  await page.getByRole("tab", { name: "Enrol" }).click();
  await pick(page, name);
  await page.getByLabel("Username").fill(username);
  await page.locator("[name=consent]").check();
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
}

/** Fills in and sends the sign-in form; what comes of it is the caller's to see. */
export async function signIn(page, username, name) {
  await page.getByRole("tab", { name: "Sign in" }).click();
  await pick(page, name);
  await page.getByLabel("Username").fill(username);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Fills in what is asked before the camera, and turns it on. */
export async function startCamera(page, username) {
  await page.getByLabel("Username").fill(username);
  const consent = page.locator("[name=consent]");
  if (await consent.count()) await consent.check();
  await page.getByRole("button", { name: "Start the camera" }).click();
}

/** Waits until the flow at the camera is at one of `states`. */
export async function reaches(page, ...states) {
  await page.locator(states.map((state) => `.flow[data-at=${state}]`).join(", ")).waitFor({ timeout: 40_000 });
}

/**
 * Waits for the words that refuse a picture of a face before the camera.
 *
 * A picture that is seen to turn as a flat thing is named so. One whose frames show no turn is told
 * that the movement was not seen. Which of the two it is depends on how the picture was held.
 */
export async function refusesPicture(page) {
  await page
    .getByText(/^(The movement was not seen|We could not tell that you are there in person)$/)
    .waitFor({ timeout: 60_000 });
}

/** Enrols at the camera: three pictures, looked over and sent. */
export async function enrolAtCamera(page, username) {
  await page.getByRole("tab", { name: "Enrol" }).click();
  await startCamera(page, username);
  await reaches(page, "review");
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
}

/** Erases the account that the page is signed in to. */
export async function erase(page) {
  await page.getByRole("button", { name: "Erase my account" }).click();
  await page.getByRole("button", { name: "Erase everything" }).click();
  await page.getByText("Your account and everything held about you are erased.").waitFor();
}

/** What the service finds on a photo, asked directly. */
export async function detect(name) {
  const body = new FormData();
  body.append("image", new Blob([readFileSync(photo(name))]), "photo");
  const response = await fetch(`${BASE_URL}/detect`, { method: "POST", body });
  assert.equal(response.status, 200);
  return response.json();
}
