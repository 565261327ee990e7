/**
 * What finds faces in the preview. It guides people and decides nothing: the verdict is the
 * service's alone, from pictures that it looks at itself.
 */
import type { Box, Point, Size } from "../geometry/box";
import type { Eyes } from "./eyes";

/** A face that was found, in pixels of the video. */
export interface SeenFace {
  /** From the brows to the chin. */
  readonly box: Box;
  /** Sides are the image's. */
  readonly points: {
    readonly eyeLeft: Point;
    readonly eyeRight: Point;
    readonly nose: Point;
    readonly mouth: Point;
    readonly earLeft: Point;
    readonly earRight: Point;
  };
  /** How sure the finder is, 0 to 1. */
  readonly score: number;
}

/** One look at the preview. */
export interface Sighting {
  /** When it began, in milliseconds of a clock that only goes forward. */
  readonly at: number;
  /** The video's own size. */
  readonly size: Size;
  /** Largest first. */
  readonly faces: readonly SeenFace[];
  /** Mean grey value of the largest face, 0 to 255. */
  readonly brightness: number;
  /** Both eyes of the largest face, where they were asked for. */
  readonly eyes?: Eyes;
}

export interface Detector {
  /** Looks at what `video` shows now, and at its `eyes` too. Answers `undefined` when there is no frame yet. */
  look(video: HTMLVideoElement, eyes: boolean): Promise<Sighting | undefined>;
  close(): void;
}
