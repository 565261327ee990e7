/**
 * The finder's numbers to faces. Pure.
 *
 * The network is BlazeFace, short range (Bazarevsky et al. 2019, arXiv:1907.05047): 896 anchors on
 * two grids, for each a score, a box and six points, all relative to its anchor in units of
 * the 128 pixels it looks at. Anchors that see the same face are averaged by their scores, as the
 * paper has it: it makes boxes calmer than picking one does.
 */
import type { Box, Point, Size } from "../geometry/box";
import type { SeenFace } from "./port";

/** Pixels a side that the network looks at. */
export const INPUT_SIDE = 128;

/** Numbers for each anchor: score, box centre and size, six points. */
const VALUES = 17;

/** Cells of 8 pixels with two anchors, then cells of 16 with six. */
const GRIDS = [
  { cell: 8, anchors: 2 },
  { cell: 16, anchors: 6 },
] as const;

/** Least score of a face. Portraits reach 0.85 and more; a cat and a cup stay below 0.6. */
const LEAST_SCORE = 0.65;

/** Boxes that share at least this much of both are one face. */
const SAME_FACE = 0.3;

/** Most faces that are reported: more than two are one too many anyway. */
const MOST_FACES = 4;

const ANCHORS: readonly Point[] = GRIDS.flatMap(({ cell, anchors }) => {
  const cells = INPUT_SIDE / cell;
  const places: Point[] = [];
  for (let y = 0; y < cells; y += 1) {
    for (let x = 0; x < cells; x += 1) {
      for (let n = 0; n < anchors; n += 1) places.push({ x: (x + 0.5) / cells, y: (y + 0.5) / cells });
    }
  }
  return places;
});

/** Where the picture lies in the square that the network sees. */
export interface Letterbox {
  /** The picture's own size. */
  readonly size: Size;
  /** Length of the square's side in pixels of the picture. */
  readonly side: number;
  /** Where the picture begins in the square, in its own pixels. */
  readonly left: number;
  readonly top: number;
}

/** Puts a picture in the middle of the smallest square around it. */
export function letterbox(size: Size): Letterbox {
  const side = Math.max(size.width, size.height);
  return { size, side, left: (side - size.width) / 2, top: (side - size.height) / 2 };
}

/** The faces in the network's `output`, largest first, in pixels of the picture. */
export function decode(output: Float32Array, box: Letterbox): SeenFace[] {
  const candidates: Candidate[] = [];
  for (let index = 0; index < ANCHORS.length; index += 1) {
    const score = sigmoid(output[index * VALUES] ?? Number.NEGATIVE_INFINITY);
    if (score >= LEAST_SCORE) candidates.push(candidate(output, index, score));
  }
  candidates.sort((a, b) => b.score - a.score);
  const faces: SeenFace[] = [];
  let rest = candidates;
  while (rest.length > 0 && faces.length < MOST_FACES) {
    const best = rest[0] as Candidate;
    const same = rest.filter((other) => overlap(best.box, other.box) >= SAME_FACE);
    rest = rest.filter((other) => !same.includes(other));
    faces.push(seen(same, best.score, box));
  }
  return faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
}

interface Candidate {
  readonly score: number;
  /** In sides of the square. */
  readonly box: Box;
  readonly points: readonly Point[];
}

function candidate(output: Float32Array, index: number, score: number): Candidate {
  const anchor = ANCHORS[index] as Point;
  const value = (offset: number) => (output[index * VALUES + offset] ?? 0) / INPUT_SIDE;
  const [width, height] = [value(3), value(4)];
  return {
    score,
    box: { x: anchor.x + value(1) - width / 2, y: anchor.y + value(2) - height / 2, width, height },
    points: Array.from({ length: 6 }, (_, n) => ({ x: anchor.x + value(5 + 2 * n), y: anchor.y + value(6 + 2 * n) })),
  };
}

function seen(same: readonly Candidate[], score: number, { side, left, top }: Letterbox): SeenFace {
  const total = same.reduce((sum, one) => sum + one.score, 0);
  const mean = (of: (one: Candidate) => number) => same.reduce((sum, one) => sum + one.score * of(one), 0) / total;
  const point = (n: number): Point => ({
    x: mean((one) => one.points[n]?.x ?? 0) * side - left,
    y: mean((one) => one.points[n]?.y ?? 0) * side - top,
  });
  return {
    score,
    box: {
      x: mean((one) => one.box.x) * side - left,
      y: mean((one) => one.box.y) * side - top,
      width: mean((one) => one.box.width) * side,
      height: mean((one) => one.box.height) * side,
    },
    points: {
      eyeLeft: point(0),
      eyeRight: point(1),
      nose: point(2),
      mouth: point(3),
      earLeft: point(4),
      earRight: point(5),
    },
  };
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Mean grey value (ITU-R BT.601) of `box` in RGBA pixels of the square, 0 to 255. */
export function brightness(rgba: Uint8ClampedArray, face: Box, { side, left, top }: Letterbox): number {
  const toSquare = (value: number, offset: number) => Math.round(((value + offset) / side) * INPUT_SIDE);
  const clamp = (value: number) => Math.min(INPUT_SIDE, Math.max(0, value));
  const [x0, x1] = [clamp(toSquare(face.x, left)), clamp(toSquare(face.x + face.width, left))];
  const [y0, y1] = [clamp(toSquare(face.y, top)), clamp(toSquare(face.y + face.height, top))];
  let sum = 0;
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      const at = 4 * (y * INPUT_SIDE + x);
      sum += 0.299 * (rgba[at] ?? 0) + 0.587 * (rgba[at + 1] ?? 0) + 0.114 * (rgba[at + 2] ?? 0);
    }
  }
  return sum / Math.max(1, (x1 - x0) * (y1 - y0));
}
