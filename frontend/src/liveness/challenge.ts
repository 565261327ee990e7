/**
 * Where somebody is in a sequence of steps, from what is seen or, unseen, from the time. Pure.
 *
 * This paces the prompts. The service decides whether a step was met. It asks for less than this
 * page does, so a step that is done here is done there. As soon as a step is seen to be done, the
 * next one is asked for. The head comes back to the middle only where the next step would not be
 * seen without it.
 */
import { areClosed, type Eyes } from "../detector/eyes";
import type { Sighting } from "../detector/port";
import { poseOf } from "../detector/pose";
import type { Action } from "../api/types";

/** What is known of a face while it moves. */
export interface Pace {
  readonly yaw: number;
  readonly pitch: number;
  readonly height: number;
  /** What the eyes look like, where a step asks to close them. */
  readonly eyes?: Eyes;
}

/** `do` the step, come `back` from it; `straight` before the first and after the last. */
export type Phase = "straight" | "do" | "back" | "finish";

/** When a step was done, in milliseconds: from `from` on it was seen, at `to` it had been held. */
export interface Held {
  readonly from: number;
  readonly to: number;
}

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
  /** The steps that were seen so far. */
  readonly held: readonly Held[];
  /** When the head, or open eyes, were seen to be back from a step: without it two are one. */
  readonly returned: readonly Held[];
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
const HOLD_MS = 250;
/**
 * The look ahead before the first step. The service measures everything against its first 300 ms,
 * and takes the face from frames like these.
 */
export const STRAIGHT_MS = 600;
/** The last look ahead, where nothing has seen the last step. */
const FINISH_MS = 700;
/** When a phase is over though nothing was seen; within the time the service gives a step. */
const DO_PATIENCE_MS = 4_000;
const BACK_PATIENCE_MS = 1_800;
/** How long open eyes are waited for: without them nothing tells whether they close later. */
const OPEN_EYES_PATIENCE_MS = 1_800;
/** The same without anything that sees. */
const DO_UNSEEN_MS = 2_200;
const BACK_UNSEEN_MS = 1_400;
/**
 * Eyes are closed for so long that the frames that are sent show it over the 400 ms that the service
 * asks for, even where a busy device takes one in 400 ms.
 */
const CLOSED_HOLD_MS = 1_200;
/** Nobody closes the eyes sooner after the prompt: what looks like it is something else. */
const CLOSE_REACTION_MS = 200;
/** The time that opening them takes. */
const OPENED_MS = 900;

/** A challenge whose look ahead began at `since`. */
export function begin(since: number): Progress {
  return { phase: "straight", step: 0, since, held: [], returned: [] };
}

/** Longest that the phase of `progress` lasts. */
function patience({ phase, step, start, held }: Progress, steps: readonly Action[], sees: boolean): number {
  const blinks = steps[step] === "blink";
  switch (phase) {
    case "straight":
      return sees && steps.includes("blink") && !start?.eyes ? OPEN_EYES_PATIENCE_MS : STRAIGHT_MS;
    case "do":
      return sees ? DO_PATIENCE_MS : DO_UNSEEN_MS;
    case "back":
      return blinks ? OPENED_MS : sees ? BACK_PATIENCE_MS : BACK_UNSEEN_MS;
    case "finish":
      return held.length === steps.length ? 0 : FINISH_MS;
  }
}

/** Longest that `progress` still takes from `now` on, in milliseconds: when nothing more is seen. */
export function longest(progress: Progress, steps: readonly Action[], now: number, sees: boolean): number {
  let { reachedAt: _, ...at }: Progress = progress;
  let sum = Math.max(0, patience(at, steps, sees) - (now - at.since));
  for (let after = next(at, steps, now); after; after = next(after, steps, now)) {
    at = after;
    sum += patience(at, steps, sees);
  }
  return sum;
}

/**
 * Frames that the steps of `progress` still need at least: the first and the last of each while it is
 * held, and of the time in which closed eyes are open again.
 */
export function framesLeft({ phase, step }: Progress, steps: readonly Action[]): number {
  const left = steps.slice(phase === "straight" || phase === "do" ? step : step + 1);
  return left.reduce((sum, action) => sum + (action === "blink" ? 4 : 2), 0);
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
  const start = startOf(progress, seen);
  const current: Progress = start ? { ...progress, start } : progress;
  const action = steps[progress.step];
  const timeUp = now - progress.since >= patience(current, steps, sees);
  const early = progress.phase === "do" && action === "blink" && now - progress.since < CLOSE_REACTION_MS;
  const reached = seen && start && action && !early ? meets(progress.phase, action, seen, start) : false;
  if (!reached) return timeUp ? next(withoutReached(current), steps, now) : withoutReached(current);
  const reachedAt = progress.reachedAt ?? now;
  const held = now - reachedAt >= holdOf(progress.phase, action);
  const there = { ...current, reachedAt };
  return held || timeUp ? next(there, steps, now) : there;
}

/**
 * How the head was held at the start. The first look can be older than the steps, and then nobody
 * has looked at the eyes: they are taken from the next one.
 */
function startOf({ phase, start }: Progress, seen: Pace | undefined): Pace | undefined {
  if (phase !== "straight") return start;
  if (!start) return seen;
  return start.eyes || !seen?.eyes ? start : { ...start, eyes: seen.eyes };
}

/** How long what a phase waits for has to be seen, in milliseconds. */
function holdOf(phase: Phase, action: Action | undefined): number {
  if (action === "blink") return phase === "do" ? CLOSED_HOLD_MS : HOLD_MS;
  return phase === "do" ? HOLD_MS : HOLD_MS / 2;
}

function withoutReached({ reachedAt: _, ...progress }: Progress): Progress {
  return progress;
}

function next(progress: Progress, steps: readonly Action[], now: number): Progress | undefined {
  const { phase, step, start, reachedAt } = progress;
  const seen = reachedAt === undefined ? [] : [{ from: reachedAt, to: now }];
  const done = phase === "do" && seen.length > 0;
  const held = done ? [...progress.held, ...seen] : progress.held;
  const returned = phase === "back" ? [...progress.returned, ...seen] : progress.returned;
  const to = (phase: Phase, step: number): Progress => ({
    phase, step, since: now, held, returned, ...(start ? { start } : {}),
  });
  const after = () => (step + 1 < steps.length ? to("do", step + 1) : to("finish", step));
  switch (phase) {
    case "straight":
      return steps.length > 0 ? to("do", 0) : to("finish", 0);
    case "do":
      return done && chains(steps[step], steps[step + 1]) ? after() : to("back", step);
    case "back":
      return after();
    case "finish":
      return undefined;
  }
}

/**
 * Whether `next` can be asked for while the head is still where `action` brought it. The same once
 * more needs a way back first, and closed eyes are seen only in a head that looks ahead. Who has
 * them closed does not see what is asked for next.
 */
function chains(action: Action | undefined, next: Action | undefined): boolean {
  return next !== action && next !== "blink" && action !== "blink";
}

function paceOf(sighting: Sighting | undefined): Pace | undefined {
  const [face] = sighting?.faces ?? [];
  return face && { ...poseOf(face), height: face.box.height, ...(sighting?.eyes ? { eyes: sighting.eyes } : {}) };
}

/**
 * Whether what `phase` of `action` waits for is seen. The step before may not have ended: the
 * service counts a raised chin and a closer face only of a head that is not turned, and a step only
 * once the one before it has ended.
 */
function meets(phase: Phase, action: Action, seen: Pace, start: Pace): boolean {
  const yaw = seen.yaw - start.yaw;
  const pitch = seen.pitch - start.pitch;
  const ahead = Math.abs(yaw) <= BACK_YAW;
  const lowered = pitch <= BACK_PITCH;
  const closed = seen.eyes && start.eyes ? areClosed(seen.eyes, start.eyes) : false;
  if (phase === "do") {
    switch (action) {
      // Their own left is the right of the image.
      case "turn_left":
        return yaw >= TURNED;
      case "turn_right":
        return yaw <= -TURNED;
      case "look_up":
        return ahead && pitch >= RAISED;
      case "move_closer":
        return ahead && lowered && seen.height >= CLOSER * start.height;
      case "blink":
        return ahead && lowered && closed;
    }
  }
  if (phase !== "back") return false;
  switch (action) {
    case "turn_left":
    case "turn_right":
      return ahead;
    case "look_up":
      return lowered;
    case "move_closer":
      // After coming closer, the person stays there.
      return true;
    case "blink":
      return !closed;
  }
}
