/** Width and height in whatever unit the context names. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point; x grows to the right, y downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An axis-aligned box by its upper left corner and its extent. */
export interface Box extends Point, Size {}

/**
 * Scales `size` down until its longer side is at most `longest`, in whole pixels and
 * never below one. Smaller sizes come back as they are: enlarging adds no detail.
 */
export function fitWithin(size: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(size.width, size.height));
  const whole = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: whole(size.width), height: whole(size.height) };
}
