/** Which frames of a recording are sent. Pure. */
import type { RecordedFrame } from "../camera/recorder";
import { type Held, STRAIGHT_MS } from "./challenge";

/** What a capture may be, as `POST /liveness/sessions` answers it. */
export interface FrameLimits {
  readonly min_frames: number;
  readonly max_frames: number;
  readonly max_gap_ms: number;
}

/** A frame as it is sent. */
export interface TimedFrame {
  readonly jpeg: Blob;
  /** Milliseconds after the first frame. */
  readonly t: number;
}

/**
 * Frames that are sent at most, if the service allows as many. Each costs the service time and the
 * person a little waiting. Where nothing saw when the steps were done, more frames are needed to
 * have each of them.
 */
const ENOUGH = { seen: 18, unseen: 24 };

/**
 * Frames of the look ahead before the first step that are sent. The service takes the face and the
 * head's straight position from frames like these: somebody who looks up in most of the others must
 * not seem to have begun with a bowed head.
 */
export const AHEAD = 7;

/** Gaps between two frames stay below this share of what the service allows. */
export const WIDEST_SHARE = 0.7;

/** Milliseconds after a prompt in which nobody moves yet. */
export const REACTION_MS = 200;

/** The frames to send, with their times after the first. */
export function chooseFrames(
  frames: readonly RecordedFrame[],
  held: readonly Held[],
  limits: FrameLimits,
): TimedFrame[] {
  const indices = selectFrames(frames.map((frame) => frame.at), held, limits);
  const chosen = indices.flatMap((index) => frames[index] ?? []);
  const first = chosen[0]?.at ?? 0;
  return chosen.map(({ jpeg, at }) => ({ jpeg, t: Math.round(at - first) }));
}

/**
 * Indices of the frames to send out of those taken at `times`, in milliseconds: the first and the
 * last; of each time that something was `held` the first frame and the last; some of the look ahead; and of
 * the others as many as there is room for, where the gaps are widest, and as many as it takes to
 * leave no gap that the service would refuse. Fewer than `min_frames` come
 * back as they are; the service says what it thinks of them.
 */
export function selectFrames(times: readonly number[], held: readonly Held[], limits: FrameLimits): number[] {
  const most = Math.min(held.length > 0 ? ENOUGH.seen : ENOUGH.unseen, limits.max_frames);
  if (times.length <= most) return times.map((_, index) => index);
  const ofSteps = held.flatMap(({ from, to }) => {
    const within = times.flatMap((time, index) => (time >= from && time <= to ? [index] : []));
    // On a busy device a short time may have none: nobody moves on within the moment after it.
    const after = times.findIndex((time) => time >= from);
    return [within[0] ?? Math.max(0, after), within.at(-1) ?? Math.max(0, after)];
  });
  const moves = (times[0] ?? 0) + STRAIGHT_MS + REACTION_MS;
  const ahead = times.filter((time) => time <= moves).length;
  const some = Math.min(AHEAD, ahead);
  const ofAhead = Array.from({ length: some }, (_, n) => Math.round((n * (ahead - 1)) / Math.max(1, some - 1)));
  const chosen = new Set([0, times.length - 1, ...ofSteps, ...ofAhead].slice(0, most));
  while (chosen.size < limits.max_frames) {
    const { index, gap } = widestGap(times, chosen);
    // Somebody who is slow needs more frames than others: a long gap is refused.
    if (gap <= 0 || (chosen.size >= most && gap <= WIDEST_SHARE * limits.max_gap_ms)) break;
    chosen.add(index);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The widest gap between chosen frames that has others in it, and the one nearest to its middle. */
function widestGap(times: readonly number[], chosen: ReadonlySet<number>): { index: number; gap: number } {
  const sorted = [...chosen].sort((a, b) => a - b);
  let best = { index: 0, gap: 0 };
  for (let n = 1; n < sorted.length; n += 1) {
    const [before = 0, after = 0] = [sorted[n - 1], sorted[n]];
    const [from = 0, to = 0] = [times[before], times[after]];
    if (after - before < 2 || to - from <= best.gap) continue;
    let index = before + 1;
    const off = (at: number) => Math.abs((times[at] ?? 0) - (from + to) / 2);
    while (index + 1 < after && off(index + 1) < off(index)) index += 1;
    best = { index, gap: to - from };
  }
  return best;
}
