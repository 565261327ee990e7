/** Makes the one JPEG that is shown and sent, from a file or from the camera. */
import { type Size, fitWithin } from "../geometry/box";
import { type Orientation, uprightSize, uprightTransform } from "../geometry/orientation";
import { HEADER_BYTES, isHeic, isWebp, webpOrientation } from "./format";
import { turnsWebp } from "./webp";

/** Longest side sent, in pixels. The detector works at less; a larger upload only takes longer. */
export const MAX_SIDE = 1600;

/** JPEG quality at which compression no longer moves comparison scores. */
const JPEG_QUALITY = 0.92;

/** Most bytes of a file that is opened: beyond any phone photo, below what stalls a phone. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;

export interface Photo {
  readonly jpeg: Blob;
  readonly size: Size;
  /** Whether to show it as in a mirror, like the preview it was taken from. */
  readonly mirror: boolean;
}

/** `heic`: a picture as iPhones take them, which this browser does not open. */
export type PhotoTrouble = "unreadable" | "too_large" | "heic";

export type PhotoResult =
  | { readonly ok: true; readonly photo: Photo }
  | { readonly ok: false; readonly trouble: PhotoTrouble };

/**
 * Reads any picture file that the browser can open, turns it upright by its EXIF orientation, and
 * encodes it anew as JPEG. That drops location, device and all other data of the file.
 */
export async function photoFromFile(file: Blob): Promise<PhotoResult> {
  if (file.size > MAX_FILE_BYTES) return { ok: false, trouble: "too_large" };
  let heic = false;
  const result = await attempt(async () => {
    const header = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
    heic = isHeic(header);
    const left = isWebp(header) ? await leftToTurn(file) : 1;
    const opened = await open(file);
    try {
      return await encode(opened.source, opened.size, false, left);
    } finally {
      opened.close();
    }
  });
  return !result.ok && heic ? { ok: false, trouble: "heic" } : result;
}

interface Opened {
  readonly source: CanvasImageSource;
  readonly size: Size;
  close(): void;
}

/** Some browsers open formats of their system (HEIC) as an image element alone. */
async function open(file: Blob): Promise<Opened> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    return { source: bitmap, size: bitmap, close: () => bitmap.close() };
  } catch {
    const url = URL.createObjectURL(file);
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      const size = { width: image.naturalWidth, height: image.naturalHeight };
      return { source: image, size, close: () => image.removeAttribute("src") };
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}

/** How a WebP picture has yet to be turned once this browser has opened it. */
async function leftToTurn(file: Blob): Promise<Orientation> {
  const orientation = webpOrientation(new Uint8Array(await file.arrayBuffer()));
  return orientation === 1 || (await turnsWebp()) ? 1 : orientation;
}

/** Takes the frame that `video` shows, as the camera saw it: the mirror is the preview's alone. */
export function photoFromVideo(video: HTMLVideoElement): Promise<PhotoResult> {
  return attempt(() => encode(video, { width: video.videoWidth, height: video.videoHeight }, true));
}

/** The browser throws for a file it cannot decode and for pixels it has no memory for. */
async function attempt(make: () => Promise<Photo>): Promise<PhotoResult> {
  try {
    return { ok: true, photo: await make() };
  } catch {
    return { ok: false, trouble: "unreadable" };
  }
}

async function encode(
  source: CanvasImageSource,
  natural: Size,
  mirror: boolean,
  orientation: Orientation = 1,
): Promise<Photo> {
  const drawn = fitWithin(natural, MAX_SIDE);
  const size = uprightSize(drawn, orientation);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("no 2d canvas");
  // JPEG has no transparency: without a ground, clear pixels would turn black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = "high";
  context.setTransform(...uprightTransform(drawn, orientation));
  context.drawImage(source, 0, 0, drawn.width, drawn.height);
  const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  if (!jpeg) throw new Error("the canvas gave no JPEG");
  return { jpeg, size, mirror };
}
