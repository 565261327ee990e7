/** Whether this browser turns WebP pictures by their EXIF orientation: some do, Chromium does not. */

/** A WebP of two black pixels side by side, to be shown one above the other (orientation 6). */
const TURNED_WEBP =
  "UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=";

let known: Promise<boolean> | undefined;

/** Asks the browser once. One that does not even open the picture turns none. */
export function turnsWebp(): Promise<boolean> {
  known ??= look().catch(() => false);
  return known;
}

async function look(): Promise<boolean> {
  const bytes = Uint8Array.from(atob(TURNED_WEBP), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/webp" }), { imageOrientation: "from-image" });
  const { width, height } = bitmap;
  bitmap.close();
  return height > width;
}
