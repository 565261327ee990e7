/**
 * From what was seen to the one thing a person should change. Pure.
 *
 * The limits are the service's own (`GET /capture`), with room to spare: a face that is barely
 * large enough here may be too small in the frame that is judged.
 */
import type { SeenFace, Sighting } from "../detector/port";
import { poseOf } from "../detector/pose";
import type { Size } from "../geometry/box";

export type Hint =
  | "no_face" | "several_faces" | "too_dark" | "too_bright" | "closer" | "further"
  | "left" | "right" | "up" | "down" | "still" | "straight" | "good";

/** What the service asks of a face, as `GET /capture` answers it. */
export interface FaceLimits {
  readonly min_eye_distance: number;
  readonly min_brightness: number;
  readonly max_brightness: number;
}

/** The service's limits are kept with this much to spare. */
const SPARE = 1.4;

/**
 * Height of the face box in shorter sides of the picture: from a long arm's length to where
 * coming closer by a third would leave the picture.
 */
const FACE_SHARE = { least: 0.24, most: 0.46 };

/** How far the middle of the face may be from the middle of the picture, in its shorter sides. */
const OFF_CENTRE = { x: 0.16, y: 0.18 };

/** A second face counts from this share of the first one's height, as it does at the service. */
const SECOND_FACE = 0.5;

/** Most degrees the head is turned in a straight look. */
const STRAIGHT_YAW = 12;

/** Most that a face moves in a second and holds still, in its own heights. */
const STILL_SPEED = 0.5;

/** The one thing to change, most urgent first; `good` when there is none. */
export function hintOf(now: Sighting, before: Sighting | undefined, limits: FaceLimits): Hint {
  const [face, second] = now.faces;
  if (!face) return "no_face";
  if (second && second.box.height >= SECOND_FACE * face.box.height) return "several_faces";
  if (now.brightness < limits.min_brightness * SPARE) return "too_dark";
  if (now.brightness > limits.max_brightness) return "too_bright";
  const shorter = Math.min(now.size.width, now.size.height);
  const share = face.box.height / shorter;
  if (share < FACE_SHARE.least || eyeDistance(face) < limits.min_eye_distance * SPARE) return "closer";
  if (share > FACE_SHARE.most) return "further";
  const aside = offCentre(face, now.size, shorter);
  if (aside) return aside;
  if (Math.abs(poseOf(face).yaw) > STRAIGHT_YAW) return "straight";
  return speed(now, before) > STILL_SPEED ? "still" : "good";
}

/** Which way to move. People see themselves as in a mirror and move by their own sides. */
function offCentre({ box }: SeenFace, size: Size, shorter: number): Hint | undefined {
  const x = (box.x + box.width / 2 - size.width / 2) / shorter;
  // The box ends at the brows: the middle of the head is above its own.
  const y = (box.y + box.height * 0.35 - size.height / 2) / shorter;
  // Their own left is the right of the image.
  if (x > OFF_CENTRE.x) return "right";
  if (x < -OFF_CENTRE.x) return "left";
  if (y > OFF_CENTRE.y) return "up";
  if (y < -OFF_CENTRE.y) return "down";
  return undefined;
}

function eyeDistance({ points }: SeenFace): number {
  return Math.hypot(points.eyeRight.x - points.eyeLeft.x, points.eyeRight.y - points.eyeLeft.y);
}

/** How fast the largest face moves, in its own heights a second. */
export function speed(now: Sighting, before: Sighting | undefined): number {
  const [a, b] = [now.faces[0], before?.faces[0]];
  if (!a || !b || !before || now.at <= before.at) return Number.POSITIVE_INFINITY;
  const middle = ({ box }: SeenFace) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const [to, from] = [middle(a), middle(b)];
  return (Math.hypot(to.x - from.x, to.y - from.y) / a.box.height / (now.at - before.at)) * 1000;
}

/** A hint that stays for long enough to be read. */
export interface ShownHint {
  readonly hint: Hint;
  /** Since when it is shown. */
  readonly since: number;
  /** What has been seen instead, and since when. */
  readonly next?: { readonly hint: Hint; readonly since: number };
}

/** A new hint must be seen for so long, in milliseconds, before it replaces the old one. */
const SETTLE_MS = 250;

/** And the old one is shown for so long at least. */
const SHOW_MS = 700;

/** The hint to show after `seen` was seen. Hysteresis, so that words do not flicker. */
export function showHint(shown: ShownHint | undefined, seen: Hint, now: number): ShownHint {
  if (!shown) return { hint: seen, since: now };
  if (seen === shown.hint) return { hint: shown.hint, since: shown.since };
  const next = shown.next?.hint === seen ? shown.next : { hint: seen, since: now };
  const settled = now - next.since >= SETTLE_MS && now - shown.since >= SHOW_MS;
  return settled ? { hint: seen, since: now } : { ...shown, next };
}
