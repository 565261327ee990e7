/**
 * Which frames of a capture are sent while it is made. Pure.
 *
 * `select` chooses when all frames are there. This has to say of each soon after it was taken whether
 * it is sent, because frames are sent in order. It does not know how long the steps will take, so it
 * keeps frames back for the longest.
 */
import type { Held } from "./challenge";
import { STRAIGHT_MS } from "./challenge";
import { AHEAD, type FrameLimits, REACTION_MS, WIDEST_SHARE } from "./select";

/** What is known of the steps while frames are chosen. */
export interface View {
  /** When a step was held, or the head was back from it: what has ended. */
  readonly held: readonly Held[];
  /** Since when what is asked for now has been seen. */
  readonly reachedAt?: number | undefined;
  /** Frames that the steps to come need at least. */
  readonly framesLeft: number;
  /** Longest until the end, in milliseconds. */
  readonly longest: number;
  readonly sees: boolean;
  /** Everything is done, and every frame is there. */
  readonly over: boolean;
}

/** Which of the frames so far are sent. */
export interface Chosen {
  /** Indices of the frames that are sent, in order. */
  readonly sent: readonly number[];
  /** How many frames there is a decision on. */
  readonly decided: number;
}

export const NONE: Chosen = { sent: [], decided: 0 };

/**
 * Milliseconds between frames while nothing is held. What was chosen afterwards has as many, of
 * somebody who is neither quick nor slow. Where nothing sees, there are no other frames.
 */
const PAUSE_MS = { seen: 450, unseen: 600 };

/** Goes on from `chosen`, now that frames have been taken at `times`, in milliseconds. */
export function choose(chosen: Chosen, times: readonly number[], view: View, limits: FrameLimits): Chosen {
  const sent = [...chosen.sent];
  let { decided } = chosen;
  for (; decided < times.length; decided += 1) {
    const send = isSent(decided, sent, times, view, limits);
    if (send === undefined) break;
    if (send) sent.push(decided);
  }
  return { sent, decided };
}

/** Whether the service takes a capture of frames at `times`. */
export function isCapture(times: readonly number[], limits: FrameLimits): boolean {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return times.length >= limits.min_frames && times.length <= limits.max_frames && Math.max(...gaps) <= limits.max_gap_ms;
}

/** Whether frame `index` is sent; `undefined` when that depends on the next one. */
function isSent(
  index: number,
  sent: readonly number[],
  times: readonly number[],
  view: View,
  limits: FrameLimits,
): boolean | undefined {
  const time = times[index] ?? 0;
  const [first = time, before = Number.NEGATIVE_INFINITY] = [times[0], times[index - 1]];
  if (index === 0 || (view.over && index === times.length - 1)) return true;
  const after = times[index + 1];
  // One is left for the end, which may be this one.
  const room = limits.max_frames - sent.length - 1;
  if (room <= 0) return after === undefined ? undefined : false;
  if (time <= first + STRAIGHT_MS + REACTION_MS && sent.length < AHEAD) return true;

  const begins = (from: number) => time >= from && before < from;
  const seen = view.held.some(({ from }) => begins(from)) || (view.reachedAt !== undefined && begins(view.reachedAt));
  // What looked like a step may be none: the last frames of those to come stay possible.
  if (seen && room > view.framesLeft / 2) return true;

  const pause = time - (times[sent.at(-1) ?? 0] ?? time);
  if (pause >= shortestPause(room, view, limits)) return true;

  if (after === undefined) return undefined;
  return view.held.some(({ from, to }) => time >= from && time <= to && after > to);
}

/** Least time between two frames of which neither is of a step, with `room` for so many more. */
function shortestPause(room: number, { longest, framesLeft, sees }: View, limits: FrameLimits): number {
  const widest = WIDEST_SHARE * limits.max_gap_ms;
  const usual = Math.min(sees ? PAUSE_MS.seen : PAUSE_MS.unseen, widest);
  // Every other frame of a step is one more than its time needs.
  const needed = longest / widest + (sees ? framesLeft / 2 : 0);
  return room - 1 >= needed ? usual : widest;
}
