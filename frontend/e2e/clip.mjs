/** Makes the film of the fake camera: a portrait, cropped to what a webcam sees. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { detect, launch, photo } from "./support.mjs";

const WIDTH = 640;
const HEIGHT = 480;

/** The face takes this share of the frame's height, as at arm's length. */
const FACE_SHARE = 0.5;

/** One second: Chromium plays the film again and again. */
const FRAMES = 30;

/**
 * Flags that make Chromium show `name` as its camera and ask nobody for permission. With several
 * `people` the crop is as wide as they stand. `later` is told what to do in the end.
 */
export async function cameraShowing(name, { people = 1, later = after } = {}) {
  const { faces } = await detect(name);
  const box = around(faces.slice(0, people).map((face) => face.box));
  const height = people === 1 ? box.height / FACE_SHARE : (box.width * 1.1 * HEIGHT) / WIDTH;
  const width = (height * WIDTH) / HEIGHT;
  const crop = { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };

  const folder = mkdtempSync(join(tmpdir(), "faceauth-clip-"));
  later(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "camera.mjpeg");
  // Motion JPEG is JPEG frames, one after the other.
  const frame = await cropped(readFileSync(photo(name)), crop);
  writeFileSync(file, Buffer.concat(Array.from({ length: FRAMES }, () => frame)));
  return [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-video-capture=${file}`,
  ];
}

/** The smallest box around `boxes`. */
function around(boxes) {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

async function cropped(bytes, crop) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const dataUrl = await page.evaluate(
      async ({ base64, crop, size }) => {
        const source = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([source]));
        const canvas = Object.assign(document.createElement("canvas"), size);
        const scale = size.width / crop.width;
        const context = canvas.getContext("2d");
        // Where the crop reaches past the photo, a plain wall.
        context.fillStyle = "#8a8f92";
        context.fillRect(0, 0, size.width, size.height);
        context.drawImage(bitmap, -crop.x * scale, -crop.y * scale, bitmap.width * scale, bitmap.height * scale);
        return canvas.toDataURL("image/jpeg", 0.95);
      },
      { base64: bytes.toString("base64"), crop, size: { width: WIDTH, height: HEIGHT } },
    );
    return Buffer.from(dataUrl.split(",")[1], "base64");
  } finally {
    await browser.close();
  }
}
