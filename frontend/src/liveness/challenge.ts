/**
 * Where somebody is in a sequence of steps, from what is seen or, unseen, from the time. Pure.
 *
 * This paces the prompts. The service decides whether a step was met. It asks for less than this
 * page does, so a step that is done here is done there.
 */
import type { Sighting } from "../detector/port";
import { poseOf } from "../detector/pose";
import type { Action } from "../api/types";

/** What is known of a face while it moves. */
export interface Pace {
  readonly yaw: number;
  readonly pitch: number;
  readonly height: number;
}

/** `do` the step, come `back` from it; `straight` before the first and after the last. */
export type Phase = "straight" | "do" | "back" | "finish";

export interface Progress {
  readonly phase: Phase;
  /** Index of the step. */
  readonly step: number;
  /** When the phase began, in milliseconds. */
  readonly since: number;
  /** Since when what the phase waits for has been seen. */
  readonly reachedAt?: number;
  /** How the head was held at the start; `undefined` until it was seen. */
  readonly start?: Pace;
}

/** Degrees from which a turn and a raised chin count: a quarter more than at the service. */
const TURNED = 23;
const RAISED = 16;
/** Degrees below which a head is back: less than at the service. */
const BACK_YAW = 9;
const BACK_PITCH = 7;
/** Face heights of the start from which somebody has come closer. */
const CLOSER = 1.33;

/** Milliseconds. A pose is held until two frames have surely seen it. */
const HOLD_MS = 450;
/** The look ahead before the first step, and after the last. */
const STRAIGHT_MS = 900;
const FINISH_MS = 700;
/** When a phase is over though nothing was seen; within the time the service gives a step. */
const DO_PATIENCE_MS = 4_000;
const BACK_PATIENCE_MS = 1_800;
/** The same without anything that sees. */
const DO_UNSEEN_MS = 2_200;
const BACK_UNSEEN_MS = 1_400;
/** Eyes cannot be seen to close: they get this long. */
const BLINK_MS = 1_300;
const OPENED_MS = 900;

export function begin(now: number): Progress {
  return { phase: "straight", step: 0, since: now };
}

/** Longest that a phase of `action` lasts. */
function patience(phase: Phase, action: Action | undefined, sees: boolean): number {
  if (phase === "straight") return STRAIGHT_MS;
  if (phase === "finish") return FINISH_MS;
  if (action === "blink") return phase === "do" ? BLINK_MS : OPENED_MS;
  if (phase === "do") return sees ? DO_PATIENCE_MS : DO_UNSEEN_MS;
  return sees ? BACK_PATIENCE_MS : BACK_UNSEEN_MS;
}

/**
 * After `now`, with what was last seen if anything sees. `undefined` once everything is done.
 */
export function advance(
  progress: Progress,
  steps: readonly Action[],
  now: number,
  sees: boolean,
  sighting: Sighting | undefined,
): Progress | undefined {
  const seen = paceOf(sighting);
  const start = progress.start ?? (progress.phase === "straight" ? seen : undefined);
  const current: Progress = start ? { ...progress, start } : progress;
  const action = steps[progress.step];
  const timeUp = now - progress.since >= patience(progress.phase, action, sees);
  const reached = seen && start && action ? meets(progress.phase, action, seen, start) : false;
  if (!reached) return timeUp ? next(current, steps, now) : withoutReached(current);
  const reachedAt = progress.reachedAt ?? now;
  const held = now - reachedAt >= (progress.phase === "do" ? HOLD_MS : HOLD_MS / 2);
  return held || timeUp ? next(current, steps, now) : { ...current, reachedAt };
}

function withoutReached({ reachedAt: _, ...progress }: Progress): Progress {
  return progress;
}

function next(progress: Progress, steps: readonly Action[], now: number): Progress | undefined {
  const { start } = progress;
  const to = (phase: Phase, step: number): Progress => ({ phase, step, since: now, ...(start ? { start } : {}) });
  switch (progress.phase) {
    case "straight":
      return steps.length > 0 ? to("do", 0) : to("finish", 0);
    case "do":
      return to("back", progress.step);
    case "back":
      return progress.step + 1 < steps.length ? to("do", progress.step + 1) : to("finish", progress.step);
    case "finish":
      return undefined;
  }
}

function paceOf(sighting: Sighting | undefined): Pace | undefined {
  const [face] = sighting?.faces ?? [];
  return face && { ...poseOf(face), height: face.box.height };
}

function meets(phase: Phase, action: Action, seen: Pace, start: Pace): boolean {
  const yaw = seen.yaw - start.yaw;
  const pitch = seen.pitch - start.pitch;
  if (phase === "do") {
    switch (action) {
      // Their own left is the right of the image.
      case "turn_left":
        return yaw >= TURNED;
      case "turn_right":
        return yaw <= -TURNED;
      case "look_up":
        return pitch >= RAISED;
      case "move_closer":
        return seen.height >= CLOSER * start.height;
      case "blink":
        return false;
    }
  }
  if (phase !== "back") return false;
  switch (action) {
    case "turn_left":
    case "turn_right":
      return Math.abs(yaw) <= BACK_YAW;
    case "look_up":
      return pitch <= BACK_PITCH;
    case "move_closer":
      // After coming closer, the person stays there.
      return true;
    case "blink":
      return false;
  }
}
