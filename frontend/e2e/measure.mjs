/** Measures the page: `./dev page measure`. Figures of a shared machine; compare within one run. */
import { cameraShowing } from "./clip.mjs";
import { openLine } from "./line.mjs";
import { PACES, perform } from "./performer.mjs";
import { BASE_URL, enrolAtCamera, launch, someone, startCamera } from "./support.mjs";
import { median, phases, restartTimeline, summary, watchTimeline } from "./timeline.mjs";

/** How long faces are looked for. */
const LOOKING_MS = 10_000;

/** Sign-ins of the time line: each draws its own steps. */
const SIGN_INS = 15;

/** What Lighthouse takes for a slow phone: 1.6 Mbit/s, 150 ms, a quarter of this machine's speed. */
const SLOW_PHONE = { name: "slow phone", latency: 150, throughput: (1.6 * 1024 * 1024) / 8, slowdown: 4 };
const DESKTOP = { name: "desktop" };

// The browser's own camera of 30 frames a second, which shows a portrait that holds still: the first
// picture is taken, and the next pose is waited for as long as it takes.
const endings = [];
const later = (end) => endings.push(end);
const browser = await launch(await cameraShowing("obama.jpg", { later }));

// `npm run measure -- sign-in` measures one part alone.
const PARTS = {
  async load() {
    for (const device of [DESKTOP, SLOW_PHONE]) await load(device);
  },
  async look() {
    for (const device of [DESKTOP, { name: "quarter of the speed", slowdown: 4 }]) await look(device);
  },
  "sign-in": () => signIn("sign-in, usual pace", "usual", true),
  async paces() {
    for (const pace of Object.keys(PACES).filter((pace) => pace !== "usual")) {
      await signIn(`sign-in, ${pace} pace`, pace, false);
    }
  },
  /** The wait after the last step over slow lines, with the capture sent afterwards and meanwhile. */
  async uplink() {
    for (const mbit of [2, 10]) for (const protocol of ["http/1.1", "h2"]) await overLine(mbit, protocol);
  },
};
const parts = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
try {
  for (const part of parts) await PARTS[part]();
} finally {
  await browser.close();
  for (const end of endings) end();
}

async function open(device, performer, pace) {
  // The lines of `uplink` sign their certificates themselves.
  const options = { viewport: { width: 1280, height: 800 }, locale: "en-GB", ignoreHTTPSErrors: true };
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120_000);
  if (performer) await perform(context, performer, { pace });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  if (device.latency) {
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: device.latency,
      downloadThroughput: device.throughput,
      uploadThroughput: device.throughput / 2,
    });
  }
  if (device.slowdown) await devtools.send("Emulation.setCPUThrottlingRate", { rate: device.slowdown });
  return { context, page };
}

function row(what, ...values) {
  console.log(`${what.padEnd(44)} ${values.join("  ")}`);
}

/** A first visit with an empty cache. */
async function load(device) {
  const { context, page } = await open(device);
  await page.addInitScript(() => {
    window.seen = { paint: 0, largest: 0, shift: 0, blocked: 0 };
    const watch = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
    watch("paint", (entry) => entry.name === "first-contentful-paint" && (window.seen.paint = entry.startTime));
    watch("largest-contentful-paint", (entry) => (window.seen.largest = entry.startTime));
    watch("layout-shift", (entry) => entry.hadRecentInput || (window.seen.shift += entry.value));
    watch("longtask", (entry) => (window.seen.blocked += Math.max(0, entry.duration - 50)));
  });
  await page.goto(BASE_URL);
  await page.getByRole("button", { name: "Start the camera" }).waitFor();
  await page.waitForTimeout(1_000);
  const { paint, largest, shift, blocked, bytes, requests } = await page.evaluate(() => {
    const files = [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")];
    return { ...window.seen, bytes: files.reduce((sum, file) => sum + file.transferSize, 0), requests: files.length };
  });
  row(`first visit, ${device.name}: first paint`, `${paint.toFixed(0)} ms`);
  row(`first visit, ${device.name}: largest paint`, `${largest.toFixed(0)} ms`);
  row(`first visit, ${device.name}: blocked`, `${blocked.toFixed(0)} ms`, `layout shift ${shift.toFixed(3)}`);
  row(`first visit, ${device.name}: transferred`, `${(bytes / 1000).toFixed(0)} kB in ${requests} requests`);
  await context.close();
}

/** Faces a second, frames a second, and how long until the first box. */
async function look(device) {
  const { context, page } = await open(device);
  await page.goto(BASE_URL);
  await startCamera(page, someone());
  const began = await page.evaluate(() => performance.now());
  await page.locator("canvas[data-faces='1']").waitFor();
  const first = (await page.evaluate(() => performance.now())) - began;
  const { looks, frames } = await page.evaluate(async (milliseconds) => {
    const canvas = document.querySelector("canvas.media").getContext("2d");
    let looks = 0;
    const clear = canvas.clearRect.bind(canvas);
    canvas.clearRect = (...box) => {
      looks += 1;
      clear(...box);
    };
    const video = document.querySelector("video");
    let frames = 0;
    const count = () => {
      frames += 1;
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return { looks, frames };
  }, LOOKING_MS);
  row(`camera, ${device.name}: first box after`, `${first.toFixed(0)} ms`);
  row(`camera, ${device.name}: detections a second`, ((looks * 1000) / LOOKING_MS).toFixed(1));
  row(`camera, ${device.name}: preview frames a second`, ((frames * 1000) / LOOKING_MS).toFixed(1));
  await context.close();
}

/** Signs in over a line of `mbit` megabits a second towards the service. */
async function overLine(mbit, protocol) {
  const line = await openLine(BASE_URL, { mbit, protocol });
  try {
    const name = `${mbit} Mbit/s, ${protocol}`;
    await signIn(name, "usual", true, line.origin);
    const captures = line.carried.filter(({ path }) => path === "/verify");
    row(`${name}: frames of a capture`, String(median(captures.map(({ frames }) => frames.length))));
    row(`${name}: captures sent meanwhile`, String(captures.filter(({ length }) => length === undefined).length));
  } finally {
    line.close();
  }
}

/** The phases from the camera's first picture to the token, of somebody who moves at `pace`. */
async function signIn(what, pace, details, origin = BASE_URL) {
  const { context, page } = await open(DESKTOP, "obama", pace);
  await watchTimeline(context);
  await page.goto(origin);
  const username = someone();
  await enrolAtCamera(page, username);
  const runs = [];
  const signedIn = page.getByRole("heading", { name: username });
  const again = page.getByRole("button", { name: "Try again" });
  let refused = 0;
  await page.getByRole("button", { name: "Sign out" }).click();
  await restartTimeline(page);
  await startCamera(page, username);
  while (runs.length < SIGN_INS && refused < SIGN_INS) {
    await signedIn.or(again).waitFor();
    if (await again.isVisible()) {
      refused += 1;
      row(`${what}: refused`, await page.locator(".flow .notice").textContent());
      await restartTimeline(page);
      await again.click();
      continue;
    }
    runs.push(await phases(page));
    await page.getByRole("button", { name: "Sign out" }).click();
    await restartTimeline(page);
    await startCamera(page, username);
  }
  row(`${what}: accepted, refused`, String(runs.length), String(refused));
  const seconds = (milliseconds) => (milliseconds / 1000).toFixed(2);
  for (const { name, median, least, most } of summary(runs)) {
    if (!details && !name.startsWith("picture to")) continue;
    row(`${what}: ${name}`, `${seconds(median)} s`, `(${seconds(least)} to ${seconds(most)})`);
  }
  await context.close();
}
