/** What a picture file is by its bytes, as far as browsers need help with it. */
import { isOrientation, type Orientation } from "../geometry/orientation";

/** Bytes at the start of a file that tell what it is. */
export const HEADER_BYTES = 64;

/** Brands of files that hold HEIC pictures (ISO/IEC 23008-12); `mif1` and `msf1` hold AVIF as well. */
const HEIC_BRANDS: ReadonlySet<string> = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);
const AVIF_BRANDS: ReadonlySet<string> = new Set(["avif", "avis"]);

/** EXIF's tag of the orientation. */
const ORIENTATION_TAG = 0x0112;

function text(bytes: Uint8Array, from: number, length = 4): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

/** Whether the file that starts so is a HEIC picture, as iPhones take them. */
export function isHeic(header: Uint8Array): boolean {
  if (text(header, 4) !== "ftyp") return false;
  const brands: string[] = [];
  for (let at = 8; at + 4 <= header.length; at += 4) brands.push(text(header, at));
  return !brands.some((brand) => AVIF_BRANDS.has(brand)) && brands.some((brand) => HEIC_BRANDS.has(brand));
}

/** Whether the file that starts so is a WebP picture. */
export function isWebp(header: Uint8Array): boolean {
  return text(header, 0) === "RIFF" && text(header, 8) === "WEBP";
}

/** The orientation a WebP file states (chunk `EXIF`); 1 when it states none that can be read. */
export function webpOrientation(file: Uint8Array): Orientation {
  if (!isWebp(file)) return 1;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  // Chunks: four letters, a length, and as many bytes, filled up to an even number.
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true);
    if (text(file, at) === "EXIF") return tiffOrientation(file.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return 1;
}

/** The orientation in a TIFF structure, with or without the name that JPEG puts before it. */
function tiffOrientation(exif: Uint8Array): Orientation {
  const tiff = text(exif, 0) === "Exif" ? exif.subarray(6) : exif;
  const order = text(tiff, 0, 2);
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return 1;
  const little = order === "II";
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let at = directory + 2, left = entries; left > 0 && at + 12 <= tiff.length; at += 12, left -= 1) {
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, little);
    return isOrientation(value) ? value : 1;
  }
  return 1;
}
