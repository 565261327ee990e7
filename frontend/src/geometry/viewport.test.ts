import { describe, expect, it } from "vitest";
import { fitWithin } from "./box";
import { backingSize, type Fit, viewport } from "./viewport";

const landscape = { width: 1600, height: 900 };

describe("viewport", () => {
  it("letterboxes with contain", () => {
    const view = viewport({ source: landscape, frame: { width: 400, height: 400 }, fit: "contain", mirror: false });
    expect(view.scale).toBe(0.25);
    expect(view.toFrame({ x: 0, y: 0 })).toEqual({ x: 0, y: 87.5 });
    expect(view.toFrame({ x: 1600, y: 900 })).toEqual({ x: 400, y: 312.5 });
  });

  it("crops with cover", () => {
    const view = viewport({ source: landscape, frame: { width: 450, height: 450 }, fit: "cover", mirror: false });
    expect(view.scale).toBe(0.5);
    expect(view.toFrame({ x: 800, y: 450 })).toEqual({ x: 225, y: 225 });
    expect(view.toFrame({ x: 0, y: 0 })).toEqual({ x: -175, y: 0 });
  });

  it("mirrors a box about the middle of the frame and keeps its size", () => {
    const frame = { width: 800, height: 450 };
    const box = { x: 100, y: 200, width: 300, height: 400 };
    const plain = viewport({ source: landscape, frame, fit: "contain", mirror: false }).toFrameBox(box);
    const mirrored = viewport({ source: landscape, frame, fit: "contain", mirror: true }).toFrameBox(box);
    expect(plain).toEqual({ x: 50, y: 100, width: 150, height: 200 });
    expect(mirrored).toEqual({ x: 800 - 50 - 150, y: 100, width: 150, height: 200 });
  });

  it("comes back to the same pixel, whatever the fit, mirror and sizes", () => {
    for (const fit of ["contain", "cover"] as Fit[]) {
      for (const mirror of [false, true]) {
        for (const frame of [{ width: 320, height: 568 }, { width: 913, height: 411 }]) {
          const view = viewport({ source: { width: 481, height: 640 }, frame, fit, mirror });
          for (const point of [{ x: 0, y: 0 }, { x: 481, y: 640 }, { x: 17.25, y: 600.5 }]) {
            const back = view.toSource(view.toFrame(point));
            expect(back.x).toBeCloseTo(point.x, 9);
            expect(back.y).toBeCloseTo(point.y, 9);
          }
        }
      }
    }
  });

  it("gives dense screens more canvas pixels", () => {
    expect(backingSize({ width: 333, height: 200 }, 1.5)).toEqual({ width: 500, height: 300 });
  });
});

describe("fitWithin", () => {
  it("scales the longer side down to the limit", () => {
    expect(fitWithin({ width: 4000, height: 3000 }, 1600)).toEqual({ width: 1600, height: 1200 });
    expect(fitWithin({ width: 3000, height: 4000 }, 1600)).toEqual({ width: 1200, height: 1600 });
  });

  it("never enlarges and never reaches zero", () => {
    expect(fitWithin({ width: 640, height: 480 }, 1600)).toEqual({ width: 640, height: 480 });
    expect(fitWithin({ width: 10000, height: 1 }, 100)).toEqual({ width: 100, height: 1 });
  });
});
