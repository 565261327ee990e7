/** How a head is held, from six points. Good to a few degrees, which is enough to guide by. */
import type { SeenFace } from "./port";

/** Degrees. Sides are the image's: positive yaw looks to its right, positive pitch looks up. */
export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
}

/**
 * How far the nose stands out before the line between the ears, in half distances between
 * them. Fitted on rendered heads at known angles: yaw is within 5 degrees up to 32.
 */
const NOSE_DEPTH = 1.3;

/**
 * Degrees of pitch for each box height that the nose rises against the ears, on the same
 * heads. Where straight ahead lies differs between people by ten degrees, so only changes count.
 */
const PITCH_PER_HEIGHT = 110;

const DEGREES = 180 / Math.PI;

export function poseOf({ box, points }: SeenFace): HeadPose {
  const { nose, earLeft, earRight } = points;
  const between = Math.max(1, earRight.x - earLeft.x);
  const aside = (2 * (nose.x - earLeft.x)) / between - 1;
  const rise = (earLeft.y + earRight.y) / 2 - nose.y;
  return { yaw: Math.atan(aside / NOSE_DEPTH) * DEGREES, pitch: (rise / Math.max(1, box.height)) * PITCH_PER_HEIGHT };
}
