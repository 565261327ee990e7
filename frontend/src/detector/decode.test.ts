import { describe, expect, it } from "vitest";
import { brightness, decode, INPUT_SIDE, letterbox } from "./decode";

const VALUES = 17;
const ANCHORS = 896;

/** An answer of the network in which nobody is seen. */
function empty(): Float32Array {
  const output = new Float32Array(ANCHORS * VALUES);
  for (let index = 0; index < ANCHORS; index += 1) output[index * VALUES] = -9;
  return output;
}

/** Puts a face at (`x`, `y`) of the square, of `side`, as the anchor `index` of the fine grid sees it. */
function put(output: Float32Array, x: number, y: number, side: number, score = 3) {
  const cell = 8;
  const column = Math.floor(x / cell);
  const row = Math.floor(y / cell);
  const index = 2 * (row * (INPUT_SIDE / cell) + column);
  const anchor = { x: (column + 0.5) * cell, y: (row + 0.5) * cell };
  const values = [score, x - anchor.x, y - anchor.y, side, side];
  const points = [[-10, -8], [10, -8], [0, 0], [0, 9], [-18, -4], [18, -4]] as const;
  for (const [dx, dy] of points) values.push(x + dx - anchor.x, y + dy - anchor.y);
  output.set(values, index * VALUES);
}

describe("decode", () => {
  it("finds nobody in an empty answer", () => {
    expect(decode(empty(), letterbox({ width: 640, height: 480 }))).toEqual([]);
  });

  it("maps back through the letterbox, wide and tall", () => {
    for (const size of [{ width: 640, height: 480 }, { width: 480, height: 640 }]) {
      const output = empty();
      put(output, 64, 64, 32);
      const [face] = decode(output, letterbox(size));
      // The middle of the square is the middle of the picture, and 128 are 640 pixels.
      expect(face?.box.width).toBeCloseTo(160, 3);
      expect((face?.box.x ?? 0) + 80).toBeCloseTo(size.width / 2, 3);
      expect((face?.box.y ?? 0) + 80).toBeCloseTo(size.height / 2, 3);
      expect(face?.points.nose.x).toBeCloseTo(size.width / 2, 3);
      expect(face?.points.earRight.x).toBeCloseTo(size.width / 2 + 90, 3);
    }
  });

  it("takes overlapping sightings for one face, and distant ones for two, largest first", () => {
    const output = empty();
    put(output, 40, 60, 30);
    put(output, 44, 60, 30, 2);
    put(output, 100, 60, 40);
    const faces = decode(output, letterbox({ width: 128, height: 128 }));
    expect(faces.map((face) => Math.round(face.box.width))).toEqual([40, 30]);
    // Both sightings of the smaller one have their say.
    expect((faces[1]?.box.x ?? 0) + 15).toBeGreaterThan(40);
  });

  it("does not believe a weak score", () => {
    const output = empty();
    put(output, 64, 64, 32, 0.3);
    expect(decode(output, letterbox({ width: 128, height: 128 }))).toEqual([]);
  });
});

describe("brightness", () => {
  it("is the mean grey of the box alone", () => {
    const rgba = new Uint8ClampedArray(4 * INPUT_SIDE * INPUT_SIDE).fill(255);
    for (let y = 32; y < 64; y += 1) {
      for (let x = 32; x < 64; x += 1) rgba.set([100, 100, 100, 255], 4 * (y * INPUT_SIDE + x));
    }
    const box = letterbox({ width: 128, height: 128 });
    expect(brightness(rgba, { x: 32, y: 32, width: 32, height: 32 }, box)).toBeCloseTo(100, 1);
    expect(brightness(rgba, { x: 90, y: 90, width: 99, height: 99 }, box)).toBeCloseTo(255, 1);
    expect(brightness(rgba, { x: 500, y: 500, width: 9, height: 9 }, box)).toBe(0);
  });
});
