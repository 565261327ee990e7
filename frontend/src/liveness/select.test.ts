import { expect, it } from "vitest";
import { selectFrames } from "./select";

const limits = { min_frames: 8, max_frames: 30, max_gap_ms: 1500 };
const times = (count: number, pace: number) => Array.from({ length: count }, (_, index) => index * pace);

it("sends everything when there is little", () => {
  expect(selectFrames(times(10, 300), limits)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(selectFrames([], limits)).toEqual([]);
});

it("spreads what it sends evenly, and keeps the ends", () => {
  for (const count of [25, 40, 66, 200]) {
    const taken = times(count, 300);
    const chosen = selectFrames(taken, limits);
    expect(chosen.length).toBe(24);
    expect([chosen[0], chosen.at(-1)]).toEqual([0, count - 1]);
    expect(new Set(chosen).size).toBe(24);
    const gaps = chosen.slice(1).map((index, at) => (taken[index] ?? 0) - (taken[chosen[at] ?? 0] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    if (count <= 66) expect(Math.max(...gaps)).toBeLessThanOrEqual(limits.max_gap_ms);
  }
});

it("keeps to a service that takes fewer", () => {
  expect(selectFrames(times(30, 300), { ...limits, max_frames: 10 }).length).toBe(10);
});
