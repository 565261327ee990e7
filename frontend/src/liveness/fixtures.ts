/** Faces and looks for the tests of this folder. */
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
  return { at: seen.at ?? 0, size: SIZE, faces: [face(seen), ...others], brightness: seen.brightness ?? 120 };
}

export function nobody(at = 0): Sighting {
  return { at, size: SIZE, faces: [], brightness: 0 };
}
