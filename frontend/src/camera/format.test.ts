import { describe, expect, it } from "vitest";
import { isHeic, isWebp, webpOrientation } from "./format";

const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A chunk of a RIFF file. */
function chunk(name: string, payload: Uint8Array): number[] {
  const length = payload.length;
  const size = [length & 255, (length >> 8) & 255, (length >> 16) & 255, length >> 24];
  return [...latin(name), ...size, ...payload, ...(length % 2 ? [0] : [])];
}

function webp(...chunks: number[][]): Uint8Array {
  return Uint8Array.from([...chunk("RIFF", Uint8Array.from([...latin("WEBP"), ...chunks.flat()]))]);
}

/** A TIFF structure with one entry before the orientation. */
function tiff(orientation: number, little: boolean): Uint8Array {
  const two = (value: number) => (little ? [value, value >> 8] : [value >> 8, value & 255]).map((byte) => byte & 255);
  const four = (value: number) => (little ? [...two(value), 0, 0] : [0, 0, ...two(value)]);
  const entry = (tag: number, value: number) => [...two(tag), ...two(3), ...four(1), ...two(value), 0, 0];
  const head = [...latin(little ? "II" : "MM"), ...two(42), ...four(8)];
  return Uint8Array.from([...head, ...two(2), ...entry(0x0100, 7), ...entry(0x0112, orientation), ...four(0)]);
}

describe("isHeic", () => {
  it("knows the brands of phones, and AVIF from them", () => {
    expect(isHeic(latin("\0\0\0\x18ftypheic\0\0\0\0mif1heic"))).toBe(true);
    expect(isHeic(latin("\0\0\0\x1cftypmif1\0\0\0\0mif1heic"))).toBe(true);
    expect(isHeic(latin("\0\0\0\x1cftypmif1\0\0\0\0mif1avif"))).toBe(false);
    expect(isHeic(latin("\0\0\0\x18ftypisom\0\0\0\0mp42"))).toBe(false);
    expect(isHeic(latin("\xFF\xD8\xFF"))).toBe(false);
    expect(isHeic(latin(""))).toBe(false);
  });
});

describe("webpOrientation", () => {
  it("reads every orientation, in both byte orders, before and behind the picture", () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      for (const little of [true, false]) {
        const exif = tiff(orientation, little);
        const picture = chunk("VP8L", latin("odd"));
        expect(webpOrientation(webp(picture, chunk("EXIF", exif)))).toBe(orientation);
        const named = Uint8Array.from([...latin("Exif\0\0"), ...exif]);
        expect(webpOrientation(webp(chunk("EXIF", named), picture))).toBe(orientation);
      }
    }
  });

  it("takes what it cannot read for upright", () => {
    const whole = webp(chunk("VP8L", latin("even")), chunk("EXIF", tiff(8, true)));
    for (let length = 0; length < whole.length - 4; length += 1) {
      expect([1, 8]).toContain(webpOrientation(whole.subarray(0, length)));
    }
    expect(webpOrientation(webp(chunk("EXIF", tiff(0, true))))).toBe(1);
    expect(webpOrientation(webp(chunk("EXIF", tiff(9, false))))).toBe(1);
    expect(webpOrientation(webp(chunk("EXIF", latin("II*\0\xFF\xFF\xFF\xFF"))))).toBe(1);
    expect(webpOrientation(webp(chunk("VP8 ", latin("none"))))).toBe(1);
    expect(webpOrientation(latin("RIFF\0\0\0\0WEBP\0\0\0\0\0\0\0\0"))).toBe(1);
    expect(isWebp(latin("RIFF\0\0\0\0WAVE"))).toBe(false);
  });
});
