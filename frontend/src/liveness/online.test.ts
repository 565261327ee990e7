import { describe, expect, it } from "vitest";
import type { Action } from "../api/types";
import { advance, begin, framesLeft, type Held, longest, type Progress } from "./challenge";
import { type Look, look } from "./fixtures";
import { choose, type Chosen, isCapture, NONE } from "./online";

const limits = { min_frames: 8, max_frames: 30, max_gap_ms: 1500 };

const POSES: Record<Action, Look> = {
  turn_left: { yaw: 30 },
  turn_right: { yaw: -30 },
  look_up: { pitch: 22 },
  move_closer: { height: 240 },
  blink: { closed: true },
};

interface Person {
  readonly steps: readonly Action[];
  /** Milliseconds from a prompt until the step is there; `undefined` of somebody who does nothing. */
  readonly takes?: number;
  /** Milliseconds between two frames. */
  readonly pace?: number;
  /** Milliseconds until a frame is a JPEG. */
  readonly encoding?: number;
  readonly sees?: boolean;
  /** Looks like the step now and then, long before it is held. */
  readonly wavers?: boolean;
}

/** What is sent of a person's capture, moment by moment. */
function capture({ steps, takes, pace = 100, encoding = 50, sees = true, wavers = false }: Person) {
  const times: number[] = [];
  let progress: Progress | undefined = begin(0);
  let held: readonly Held[] = [];
  let chosen: Chosen = NONE;
  let now = 0;
  let most = 0;
  for (; progress && now < 60_000; now += 20) {
    if (now - (times.at(-1) ?? -pace) >= pace) times.push(now);
    if (now % 100 !== 0) continue;
    const since = now - progress.since;
    const step = progress.phase === "do" ? steps[progress.step] : undefined;
    const there = takes !== undefined && (since >= takes || (wavers && since % 600 < 100));
    const seen = look({ at: now, ...(step && there ? POSES[step] : {}) });
    // What is said of the longest is never less than what it takes.
    most = Math.max(most, now + longest(progress, steps, now, sees));
    progress = advance(progress, steps, now, sees, sees ? seen : undefined);
    if (!progress) break;
    held = [...progress.held, ...progress.returned];
    const view = {
      held, reachedAt: progress.reachedAt, framesLeft: framesLeft(progress, steps), longest: longest(progress, steps, now, sees),
      sees, over: false,
    };
    chosen = choose(chosen, times.filter((time) => time + encoding <= now), view, limits);
  }
  const early = chosen.sent.length;
  times.push(now + 10);
  chosen = choose(chosen, times, { held, framesLeft: 0, longest: 0, sees, over: true }, limits);
  const sent = chosen.sent.map((index) => times[index] ?? Number.NaN);
  return { times, held, sent, early, took: now, most };
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

const STEPS: readonly (readonly Action[])[] = [
  ["turn_left", "look_up", "turn_right"],
  ["look_up", "look_up", "turn_left"],
  ["move_closer", "turn_right", "look_up"],
  ["blink", "move_closer", "blink"],
  ["blink", "blink", "blink"],
];

describe("choose", () => {
  it("sends the ends, and each step from its first frame to its last", () => {
    for (const steps of STEPS.slice(0, 4)) {
      for (const takes of [300, 800, 1_500, 3_000]) {
        const { times, held, sent } = capture({ steps, takes });
        expect([sent[0], sent.at(-1)]).toEqual([times[0], times.at(-1)]);
        expect(held.length).toBeGreaterThanOrEqual(3);
        for (const { from, to } of held) {
          const within = times.filter((time) => time >= from && time <= to);
          expect(sent, `${steps.join()} in ${takes} ms`).toEqual(
            expect.arrayContaining([within[0], within.at(-1)].filter((time) => time !== undefined)),
          );
        }
      }
    }
  });

  it("sends most of a capture before it is over, and about as much as is chosen afterwards", () => {
    for (const takes of [300, 600, 900]) {
      const { sent, early } = capture({ steps: STEPS[0] ?? [], takes });
      expect(sent.length).toBeGreaterThanOrEqual(14);
      expect(sent.length).toBeLessThanOrEqual(22);
      expect(sent.length - early).toBeLessThanOrEqual(2);
    }
  });

  it("sends the look ahead before the first step", () => {
    for (const pace of [100, 125, 300]) {
      const { times, sent } = capture({ steps: STEPS[0] ?? [], takes: 600, pace });
      const ahead = (all: readonly number[]) => all.filter((time) => time <= 800).length;
      expect(ahead(sent)).toBe(Math.min(7, ahead(times)));
    }
  });

  it("is a capture, however slow somebody is, whatever is seen", () => {
    for (const steps of STEPS) {
      for (const takes of [undefined, 300, 1_000, 2_000, 3_000, 3_700]) {
        for (const [sees, wavers] of [[true, false], [true, true], [false, false]] as const) {
          for (const [pace, encoding] of [[100, 20], [125, 300], [400, 400]] as const) {
            const { times, sent, most, took } = capture({ steps, sees, wavers, pace, encoding, ...(takes === undefined ? {} : { takes }) });
            const who = `${steps.join()} in ${takes} ms, sees ${sees}, wavers ${wavers}, every ${pace} ms`;
            expect(sent.length, who).toBeLessThanOrEqual(limits.max_frames);
            expect(sent, who).toEqual([...new Set(sent)].sort((a, b) => a - b));
            expect(sent.every((time) => times.includes(time)), who).toBe(true);
            expect(Math.max(...gaps(sent)), who).toBeLessThanOrEqual(limits.max_gap_ms);
            // A busy device takes too few frames of somebody quick.
            if (pace < 400 || takes !== 300) expect(isCapture(sent, limits), who).toBe(true);
            expect(took, who).toBeLessThanOrEqual(most + 100);
          }
        }
      }
    }
  });

  it("keeps to a service that takes fewer", () => {
    const few = { ...limits, max_frames: 10 };
    let chosen: Chosen = NONE;
    const times: number[] = [];
    const view = { held: [], framesLeft: 6, longest: 9_000, sees: true, over: false };
    for (let now = 0; now < 9_000; now += 100) {
      times.push(now);
      chosen = choose(chosen, times, view, few);
    }
    chosen = choose(chosen, times, { ...view, over: true }, few);
    expect(chosen.sent.length).toBe(10);
    expect(chosen.sent.at(-1)).toBe(times.length - 1);
    // Which is none: then everything is sent once it is there, as chosen afterwards.
    expect(isCapture(chosen.sent.map((index) => times[index] ?? 0), few)).toBe(false);
  });

  it("decides nothing twice", () => {
    const view = { held: [], framesLeft: 2, longest: 4_000, sees: true, over: false };
    const once = choose(NONE, [0, 100, 200], view, limits);
    expect(choose(once, [0, 100, 200], view, limits)).toEqual(once);
  });
});

describe("isCapture", () => {
  it("asks for what the service asks for", () => {
    const every = (gap: number, count: number) => Array.from({ length: count }, (_, index) => index * gap);
    expect(isCapture(every(500, 12), limits)).toBe(true);
    expect(isCapture(every(500, 7), limits)).toBe(false);
    expect(isCapture(every(100, 31), limits)).toBe(false);
    expect(isCapture(every(1_501, 8), limits)).toBe(false);
    expect(isCapture([], limits)).toBe(false);
  });
});
