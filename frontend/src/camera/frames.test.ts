import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onNextFrame } from "./frames";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks the browser where it can say", () => {
  const asked: (() => void)[] = [];
  const ended: number[] = [];
  const video = {
    readyState: 0,
    currentTime: 0,
    requestVideoFrameCallback: (callback: () => void) => asked.push(callback),
    cancelVideoFrameCallback: (handle: number) => void ended.push(handle),
  };
  let frames = 0;
  const end = onNextFrame(video, () => (frames += 1));
  asked[0]?.();
  expect(frames).toBe(1);
  end();
  expect(ended).toEqual([1]);
});

it("looks at the time of the video where the browser cannot", () => {
  const video = { readyState: 0, currentTime: 0 };
  let frames = 0;
  onNextFrame(video, () => (frames += 1));
  vi.advanceTimersByTime(1000);
  expect(frames).toBe(0);
  Object.assign(video, { readyState: 4, currentTime: 0.1 });
  vi.advanceTimersByTime(1000);
  expect(frames).toBe(1);
});

it("ends when it is told to", () => {
  const video = { readyState: 4, currentTime: 0 };
  let frames = 0;
  onNextFrame(video, () => (frames += 1))();
  video.currentTime = 1;
  vi.advanceTimersByTime(1000);
  expect([frames, vi.getTimerCount()]).toEqual([0, 0]);
});
