import { describe, expect, it } from "vitest";
import type { Action } from "../api/types";
import { advance, begin, type Progress } from "./challenge";
import { type Look, look } from "./fixtures";

/** Somebody who does `doing` at each moment, seen ten times a second; answers the phases they pass. */
function perform(steps: readonly Action[], doing: (progress: Progress) => Look, sees = true) {
  const phases: string[] = [];
  let progress: Progress | undefined = begin(0);
  let now = 0;
  while (progress && now < 60_000) {
    const name = `${progress.phase} ${progress.step}`;
    if (phases.at(-1) !== name) phases.push(name);
    const sighting = sees ? look({ at: now, ...doing(progress) }) : undefined;
    progress = advance(progress, steps, now, sees, sighting);
    now += 100;
  }
  return { phases, took: now };
}

const POSES: Record<Action, Look> = {
  turn_left: { yaw: 30 },
  turn_right: { yaw: -30 },
  look_up: { pitch: 22 },
  move_closer: { height: 240 },
  blink: { closed: true },
};

const obedient = (steps: readonly Action[]) => (progress: Progress) => {
  const action = steps[progress.step];
  return progress.phase === "do" && action ? POSES[action] : {};
};

describe("advance", () => {
  const steps: Action[] = ["turn_left", "look_up", "turn_right"];

  it("leads from step to step", () => {
    const { phases, took } = perform(steps, obedient(steps));
    expect(phases).toEqual(["straight 0", "do 0", "do 1", "do 2", "finish 2"]);
    // Beside the time that people take to react and to move.
    expect(took).toBeLessThan(2_500);
  });

  it("leads back to the middle before the same step, and before eyes close", () => {
    const twice: Action[] = ["look_up", "look_up", "move_closer"];
    expect(perform(twice, obedient(twice)).phases).toEqual([
      "straight 0", "do 0", "back 0", "do 1", "do 2", "finish 2",
    ]);
    const blinking: Action[] = ["turn_left", "blink", "move_closer"];
    expect(perform(blinking, obedient(blinking)).phases).toEqual([
      "straight 0", "do 0", "back 0", "do 1", "back 1", "do 2", "finish 2",
    ]);
  });

  it("lets eyes be opened once they have been closed for long enough", () => {
    const since = (closes: number) => {
      let closedFor = 0;
      let progress: Progress | undefined = { ...begin(0), phase: "straight" };
      for (let now = 0; progress && progress.phase !== "back"; now += 50) {
        const closed = progress.phase === "do" && now - progress.since >= closes;
        if (closed) closedFor += 50;
        progress = advance(progress, ["blink"], now, true, look({ at: now, closed }));
      }
      return closedFor;
    };
    // Long enough for the service, in whichever of the frames, and no longer than it must be.
    for (const closes of [0, 350, 1_000, 2_000]) {
      expect(since(closes)).toBeGreaterThanOrEqual(1_200);
      expect(since(closes)).toBeLessThanOrEqual(1_500);
    }
    // Whose eyes are not seen to close is told all the same.
    const unseen = perform(["blink"], () => ({}));
    expect(unseen.phases).toEqual(["straight 0", "do 0", "back 0", "finish 0"]);
    expect(unseen.took).toBeGreaterThan(3_600);
    expect(unseen.took).toBeLessThan(6_000);
  });

  it("waits for a look at open eyes when the last look is older than the steps", () => {
    const { eyes: _, ...old } = look({ at: 0 });
    const told = (lookedFrom: number) => {
      let progress: Progress | undefined = begin(0);
      let since = 0;
      for (let now = 0; progress && progress.phase !== "back"; now += 50) {
        if (progress.phase === "do" && since === 0) since = now;
        const closed = progress.phase === "do";
        progress = advance(progress, ["blink"], now, true, now < lookedFrom ? old : look({ at: now, closed }));
      }
      return { since, closedFor: (progress?.since ?? 0) - since };
    };
    for (const lookedFrom of [50, 500, 700, 1_500]) {
      const { since, closedFor } = told(lookedFrom);
      expect(since).toBeLessThanOrEqual(Math.max(600, lookedFrom) + 100);
      expect(closedFor).toBeLessThan(2_000);
    }
    // Where nobody ever looks at the eyes, it goes on.
    expect(told(60_000).since).toBeLessThan(2_000);
  });

  it("does not count a blink, nor the eyes of a turned head", () => {
    let looks = 0;
    const blinks = perform(["blink"], ({ phase }) => ({ closed: phase === "do" && (looks += 1) % 8 < 3 }));
    expect(blinks.took).toBeGreaterThan(3_600);
    const turned = perform(["blink"], ({ phase }) => (phase === "do" ? { closed: true, yaw: 25 } : {}));
    expect(turned.took).toBeGreaterThan(3_600);
  });

  it("counts a raised chin and a closer face only of a head that looks ahead", () => {
    const turned = (pose: Look) => perform(["look_up"], ({ phase }) => (phase === "do" ? pose : {})).took;
    expect(turned({ pitch: 22, yaw: 20 })).toBeGreaterThan(4_500);
    expect(turned({ pitch: 22, yaw: 5 })).toBeLessThan(2_000);
    const close = (pose: Look) => perform(["move_closer"], ({ phase }) => (phase === "do" ? pose : {})).took;
    expect(close({ height: 240, pitch: 20 })).toBeGreaterThan(4_500);
    expect(close({ height: 240, yaw: -25 })).toBeGreaterThan(4_500);
    expect(close({ height: 240 })).toBeLessThan(2_000);
  });

  it("says when each step was seen to be done", () => {
    let progress: Progress | undefined = begin(0);
    let last: Progress = progress;
    for (let now = 0; progress; now += 100) {
      last = progress;
      progress = advance(progress, steps, now, true, look({ at: now, ...obedient(steps)(progress) }));
    }
    expect(last.held.map(({ from, to }) => to - from >= 250)).toEqual([true, true, true]);
  });

  it("says when eyes were seen to be open again: without it, closing them twice is once", () => {
    const twice: Action[] = ["blink", "blink"];
    let progress: Progress | undefined = begin(0);
    let last: Progress = progress;
    for (let now = 0; progress; now += 100) {
      last = progress;
      progress = advance(progress, twice, now, true, look({ at: now, ...obedient(twice)(progress) }));
    }
    const [first, second] = last.held;
    const [open] = last.returned;
    expect(open?.from).toBeGreaterThanOrEqual(first?.to ?? Number.NaN);
    expect(open?.to).toBeLessThanOrEqual(second?.from ?? Number.NaN);
  });

  it("waits for the side that was asked for, and goes on after a while", () => {
    const wrong = perform(["turn_left"], (progress) => (progress.phase === "do" ? { yaw: -30 } : {}));
    expect(wrong.phases).toEqual(["straight 0", "do 0", "back 0", "finish 0"]);
    expect(wrong.took).toBeGreaterThan(5_000);
  });

  it("measures against how the head was held at the start", () => {
    const tilted = perform(["turn_left"], (progress) => ({ yaw: progress.phase === "do" ? 30 : 12, pitch: 15 }));
    // 30 degrees are only 18 more than 12: not enough yet.
    expect(tilted.took).toBeGreaterThan(5_000);
    const further = perform(["turn_left"], (progress) => ({ yaw: progress.phase === "do" ? 38 : 12, pitch: 15 }));
    expect(further.took).toBeLessThan(3_500);
  });

  it("does not ask anybody who came closer to go back", () => {
    const closer = perform(["move_closer", "turn_left"], (progress) => {
      if (progress.phase === "straight") return {};
      return { height: 240, ...(progress.phase === "do" && progress.step === 1 ? { yaw: 30 } : {}) };
    });
    expect(closer.took).toBeLessThan(4_500);
  });

  it("keeps to the service's time when nothing sees", () => {
    const blind = perform(["turn_left", "look_up", "turn_right"], () => ({}), false);
    expect(blind.phases.length).toBe(8);
    expect(blind.took).toBeLessThan(15_000);
    expect(perform(["blink"], () => ({})).phases).toEqual(["straight 0", "do 0", "back 0", "finish 0"]);
  });

  it("never takes longer for a capture than the service allows", () => {
    const asleep = perform(steps, () => ({}));
    expect(asleep.took).toBeLessThan(20_000);
  });
});
