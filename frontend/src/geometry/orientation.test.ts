import { expect, it } from "vitest";
import { isOrientation, type Orientation, uprightSize, uprightTransform } from "./orientation";

const SIZE = { width: 40, height: 30 };

/** Where the upper left corner of the scene is in the stored picture (TIFF 6.0, Orientation). */
const SCENE_CORNER: Record<Orientation, readonly [number, number]> = {
  1: [0, 0], 2: [40, 0], 3: [40, 30], 4: [0, 30], 5: [0, 0], 6: [0, 30], 7: [40, 30], 8: [40, 0],
};

/** Where its lower left corner is. */
const SCENE_FOOT: Record<Orientation, readonly [number, number]> = {
  1: [0, 30], 2: [40, 30], 3: [40, 0], 4: [0, 0], 5: [40, 0], 6: [40, 30], 7: [0, 30], 8: [0, 0],
};

it("puts the scene's corners where they belong, whichever way the camera was held", () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as const) {
    const [a, b, c, d, e, f] = uprightTransform(SIZE, orientation);
    const drawn = ([x, y]: readonly [number, number]) => [a * x + c * y + e + 0, b * x + d * y + f + 0];
    const { height } = uprightSize(SIZE, orientation);
    expect(drawn(SCENE_CORNER[orientation]), `corner of ${orientation}`).toEqual([0, 0]);
    expect(drawn(SCENE_FOOT[orientation]), `foot of ${orientation}`).toEqual([0, height]);
  }
});

it("knows eight of them", () => {
  expect([0, 1, 8, 9, 1.5, Number.NaN].map(isOrientation)).toEqual([false, true, true, false, false, false]);
});
