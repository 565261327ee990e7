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
 * Puts `performer` before every camera that pages of `context` open.
 *
 * `obeys: false` is somebody, or a picture of somebody, that does nothing.
 */
export async function perform(context, performer, { obeys = true } = {}) {
  const folder = join(PERFORMERS, performer);
  assert.ok(existsSync(folder), `the performer ${folder} is missing`);
  const files = readdirSync(folder).sort();
  await context.route(`**${PATH}**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(PATH.length);
    return route.fulfill({ contentType: "image/jpeg", body: readFileSync(join(folder, name)) });
  });
  await context.addInitScript(play, { files, path: PATH, obeys });
}

/** Runs in the page, before its own code. */
function play({ files, path, obeys }) {
  /** What people take to read a prompt and begin, in milliseconds. */
  const REACTION_MS = 350;
  const FRAME_MS = 110;
  /** Frames of a turn there, in which the head is there, and on the way back. */
  const [THERE, HELD, BACK] = [[0, 1, 2, 3], [3, 4, 5], [6, 7, 8]];
  const SIDE = [0, 1, 2, 2];

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
    let [asked, since, place, frame] = [undefined, 0, "far", 0];
    const show = () => {
      const now = performance.now();
      const prompt = obeys ? promptNow() : undefined;
      if (prompt !== asked) {
        [asked, since, frame] = [prompt, now, 0];
      } else frame += 1;
      const reacted = now - since >= REACTION_MS;
      const name = pose(reacted ? asked : undefined, Math.max(0, frame - Math.ceil(REACTION_MS / FRAME_MS)));
      const bitmap = bitmaps.get(name) ?? bitmaps.get("far-wait-00");
      context.globalAlpha = 1;
      context.drawImage(bitmap, 0, 0);
      context.globalAlpha = 0.06;
      context.drawImage(noise, -Math.random() * 64, -Math.random() * 64);
    };
    const number = (n) => String(n).padStart(2, "0");
    let motion;
    const pose = (prompt, step) => {
      const at = (sequence, loop) =>
        step < sequence.length ? sequence[step] : loop[Math.floor(step / 3) % loop.length];
      switch (prompt) {
        case "turn_left":
        case "turn_right":
        case "look_up":
          motion = prompt;
          return `${place}-${prompt}-${number(at(THERE, HELD))}`;
        case "look_left":
        case "look_right":
          return `far-turn_${prompt.slice(5)}-${number(at(SIDE, [2]))}`;
        case "move_closer": {
          const name = `far-move_closer-${number(Math.min(5, step))}`;
          if (step >= 5) place = "near";
          return place === "near" ? `near-wait-${number(step % 8)}` : name;
        }
        case "back":
          if (motion && step < BACK.length) return `${place}-${motion}-${number(BACK[step])}`;
          return `${place}-wait-${number(Math.floor(step / 2) % 8)}`;
        default:
          return `${place}-wait-${number(Math.floor(performance.now() / 350) % 8)}`;
      }
    };
    show();
    const timer = setInterval(show, FRAME_MS);
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
        stop();
      };
    }
    return stream;
  };

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
