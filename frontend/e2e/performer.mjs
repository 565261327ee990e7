/**
 * Somebody before the camera: rendered frames of a person who does what the page asks for.
 *
 * The page gets a stream as from a camera, at 30 frames a second and with a sensor's noise.
 * What it shows follows the prompt on the screen after the time people take to react, so a whole
 * challenge runs against the real service, whatever steps that has drawn.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PERFORMERS = process.env["FACEAUTH_PERFORMERS"];
assert.ok(PERFORMERS, "FACEAUTH_PERFORMERS must be set: frontend/README.md says how");

/** Where the page finds the frames; nothing of it reaches the service. */
const PATH = "/e2e-performer/";

/**
 * How people move, measured on themselves. `reactionMs` passes between a prompt and the first
 * movement, `frameMs` between two of the rendered frames: a turn takes four of them. `furthest` is
 * the last frame of a motion, and `hesitates` somebody who stops half way. `overshoots` goes too
 * far first.
 */
export const PACES = {
  usual: { reactionMs: 350, frameMs: 110, furthest: 3 },
  quick: { reactionMs: 200, frameMs: 60, furthest: 3 },
  slow: { reactionMs: 900, frameMs: 230, furthest: 3 },
  hesitating: { reactionMs: 500, frameMs: 130, furthest: 3, hesitates: true },
  overshooting: { reactionMs: 300, frameMs: 80, furthest: 3, overshoots: true },
  small: { reactionMs: 350, frameMs: 110, furthest: 2 },
};

/**
 * Puts `performer` before every camera that pages of `context` open.
 *
 * `obeys: false` is somebody, or a picture of somebody, that does nothing. `pace` is one of
 * `PACES`.
 */
export async function perform(context, performer, { obeys = true, pace = "usual" } = {}) {
  const folder = join(PERFORMERS, performer);
  assert.ok(existsSync(folder), `the performer ${folder} is missing`);
  const files = readdirSync(folder).sort();
  await context.route(`**${PATH}**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(PATH.length);
    return route.fulfill({ contentType: "image/jpeg", body: readFileSync(join(folder, name)) });
  });
  await context.addInitScript(play, { files, path: PATH, obeys, pace: PACES[pace] });
}

/** Runs in the page, before its own code. */
function play({ files, path, obeys, pace }) {
  const { reactionMs, frameMs, furthest, hesitates, overshoots } = pace;
  /** Frames of a motion: on the way there, the way back, and too far. */
  const [THERE, BACK, BEYOND] = [[0, 1, 2, 3].slice(0, furthest + 1), [6, 7, 8], 9];
  /** The head is held there, and sways. */
  const HELD = furthest === 3 ? [3, 4, 5] : [furthest];
  /** Frames of somebody whose eyes are closed. */
  const CLOSED = [0, 1, 2, 3];
  /** Frames that somebody who hesitates stays half way. */
  const HESITATION = 5;
  /** A small turn, for the three pictures of an enrolment. */
  const ASIDE = [0, 1, 2];

  window.tracks = [];
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    const bitmaps = new Map();
    await Promise.all(
      files.map(async (file) => {
        const blob = await (await fetch(path + file)).blob();
        bitmaps.set(file.replace(".jpg", ""), await createImageBitmap(blob));
      }),
    );
    const noise = grain(704, 544);
    const body = { place: "far", motion: undefined, queue: [], held: [] };
    let [asked, since, reacted, ticks] = [undefined, 0, true, 0];
    const show = () => {
      const now = performance.now();
      const prompt = obeys ? promptNow() : undefined;
      // Until they react, people go on with what they did before.
      if (prompt !== asked) [asked, since, reacted] = [prompt, now, false];
      if (!reacted && now - since >= reactionMs) {
        reacted = true;
        follow(body, asked);
      }
      ticks += 1;
      context.globalAlpha = 1;
      context.drawImage(bitmaps.get(next(body, ticks)), 0, 0);
      context.globalAlpha = 0.06;
      context.drawImage(noise, -Math.random() * 64, -Math.random() * 64);
    };
    show();
    const timer = setInterval(show, frameMs);
    const stream = canvas.captureStream(30);
    // A canvas that does not change gives no frames; a camera always does.
    const pulse = setInterval(() => {
      context.globalAlpha = 0.004;
      context.drawImage(noise, -Math.random() * 64, 0);
    }, 33);
    for (const track of stream.getTracks()) {
      window.tracks.push(track);
      const stop = track.stop.bind(track);
      track.stop = () => {
        clearInterval(timer);
        clearInterval(pulse);
        for (const bitmap of bitmaps.values()) bitmap.close();
        stop();
      };
    }
    return stream;
  };

  const frame = (place, motion, index) => `${place}-${motion}-${String(index).padStart(2, "0")}`;

  /** The frame to show now. */
  function next(body, ticks) {
    const { place, queue, held } = body;
    if (queue.length > 0) return queue.shift();
    if (held.length > 0) return held[Math.floor(ticks / 3) % held.length];
    return frame(place, "wait", Math.floor(ticks / 3) % 8);
  }

  /** Plans the way from where the head is to what `prompt` asks for. */
  function follow(body, prompt) {
    const { place, motion } = body;
    const wanted = { look_left: "turn_left", look_right: "turn_right" }[prompt] ?? prompt;
    const frames = (which, indices) => indices.map((index) => frame(place, which, index));
    const home = motion ? frames(motion, BACK) : [];
    if (wanted === "move_closer" && place === "far") {
      const closer = frames("move_closer", [0, 1, 2, 3, 4, 5]);
      Object.assign(body, { place: "near", motion: undefined, queue: [...home, ...closer], held: [] });
    } else if (wanted === "blink") {
      Object.assign(body, { motion: undefined, queue: home, held: frames(wanted, CLOSED) });
    } else if (["turn_left", "turn_right", "look_up"].includes(wanted)) {
      if (wanted === motion) return;
      const indices = wanted === prompt ? THERE : ASIDE;
      const held = wanted === prompt ? HELD : ASIDE.slice(-1);
      let there = frames(wanted, indices);
      if (overshoots && wanted === prompt) there.push(frame(place, wanted, BEYOND));
      // From a turn upwards, or down to a turn, the head takes the straight way.
      const turn = motion === "look_up" ? wanted : motion;
      if (turn && (motion === "look_up") !== (wanted === "look_up")) {
        const between = frames(`${turn}-look_up`, motion === "look_up" ? [1, 0] : [0, 1]);
        there = [...between, ...there.slice(2)];
      } else there = [...home, ...there];
      const middle = Math.floor(there.length / 2);
      if (hesitates) there.splice(middle, 0, ...Array(HESITATION).fill(there[middle]));
      Object.assign(body, { motion: wanted, queue: there, held: frames(wanted, held) });
    } else {
      Object.assign(body, { motion: undefined, queue: home, held: [] });
    }
  }

  function promptNow() {
    const roots = [document, ...[...document.querySelectorAll("*")].flatMap((element) => element.shadowRoot ?? [])];
    for (const root of roots) {
      const found = root.querySelector("[data-prompt]");
      if (found) return found.getAttribute("data-prompt");
    }
    return undefined;
  }

  function grain(width, height) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(width, height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const grey = Math.random() * 255;
      pixels.data.set([grey, grey, grey, 255], at);
    }
    context.putImageData(pixels, 0, 0);
    return canvas;
  }
}
