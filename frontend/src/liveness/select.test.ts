import { expect, it } from "vitest";
import { chooseFrames, selectFrames } from "./select";

const limits = { min_frames: 8, max_frames: 30, max_gap_ms: 1500 };
const times = (count: number, pace: number) => Array.from({ length: count }, (_, index) => 5_000 + index * pace);

it("sends everything when there is little", () => {
  expect(selectFrames(times(10, 300), [], limits)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(selectFrames([], [], limits)).toEqual([]);
});

it("spreads what it sends, and keeps the ends", () => {
  for (const count of [25, 40, 66, 200]) {
    const taken = times(count, 100);
    const chosen = selectFrames(taken, [], limits);
    expect(chosen.length).toBeGreaterThanOrEqual(24);
    if (count <= 66) expect(chosen.length).toBe(24);
    expect([chosen[0], chosen.at(-1)]).toEqual([0, count - 1]);
    expect(new Set(chosen).size).toBe(chosen.length);
    const gaps = chosen.slice(1).map((index, at) => (taken[index] ?? 0) - (taken[chosen[at] ?? 0] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(limits.max_gap_ms);
  }
});

it("sends each step that was seen from its first frame to its last, and some of the look ahead", () => {
  for (const count of [40, 80, 200]) {
    const taken = times(count, 100);
    const held = [15, 22, 30].map((index) => ({ from: 4_980 + index * 100, to: 5_250 + index * 100 }));
    const chosen = selectFrames(taken, held, limits);
    expect(chosen.length).toBeGreaterThanOrEqual(18);
    if (count <= 40) expect(chosen.length).toBe(18);
    expect(chosen).toEqual(expect.arrayContaining([15, 17, 22, 24, 30, 32]));
    expect(chosen.filter((index) => index <= 8).length).toBeGreaterThanOrEqual(7);
  }
});

it("sends the frame after a time that has none, on a busy device", () => {
  const taken = times(40, 400);
  const chosen = selectFrames(taken, [{ from: 5_000 + 21 * 400 + 10, to: 5_000 + 21 * 400 + 260 }], limits);
  expect(chosen).toContain(22);
});

it("leaves no gap that the service refuses, however slow somebody is", () => {
  // Three steps of four seconds each, as long as the page waits for one.
  const taken = times(140, 100);
  const held = [48, 90, 132].map((index) => ({ from: 4_980 + index * 100, to: 5_250 + index * 100 }));
  const chosen = selectFrames(taken, held, limits);
  const gaps = chosen.slice(1).map((index, at) => (taken[index] ?? 0) - (taken[chosen[at] ?? 0] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(limits.max_gap_ms);
  expect(chosen.length).toBeLessThanOrEqual(limits.max_frames);
});

it("keeps to a service that takes fewer", () => {
  expect(selectFrames(times(30, 300), [], { ...limits, max_frames: 10 }).length).toBe(10);
  const held = [10, 20, 25].map((index) => ({ from: 5_000 + index * 300, to: 5_900 + index * 300 }));
  const chosen = selectFrames(times(30, 300), held, { ...limits, max_frames: 10 });
  expect(chosen.length).toBe(10);
  expect(chosen).toEqual(expect.arrayContaining([0, 10, 13, 20, 23, 25, 28, 29]));
});

it("counts time from the first frame", () => {
  const frames = [5_000.4, 5_150.6, 5_300].map((at) => ({ jpeg: new Blob(["x"]), at }));
  expect(chooseFrames(frames, [], limits).map(({ t }) => t)).toEqual([0, 150, 300]);
});
