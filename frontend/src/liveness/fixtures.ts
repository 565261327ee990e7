/** Faces and looks for the tests of this folder. */
import { type Eyes, PATCH } from "../detector/eyes";
import type { SeenFace, Sighting } from "../detector/port";

export const SIZE = { width: 640, height: 480 };

export const LIMITS = { min_eye_distance: 24, min_brightness: 35, max_brightness: 225 };

export interface Look {
  readonly at?: number;
  /** Degrees; positive looks to the image's right, and up. */
  readonly yaw?: number;
  readonly pitch?: number;
  /** Height of the face box in pixels. */
  readonly height?: number;
  /** Middle of the face. */
  readonly x?: number;
  readonly y?: number;
  readonly brightness?: number;
  /** Whether the eyes are closed. */
  readonly closed?: boolean;
}

/** A face whose points say the pose that is asked for: the inverse of `poseOf`. */
export function face({ yaw = 0, pitch = 0, height = 170, x = 320, y = 265 }: Look = {}): SeenFace {
  const ear = height * 0.45;
  const nose = x + ear * 1.3 * Math.tan((yaw * Math.PI) / 180);
  const level = y - height * 0.05;
  return {
    score: 0.95,
    box: { x: x - height / 2, y: y - height / 2, width: height, height },
    points: {
      eyeLeft: { x: x - height * 0.2, y: y - height * 0.2 },
      eyeRight: { x: x + height * 0.2, y: y - height * 0.2 },
      nose: { x: nose, y: level - (pitch / 110) * height },
      mouth: { x, y: y + height * 0.25 },
      earLeft: { x: x - ear, y: level },
      earRight: { x: x + ear, y: level },
    },
  };
}

export function look(seen: Look = {}, ...others: SeenFace[]): Sighting {
  const eyes = seen.closed ? CLOSED_EYES : OPEN_EYES;
  return { at: seen.at ?? 0, size: SIZE, faces: [face(seen), ...others], brightness: seen.brightness ?? 120, eyes };
}

/** A patch that is `grey` at each point, given in patch widths from its middle. */
export function patch(grey: (x: number, y: number) => number): Float32Array {
  const { width, height } = PATCH;
  return Float32Array.from({ length: width * height }, (_, n) => {
    return grey(((n % width) + 0.5) / width - 0.5, (Math.floor(n / width) + 0.5 - height / 2) / width);
  });
}

/** A dark iris in a white eye, moved by `dx`. */
export const openEye = (dx = 0) =>
  patch((x, y) => {
    const away = Math.hypot(x - dx, y);
    return away < 0.11 ? 40 : ((x - dx) / 0.3) ** 2 + (y / 0.13) ** 2 < 1 ? 210 : 150;
  });

/** Skin, and lashes below. */
export const closedEye = () => patch((x, y) => (Math.abs(y - 0.1 + x * x) < 0.03 ? 60 : 150));

const OPEN_EYES: Eyes = [openEye(), openEye()];
const CLOSED_EYES: Eyes = [closedEye(), closedEye()];

export function nobody(at = 0): Sighting {
  return { at, size: SIZE, faces: [], brightness: 0 };
}
