/** Which frames of a recording are sent. Pure. */

/** What a capture may be, as `POST /liveness/sessions` answers it. */
export interface FrameLimits {
  readonly min_frames: number;
  readonly max_frames: number;
  readonly max_gap_ms: number;
}

/**
 * Frames that are sent at most, if the service allows as many. Each costs the service 30 ms and
 * the person a little waiting; at three a second every step is still seen more than once.
 */
const ENOUGH = 24;

/**
 * Indices of the frames to send out of those taken at `times`, in milliseconds: evenly spread, the
 * first and the last among them. Fewer than `min_frames` come back as they are; the service says
 * what it thinks of them.
 */
export function selectFrames(times: readonly number[], limits: FrameLimits): number[] {
  const most = Math.min(ENOUGH, limits.max_frames);
  if (times.length <= most) return times.map((_, index) => index);
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  const chosen: number[] = [];
  for (let n = 0; n < most; n += 1) {
    const wanted = first + ((last - first) * n) / (most - 1);
    const from = (chosen.at(-1) ?? -1) + 1;
    // As many must remain as are still to be chosen.
    const to = times.length - (most - n);
    let best = from;
    for (let index = from; index <= to; index += 1) {
      if (Math.abs((times[index] ?? 0) - wanted) < Math.abs((times[best] ?? 0) - wanted)) best = index;
    }
    chosen.push(best);
  }
  return chosen;
}
