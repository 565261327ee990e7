/**
 * Whether eyes have closed, from what they looked like when they were open. Pure.
 *
 * The face finder says where eyes are and not how far they are open, and a model that does is ten
 * times its size. So the page compares pixels: lids over an eye look unlike the eye. It paces a
 * prompt by this. The service judges the frames with a model of its own.
 */
import type { Box } from "../geometry/box";
import type { SeenFace } from "./port";

/** Pixels of a patch, which shows one eye. */
export const PATCH = { width: 24, height: 16 } as const;

/** What a patch shows, in distances between the eyes: the eye and the skin around it. */
const SHOWN = { width: 0.6, height: 0.4 } as const;

/** How far two patches are moved against each other, in pixels: the points of eyes jitter. */
const SHIFT = { x: 4, y: 3 } as const;

/** Both eyes: grey values of two patches. */
export type Eyes = readonly [Float32Array, Float32Array];

/** Below this likeness to open eyes, eyes count as closed. */
const CLOSED_LIKENESS = 0.6;

/** Where the patches of both eyes lie, in pixels of the video. */
export function eyeBoxes({ points: { eyeLeft, eyeRight } }: SeenFace): readonly [Box, Box] {
  const apart = Math.hypot(eyeRight.x - eyeLeft.x, eyeRight.y - eyeLeft.y);
  const [width, height] = [SHOWN.width * apart, SHOWN.height * apart];
  const around = ({ x, y }: { x: number; y: number }): Box => ({ x: x - width / 2, y: y - height / 2, width, height });
  return [around(eyeLeft), around(eyeRight)];
}

/** Grey values (ITU-R BT.601) of RGBA pixels. */
export function greys(rgba: Uint8ClampedArray): Float32Array {
  return Float32Array.from({ length: rgba.length / 4 }, (_, n) => {
    return 0.299 * (rgba[4 * n] ?? 0) + 0.587 * (rgba[4 * n + 1] ?? 0) + 0.114 * (rgba[4 * n + 2] ?? 0);
  });
}

/** Whether `now` are closed, given what they were when `open`. */
export function areClosed(now: Eyes, open: Eyes): boolean {
  return (likeness(now[0], open[0]) + likeness(now[1], open[1])) / 2 < CLOSED_LIKENESS;
}

/** The best correlation of two patches over all shifts, -1 to 1. Light and contrast do not matter. */
export function likeness(a: Float32Array, b: Float32Array): number {
  let best = -1;
  for (let y = -SHIFT.y; y <= SHIFT.y; y += 1) {
    for (let x = -SHIFT.x; x <= SHIFT.x; x += 1) best = Math.max(best, correlation(a, b, x, y));
  }
  return best;
}

/** Correlation of the middle of `a` with that of `b`, moved by `dx` and `dy`. */
function correlation(a: Float32Array, b: Float32Array, dx: number, dy: number): number {
  const { width, height } = PATCH;
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let y = SHIFT.y; y < height - SHIFT.y; y += 1) {
    for (let x = SHIFT.x; x < width - SHIFT.x; x += 1) {
      const [p, q] = [a[y * width + x] ?? 0, b[(y + dy) * width + x + dx] ?? 0];
      n += 1;
      sumA += p;
      sumB += q;
      sumAA += p * p;
      sumBB += q * q;
      sumAB += p * q;
    }
  }
  const spread = Math.sqrt(Math.max(0, n * sumAA - sumA * sumA) * Math.max(0, n * sumBB - sumB * sumB));
  return spread > 0 ? (n * sumAB - sumA * sumB) / spread : 0;
}
