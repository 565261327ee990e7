import { describe, expect, it } from "vitest";
import { closedEye, face, openEye } from "../liveness/fixtures";
import { areClosed, eyeBoxes, greys, likeness } from "./eyes";

describe("areClosed", () => {
  it("tells closed eyes from open ones, also where their points jitter", () => {
    expect(areClosed([closedEye(), closedEye()], [openEye(), openEye()])).toBe(true);
    expect(areClosed([openEye(0.1), openEye(-0.1)], [openEye(), openEye()])).toBe(false);
  });

  it("does not mind other light", () => {
    const dimmed = openEye().map((grey) => 30 + 0.4 * grey);
    expect(likeness(dimmed, openEye())).toBeCloseTo(1, 3);
    expect(areClosed([dimmed, dimmed], [openEye(), openEye()])).toBe(false);
  });

  it("sees nothing alike in a patch without a picture", () => {
    expect(likeness(new Float32Array(24 * 16), openEye())).toBe(0);
  });
});

it("reads an eye where the face has it", () => {
  const [left, right] = eyeBoxes(face({ height: 200, x: 300, y: 240 }));
  expect(left).toEqual({ x: 236, y: 184, width: 48, height: 32 });
  expect(right).toEqual({ x: 316, y: 184, width: 48, height: 32 });
  expect([...greys(new Uint8ClampedArray([255, 255, 255, 255, 0, 255, 0, 255]))].map(Math.round)).toEqual([255, 150]);
});
