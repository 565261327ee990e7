/** Makes the one JPEG that is shown and sent, from a file or from the camera. */
import { type Size, fitWithin } from "../geometry/box";

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

export type PhotoTrouble = "unreadable" | "too_large";

export type PhotoResult =
  | { readonly ok: true; readonly photo: Photo }
  | { readonly ok: false; readonly trouble: PhotoTrouble };

/**
 * Reads a picture file upright (EXIF orientation applied) and encodes it anew, which
 * drops location, device and every other detail the file carried.
 */
export async function photoFromFile(file: Blob): Promise<PhotoResult> {
  if (file.size > MAX_FILE_BYTES) return { ok: false, trouble: "too_large" };
  return attempt(async () => {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    try {
      return await encode(bitmap, bitmap, false);
    } finally {
      bitmap.close();
    }
  });
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

async function encode(source: CanvasImageSource, natural: Size, mirror: boolean): Promise<Photo> {
  const size = fitWithin(natural, MAX_SIDE);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("no 2d canvas");
  // JPEG has no transparency: without a ground, clear pixels would turn black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, size.width, size.height);
  const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  if (!jpeg) throw new Error("the canvas gave no JPEG");
  return { jpeg, size, mirror };
}
