/**
 * The one mapping between the pixels of a picture (or a video frame) and the page.
 *
 * Everything that is drawn over a picture goes through here. So boxes stay on the faces when the
 * picture is cropped, mirrored or shown on a dense screen. `fit` and `mirror` must be what the
 * style sheet does to the element: `object-fit` and `transform: scaleX(-1)`.
 */
import type { Box, Point, Size } from "./box";

/** How a picture fills its frame: the CSS `object-fit` of the same name. */
export type Fit = "contain" | "cover";

export interface ViewportOptions {
  /** Size of the picture in its own pixels. */
  readonly source: Size;
  /** Size of the element that shows it, in CSS pixels. */
  readonly frame: Size;
  readonly fit: Fit;
  /** Whether the picture is shown as in a mirror. */
  readonly mirror: boolean;
}

export interface Viewport {
  readonly frame: Size;
  /** CSS pixels for one pixel of the picture. */
  readonly scale: number;
  toFrame(point: Point): Point;
  toFrameBox(box: Box): Box;
  toSource(point: Point): Point;
}

/** Builds the mapping. Sizes must be positive. */
export function viewport({ source, frame, fit, mirror }: ViewportOptions): Viewport {
  const ratioX = frame.width / source.width;
  const ratioY = frame.height / source.height;
  const scale = fit === "contain" ? Math.min(ratioX, ratioY) : Math.max(ratioX, ratioY);
  // The picture is centred: what is left over (or cut off) is shared by both sides.
  const offsetX = (frame.width - source.width * scale) / 2;
  const offsetY = (frame.height - source.height * scale) / 2;
  const flip = (x: number) => (mirror ? frame.width - x : x);

  const toFrame = (point: Point): Point => ({
    x: flip(point.x * scale + offsetX),
    y: point.y * scale + offsetY,
  });
  return {
    frame,
    scale,
    toFrame,
    toFrameBox(box) {
      const width = box.width * scale;
      const corner = toFrame(box);
      // A mirror turns the left edge into the right one.
      return { x: mirror ? corner.x - width : corner.x, y: corner.y, width, height: box.height * scale };
    },
    toSource: (point) => ({ x: (flip(point.x) - offsetX) / scale, y: (point.y - offsetY) / scale }),
  };
}

/** Size of a canvas' pixel buffer, so that lines stay crisp at `pixelRatio` device pixels a CSS pixel. */
export function backingSize(frame: Size, pixelRatio: number): Size {
  return { width: Math.round(frame.width * pixelRatio), height: Math.round(frame.height * pixelRatio) };
}
