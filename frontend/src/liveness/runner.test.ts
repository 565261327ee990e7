import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Detector, Sighting } from "../detector/port";
import { LIMITS } from "./fixtures";
import { type Ports, Runner } from "./runner";

/** A video that shows a new frame whenever it is asked for one. */
function video() {
  const element = {
    srcObject: null,
    readyState: 4,
    currentTime: 0,
    requestVideoFrameCallback: (callback: () => void) => Number(setTimeout(callback, 10)),
    cancelVideoFrameCallback: (handle: number) => clearTimeout(handle),
  };
  return element as unknown as HTMLVideoElement;
}

/** A face finder whose looks end when the test says so. */
function finder() {
  const ends: ((sighting: Sighting | undefined) => void)[] = [];
  const detector: Detector = {
    look: () => new Promise((resolve) => ends.push(resolve)),
    close: () => {},
  };
  return { detector, ends };
}

function ports(detector: Detector): Ports<string> {
  const stream = { getTracks: () => [] } as unknown as MediaStream;
  const never = () => new Promise<never>(() => {});
  return {
    openCamera: () => Promise.resolve({ ok: true, stream }),
    stopCamera: () => {},
    startDetector: () => Promise.resolve(detector),
    takePhoto: never,
    record: () => {
      throw new Error("nothing is recorded here");
    },
    openSession: never,
    send: never,
    now: () => Date.now(),
    wall: () => Date.now(),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { addEventListener: () => {}, removeEventListener: () => {}, hidden: false });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("goes on when the view takes the video away while the finder looks", async () => {
  const { detector, ends } = finder();
  const runner = new Runner({ way: "poses", limits: LIMITS }, ports(detector), () => {}, () => {});
  runner.attach(video());
  await vi.advanceTimersByTimeAsync(200);
  expect(ends).toHaveLength(1);

  runner.attach(null);
  ends[0]?.(undefined);
  await vi.advanceTimersByTimeAsync(1000);
  expect(runner.snapshot.flow.sees).not.toBe(false);

  // With a video again, the finder looks again.
  runner.dispatch({ type: "hidden" });
  runner.attach(video());
  runner.dispatch({ type: "resumed" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(ends.length).toBeGreaterThan(1);
  runner.close();
});
