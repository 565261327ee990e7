import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraShowing } from "./clip.mjs";
import {
  BASE_URL, enrolAtCamera, launch, openPage, reaches, someone, startCamera, uploads, useBrowser,
} from "./support.mjs";

const browser = await useBrowser(await cameraShowing("obama.jpg"));

/** Whether the camera is on, as the page's own tracks say. */
const states = (page) => page.evaluate(() => window.tracks.map((track) => track.readyState));

/** Keeps what the tracks say, in the moment when an element that matches `selector` comes into the page. */
function watchFor(selector) {
  const observer = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    window.seen = window.tracks.map((track) => track.readyState);
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** Keeps the tracks of the browser's own camera. Installed before the page runs. */
function watchTracks() {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.tracks = [];
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}

/** The page before the browser's own camera, which shows a portrait that never moves. */
async function openStillCamera(t) {
  const page = await openPage(t, browser);
  await page.addInitScript(watchTracks);
  await page.reload();
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

test("three looks enrol, and each can be taken again", async (t) => {
  const page = await openPage(t, browser, { performer: "obama" });
  const username = someone();
  await startCamera(page, username);
  await reaches(page, "review");
  assert.deepEqual(await states(page), ["ended"]);
  await page.getByText("Good", { exact: true }).nth(2).waitFor();
  assert.equal(await page.locator(".shot img").count(), 3);

  await page.getByRole("button", { name: "Take again Picture 2" }).click();
  await page.getByText("Turn a little to your left").waitFor();
  await reaches(page, "review");
  await page.getByRole("button", { name: "Enrol my face" }).click();
  await page.getByRole("heading", { name: username }).waitFor();
  await page.locator(".faces li").nth(2).waitFor();
  assert.equal(await page.locator(".faces li").count(), 3);
});

test("the preview is a mirror, what is sent is not", async (t) => {
  const page = await openStillCamera(t);
  await startCamera(page, someone());
  await reaches(page, "pose");
  const transform = await page.locator("video").evaluate((video) => getComputedStyle(video).transform);
  assert.notEqual(transform, "none");
  // The straight look is taken by itself; the portrait will not turn its head.
  await page.getByText("Turn a little to your left").waitFor();
  const take = page.getByRole("button", { name: "Take it now" });
  await take.click();
  await page.getByText("Turn a little to your right").waitFor();
  await take.click();
  await reaches(page, "review");
  await page.locator(".shot-verdict .icon").first().waitFor();
  const [upload] = await uploads(page);

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
  ["stopping", (page) => page.getByRole("button", { name: "Stop" }).click()],
  ["changing the tab", (page) => page.getByRole("tab", { name: "Sign in" }).click()],
]) {
  test(`${name} turns the camera off`, async (t) => {
    const page = await openStillCamera(t);
    await startCamera(page, someone());
    await reaches(page, "pose");
    assert.deepEqual(await states(page), ["live"]);
    await page.evaluate(watchFor, "input[name=username]");
    await leave(page);
    await page.getByRole("button", { name: "Start the camera" }).waitFor();
    assert.deepEqual(await page.evaluate(() => window.seen), ["ended"]);
  });
}

test("a camera that goes away is noticed", async (t) => {
  const page = await openStillCamera(t);
  await startCamera(page, someone());
  await reaches(page, "pose");
  await page.evaluate(() => window.tracks[0].dispatchEvent(new Event("ended")));
  await page.getByText("The camera was disconnected").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await reaches(page, "pose");
});

test("a hidden page turns the camera off and goes on when asked", async (t) => {
  const page = await openPage(t, browser, { performer: "obama" });
  await startCamera(page, someone());
  await reaches(page, "pose");
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.getByText("The camera was turned off because this page was hidden.").waitFor();
  assert.deepEqual(await states(page), ["ended"]);
  await page.evaluate(() => delete document.hidden);
  await page.getByRole("button", { name: "Go on" }).click();
  await reaches(page, "review");
});

for (const [name, title] of [
  ["NotFoundError", "No camera found"],
  ["NotReadableError", "The camera is in use"],
  ["UnknownError", "The camera did not start"],
]) {
  test(`${name} reads "${title}" and leaves the photo`, async (t) => {
    const page = await openFailingPage(t, name);
    await startCamera(page, someone());
    await page.getByText(title).waitFor();
    await page.getByRole("button", { name: "Use a photo instead" }).click();
    await page.getByText("Choose a photo", { exact: true }).waitFor();
  });
}

/** A page whose camera is what `install`, which runs in the page, makes of it. */
async function openPageWith(t, install, options = {}) {
  const page = await openPage(t, browser, options);
  await page.addInitScript(install);
  await page.reload();
  return page;
}

/** A camera that is open and shows nothing, until `wake` is called: a virtual one without its source. */
function sleepingCamera() {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.tracks = [];
  window.asleep = true;
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    canvas.getContext("2d");
    const stream = window.asleep ? canvas.captureStream(0) : await open(constraints);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}

for (const [locale, title, retry, instead] of [
  ["en-GB", "The camera gives no picture", "Try again", "Use a photo instead"],
  ["de", "Die Kamera liefert kein Bild", "Noch einmal versuchen", "Stattdessen ein Foto verwenden"],
]) {
  test(`a camera without a frame is said, and has ways out (${locale})`, async (t) => {
    const page = await openPageWith(t, sleepingCamera, { locale });
    await page.locator("[name=username]").fill(someone());
    await page.locator("[name=consent]").check();
    await page.getByRole("button", { name: locale === "de" ? "Kamera einschalten" : "Start the camera" }).click();
    await page.getByText(title).waitFor();
    assert.deepEqual(await states(page), ["live"]);
    // Another try lets go of the first one.
    await page.getByRole("button", { name: retry }).click();
    await page.waitForFunction(() => window.tracks.length === 2);
    assert.deepEqual(await states(page), ["ended", "live"]);
    await page.getByText(title).waitFor();
    await page.evaluate(watchFor, ".picture");
    await page.getByRole("button", { name: instead }).click();
    await page.locator(".picture").waitFor();
    assert.deepEqual(await page.evaluate(() => window.seen), ["ended", "ended"]);
  });
}

test("a camera that wakes up is used after another try", async (t) => {
  const page = await openPageWith(t, sleepingCamera);
  await startCamera(page, someone());
  await page.getByText("The camera gives no picture").waitFor();
  await page.evaluate(() => (window.asleep = false));
  await page.getByRole("button", { name: "Try again" }).click();
  await reaches(page, "pose");
});

test("a question that nobody saw is pointed at, and may be answered late", async (t) => {
  const page = await openPageWith(t, () => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      await new Promise((resolve) => (window.allow = resolve));
      return open(constraints);
    };
  });
  await startCamera(page, someone());
  await page.getByText("The camera has not started yet").waitFor();
  await page.evaluate(() => window.allow());
  await reaches(page, "pose");
});

test("a browser without requestVideoFrameCallback gets as far", async (t) => {
  const page = await openPageWith(t, () => {
    delete HTMLVideoElement.prototype.requestVideoFrameCallback;
    delete HTMLVideoElement.prototype.cancelVideoFrameCallback;
  }, { performer: "obama" });
  await startCamera(page, someone());
  await reaches(page, "review");
});

test("a denied camera says how to allow it", async (t) => {
  const browser = await launch(["--use-fake-device-for-media-stream", "--deny-permission-prompts"]);
  t.after(() => browser.close());
  const page = await openPage(t, browser);
  await startCamera(page, someone());
  await page.getByText("The camera is blocked").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
});

test("a page that is not secure says what to do", async (t) => {
  // A name that is not localhost, over http: browsers offer no camera there.
  const origin = new URL(BASE_URL);
  const host = origin.hostname;
  origin.hostname = "faceauth.test";
  const browser = await launch([`--host-resolver-rules=MAP faceauth.test ${host}`]);
  t.after(() => browser.close());
  const page = await openPage(t, browser, { origin: origin.origin });
  await startCamera(page, someone());
  await page.getByText("The camera needs a secure page").waitFor();
});

test("another camera can be chosen", async (t) => {
  const browser = await launch(["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"]);
  t.after(() => browser.close());
  const page = await openPage(t, browser);
  await page.addInitScript(watchTracks);
  await page.reload();
  await startCamera(page, someone());
  const choice = page.getByLabel("Camera", { exact: true });
  await choice.locator("option").nth(1).waitFor({ state: "attached" });
  const names = await choice.locator("option").allTextContents();
  assert.equal(names.length, 2);
  const chosen = await choice.inputValue();
  const other = await choice.locator("option").evaluateAll(
    (options, chosen) => options.map((option) => option.value).find((value) => value !== chosen),
    chosen,
  );
  await choice.selectOption(other);
  await page.waitForFunction(() => window.tracks.length === 2 && window.tracks[0].readyState === "ended");
  assert.equal(await page.evaluate(() => window.tracks[1].getSettings().deviceId), other);
  await reaches(page, "pose");
});

test("several people are told to come one at a time", async (t) => {
  const browser = await launch(await cameraShowing("group-four.jpg", { people: 4 }));
  t.after(() => browser.close());
  const page = await openPage(t, browser);
  await startCamera(page, someone());
  await page.getByText("One person at a time, please").waitFor();
});

test("the overlay stays on the face: mirrored, dense, and on a phone held upright", async (t) => {
  for (const options of [
    {},
    { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true },
  ]) {
    const page = await openPage(t, browser, { performer: "obama", obeys: false, ...options });
    await startCamera(page, someone());
    await reaches(page, "pose");
    await page.locator("canvas[data-faces='1']").waitFor();
    const { box, stage } = await page.evaluate(() => {
      const canvas = document.querySelector("canvas.media");
      const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let [left, top, right, bottom] = [width, height, 0, 0];
      for (let at = 3; at < data.length; at += 4) {
        if (data[at] < 200) continue;
        const [x, y] = [((at - 3) / 4) % width, Math.floor((at - 3) / 4 / width)];
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      }
      const ratio = devicePixelRatio;
      return {
        box: { left: left / ratio, right: right / ratio, top: top / ratio, bottom: bottom / ratio },
        stage: { width: canvas.clientWidth, height: canvas.clientHeight },
      };
    });
    // The performer's face is in the middle: its box is 27 % of the picture's width there.
    const scale = Math.min(stage.width / 640, stage.height / 480);
    const middle = (box.left + box.right) / 2;
    assert.ok(Math.abs(middle - stage.width / 2) < 30 * scale, JSON.stringify({ box, stage }));
    const width = (box.right - box.left) / scale;
    assert.ok(width > 140 && width < 220, `the box is ${width} pixels of the camera wide`);
  }
});
