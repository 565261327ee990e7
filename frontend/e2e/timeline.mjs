/**
 * The time line of a sign-in at the camera: which phase takes how long, from the camera's first
 * picture to the token. What is on the screen says where the page is, so the page itself needs no
 * code for this.
 */

/** Prompts that ask for a step, and prompts that end one. */
const STEPS = ["turn_left", "turn_right", "look_up", "move_closer", "blink"];
const ENDS = ["back", "stay", "opened"];

/** Has every page of `context` note when it changes what it shows. */
export async function watchTimeline(context) {
  await context.addInitScript(watch);
}

/** Runs in the page, before its own code and after the performer. */
function watch() {
  window.moments = [];
  const note = (what) => window.moments.push({ what, at: performance.now() });
  document.addEventListener("loadeddata", ({ target }) => target instanceof HTMLVideoElement && note("picture"), true);
  let [shown, prompt] = [undefined, undefined];
  const look = () => {
    const flow = document.querySelector(".flow");
    const at = flow?.getAttribute("data-at") ?? "none";
    const asked = flow?.querySelector("[data-prompt]")?.getAttribute("data-prompt") ?? undefined;
    if (at !== shown) note(at);
    if (asked !== undefined && asked !== prompt) note(`prompt ${asked}`);
    [shown, prompt] = [at, asked];
  };
  const attributeFilter = ["data-at", "data-prompt"];
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter });
}

/** Forgets what `page` has noted so far. */
export async function restartTimeline(page) {
  await page.evaluate(() => void (window.moments.length = 0));
}

/** How long each phase of the last sign-in on `page` took, in milliseconds, in order. */
export async function phases(page) {
  return phasesOf(await page.evaluate(() => window.moments));
}

/** The phases between the moments that a page has noted. */
export function phasesOf(moments) {
  const times = new Map();
  const add = (phase, from, to) => times.set(phase, (times.get(phase) ?? 0) + to.at - from.at);
  const begins = moments.findIndex(({ what }) => what === "picture");
  const ends = moments.findLastIndex(({ what }) => what === "none");
  if (begins === -1 || ends < begins) throw new Error("no sign-in was seen from the camera's picture to the token");
  // The page may begin to frame a moment before the browser reports the first picture.
  const frames = moments.slice(0, begins).some(({ what }) => what === "framing");
  let [phase, step] = [frames ? "framing" : "camera settles", 0];
  for (let index = begins; index < ends; index += 1) {
    const { what } = moments[index];
    const prompt = what.startsWith("prompt ") ? what.slice("prompt ".length) : undefined;
    if (what === "framing") phase = "framing";
    else if (what === "challenge") phase = "look ahead";
    else if (what === "gathering") phase = "frames are made";
    else if (what === "sending") phase = "upload and verdict";
    else if (STEPS.includes(prompt)) phase = `step ${(step += 1)}`;
    else if (ENDS.includes(prompt)) phase = `way back ${step}`;
    else if (prompt === "straight" && step > 0 && phase !== "frames are made") phase = "look ahead again";
    add(phase, moments[index], moments[index + 1]);
  }
  const [first, last] = [moments[begins], moments[ends]];
  const sent = moments.findLast(({ what }) => what === "sending");
  add("picture to capture", first, sent);
  add("last step to token", moments.findLast(({ what }) => what === "gathering"), last);
  add("picture to token", first, last);
  return times;
}

/** The median of `values`. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** Phase by phase the median and the range over several sign-ins. */
export function summary(runs) {
  const names = [...new Set(runs.flatMap((run) => [...run.keys()]))];
  return names.map((name) => {
    const values = runs.map((run) => run.get(name) ?? 0);
    return { name, median: median(values), least: Math.min(...values), most: Math.max(...values) };
  });
}
