import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Result } from "../api/errors";
import type { LivenessSession } from "../api/types";
import type { CaptureStream, Proof } from "../api/client";
import type { RecordedFrame, Recorder } from "../camera/recorder";
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
    tellToOpen: () => {},
    record: () => {
      throw new Error("nothing is recorded here");
    },
    openSession: never,
    send: never,
    now: () => Date.now(),
    wall: () => Date.now(),
  };
}

const record = (): Recorder => ({ pace: () => {}, taken: () => [], stop: () => Promise.resolve([]), drop: () => {} });

/** Steps that can be performed for the next two minutes. */
const session = (): LivenessSession => ({
  session_id: "s", nonce: "n", expires_at: new Date(Date.now() + 120_000).toISOString(), attempts_left: 3,
  steps: [{ id: "1", action: "turn_left", within_ms: 6000 }],
  capture: {
    min_frames: 8, max_frames: 30, max_gap_ms: 1500, max_duration_ms: 20_000, min_width: 320, max_side: 1920,
    max_clip_bytes: 1, formats: [],
  },
});

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

it("asks the service for steps once, before they are needed", async () => {
  const { detector } = finder();
  let [asked, answer] = [0, (_: Result<LivenessSession>) => {}];
  const openSession = () => {
    asked += 1;
    return new Promise<Result<LivenessSession>>((resolve) => (answer = resolve));
  };
  const runner = new Runner({ way: "challenge", limits: LIMITS }, { ...ports(detector), openSession, record }, () => {}, () => {});
  runner.attach(video());
  await vi.advanceTimersByTimeAsync(200);
  expect([runner.snapshot.flow.state.at, asked]).toEqual(["framing", 1]);

  // They are needed before the answer has come, and another camera is chosen before it.
  runner.dispatch({ type: "pressed", now: Date.now() });
  runner.choose("other");
  await vi.advanceTimersByTimeAsync(200);
  runner.dispatch({ type: "pressed", now: Date.now() });
  expect(asked).toBe(1);
  answer({ ok: true, value: session() });
  await vi.advanceTimersByTimeAsync(0);
  expect(runner.snapshot.flow.state.at).toBe("challenge");
  runner.close();
});

it("records at the pace of what is done", async () => {
  const { detector } = finder();
  const openSession = () => Promise.resolve({ ok: true as const, value: session() });
  const paces: number[] = [];
  const recorder = { ...record(), pace: (milliseconds: number) => void paces.push(milliseconds) };
  const recording = { ...ports(detector), openSession, record: () => recorder };
  const runner = new Runner({ way: "challenge", limits: LIMITS }, recording, () => {}, () => {});
  runner.attach(video());
  await vi.advanceTimersByTimeAsync(200);
  runner.dispatch({ type: "pressed", now: Date.now() });
  await vi.advanceTimersByTimeAsync(1500);
  const [first, last] = [paces[0] ?? 0, paces.at(-1) ?? 0];
  expect(last).toBeLessThan(first);
  runner.close();
});

describe("a capture that is sent while it is made", () => {
  /** A recorder that takes a frame every 100 ms. */
  function recorder(): Recorder {
    const frames: RecordedFrame[] = [];
    const take = () => void frames.push({ jpeg: new Blob([String(frames.length)]), at: Date.now() });
    take();
    const timer = setInterval(take, 100);
    const end = () => clearInterval(timer);
    return { pace: () => {}, taken: () => [...frames], stop: () => (end(), take(), Promise.resolve(frames)), drop: end };
  }

  interface Way {
    /** What comes of the stream; left out, it fails. */
    readonly streamed?: Result<string>;
  }

  /** Somebody whom nothing sees, up to the first step. */
  async function begin({ streamed }: Way) {
    const { detector } = finder();
    const sent: number[] = [];
    const seen = { sent, ended: 0, aborted: 0, whole: [] as Proof[], done: [] as string[] };
    const stream: CaptureStream<string> = {
      send: ({ t }) => void sent.push(t),
      end: () => ((seen.ended += 1), Promise.resolve(streamed)),
      abort: () => void (seen.aborted += 1),
    };
    const nonces: string[] = [];
    const runner = new Runner<string>(
      { way: "challenge", limits: LIMITS },
      {
        ...ports(detector),
        record: recorder,
        openSession: () => Promise.resolve({ ok: true, value: session() }),
        stream: ({ nonce }) => (nonces.push(nonce), stream),
        send: (proof) => (seen.whole.push(proof), Promise.resolve({ ok: true, value: "whole" })),
      },
      () => {},
      (value) => void seen.done.push(value),
    );
    runner.attach(video());
    await vi.advanceTimersByTimeAsync(200);
    runner.dispatch({ type: "finder", sees: false });
    expect(nonces).toEqual([]);
    runner.dispatch({ type: "pressed", now: Date.now() });
    await vi.advanceTimersByTimeAsync(0);
    expect([runner.snapshot.flow.state.at, nonces]).toEqual(["challenge", ["n"]]);
    return { runner, seen };
  }

  it("has left before the last step is done, and is not sent again", async () => {
    const { runner, seen } = await begin({ streamed: { ok: true, value: "streamed" } });
    await vi.advanceTimersByTimeAsync(2_500);
    expect(runner.snapshot.flow.state.at).toBe("challenge");
    expect(seen.sent.length).toBeGreaterThan(8);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([seen.done, seen.ended, seen.aborted, seen.whole]).toEqual([["streamed"], 1, 0, []]);
    expect(seen.sent[0]).toBe(0);
    expect(seen.sent.every((t, index) => index === 0 || t > (seen.sent[index - 1] ?? 0))).toBe(true);
    runner.close();
  });

  it("is sent as a whole when it did not get there", async () => {
    const { runner, seen } = await begin({});
    await vi.advanceTimersByTimeAsync(12_500);
    expect([seen.done, seen.ended]).toEqual([["whole"], 1]);
    expect(seen.whole).toMatchObject([{ kind: "capture", session: { nonce: "n" } }]);
    runner.close();
  });

  it("shows a refusal as ever, and keeps the capture", async () => {
    const { runner, seen } = await begin({ streamed: { ok: false, problem: { code: "overloaded", retryAfter: 2 } } });
    await vi.advanceTimersByTimeAsync(12_500);
    expect(runner.snapshot.flow.state).toMatchObject({ at: "refused", problem: { code: "overloaded" } });
    expect(seen.whole).toEqual([]);
    runner.dispatch({ type: "sendAgain" });
    await vi.advanceTimersByTimeAsync(0);
    expect([seen.done, seen.whole.length, seen.ended]).toEqual([["whole"], 1, 1]);
    runner.close();
  });

  it("is taken back when somebody leaves, hides the page or chooses another camera", async () => {
    const ways: ((runner: Runner<string>) => void)[] = [
      (runner) => runner.close(),
      (runner) => runner.dispatch({ type: "hidden" }),
      (runner) => runner.choose("other"),
    ];
    for (const leave of ways) {
      const { runner, seen } = await begin({});
      await vi.advanceTimersByTimeAsync(1_500);
      leave(runner);
      const sent = seen.sent.length;
      expect([sent > 0, seen.aborted]).toEqual([true, 1]);
      await vi.advanceTimersByTimeAsync(1_000);
      expect([seen.sent.length, seen.ended]).toEqual([sent, 0]);
      runner.close();
    }
  });
});
