import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraShowing } from "./clip.mjs";
import { BASE_URL, launch, openPage, someone, uploads, useBrowser } from "./support.mjs";

const browser = await useBrowser(await cameraShowing("obama.jpg"));

/** Whether the camera is on, as the page's own tracks say. Installed before the page runs. */
function watchTracks() {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.tracks = [];
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}

const states = (page) => page.evaluate(() => window.tracks.map((track) => track.readyState));

async function openCameraPage(t) {
  const page = await openPage(t, browser);
  await page.addInitScript(watchTracks);
  await page.reload();
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.getByText("The camera is on.").waitFor();
  return page;
}

/** A page whose `getUserMedia` fails with the exception `name`. */
async function openFailingPage(t, name) {
  const page = await openPage(t, browser);
  await page.addInitScript((name) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
  }, name);
  await page.reload();
  return page;
}

test("taking a picture enrols, and turns the camera off", async (t) => {
  const page = await openCameraPage(t);
  assert.deepEqual(await states(page), ["live"]);
  assert.notEqual(await page.locator("video").evaluate((video) => getComputedStyle(video).transform), "none");

  await page.getByRole("button", { name: "Take picture" }).click();
  await page.getByText("One face found, and the picture is good.").waitFor();
  assert.deepEqual(await states(page), ["ended"]);

  const username = someone();
  await page.getByLabel("Username").fill(username);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
});

test("the preview is a mirror, the upload is not", async (t) => {
  const page = await openCameraPage(t);
  await page.getByRole("button", { name: "Take picture" }).click();
  await page.locator(".verdict").waitFor();
  const [upload] = await uploads(page);
  assert.notEqual(await page.locator("img.media").evaluate((image) => getComputedStyle(image).transform), "none");

  // The same camera, read without the page, looks like the upload and not like its mirror.
  const [straight, mirrored] = await page.evaluate(async (base64) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
    const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
    await video.play();
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const grey = (source, flip) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
      const context = canvas.getContext("2d");
      if (flip) context.setTransform(-1, 0, 0, 1, 64, 0);
      context.drawImage(source, 0, 0, 64, 48);
      return context.getImageData(0, 0, 64, 48).data.filter((_, index) => index % 4 === 0);
    };
    const camera = grey(video, false);
    const difference = (other) => other.reduce((sum, value, index) => sum + Math.abs(value - camera[index]), 0);
    return [difference(grey(bitmap, false)), difference(grey(bitmap, true))];
  }, upload.toString("base64"));
  assert.ok(straight * 3 < mirrored, `straight differs by ${straight}, mirrored by ${mirrored}`);
});

for (const [name, leave] of [
  ["closing it", (page) => page.getByRole("button", { name: "Cancel" }).click()],
  ["changing the tab", (page) => page.getByRole("tab", { name: "Sign in" }).click()],
]) {
  test(`${name} turns the camera off`, async (t) => {
    const page = await openCameraPage(t);
    await leave(page);
    await page.getByRole("button", { name: "Use the camera" }).waitFor();
    assert.deepEqual(await states(page), ["ended"]);
  });
}

test("a camera that goes away is noticed", async (t) => {
  const page = await openCameraPage(t);
  await page.evaluate(() => window.tracks[0].dispatchEvent(new Event("ended")));
  await page.getByText("The camera was disconnected").waitFor();
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.getByText("The camera is on.").waitFor();
});

for (const [name, title] of [
  ["NotFoundError", "No camera found"],
  ["NotReadableError", "The camera is in use"],
  ["UnknownError", "The camera did not start"],
]) {
  test(`${name} reads "${title}" and leaves the file picker`, async (t) => {
    const page = await openFailingPage(t, name);
    await page.getByRole("button", { name: "Use the camera" }).click();
    await page.getByText(title).waitFor();
    await page.getByText("Choose a photo", { exact: true }).waitFor();
  });
}

test("a denied camera says how to allow it", async (t) => {
  const browser = await launch(["--use-fake-device-for-media-stream", "--deny-permission-prompts"]);
  t.after(() => browser.close());
  const page = await openPage(t, browser);
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.getByText("The camera is blocked").waitFor();
});

test("a page that is not secure says what to do", async (t) => {
  // A name that is not localhost, over http: browsers offer no camera there.
  const origin = new URL(BASE_URL);
  const host = origin.hostname;
  origin.hostname = "faceauth.test";
  const browser = await launch([`--host-resolver-rules=MAP faceauth.test ${host}`]);
  t.after(() => browser.close());
  const page = await openPage(t, browser, { origin: origin.origin });
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.getByText("The camera needs a secure page").waitFor();
});
