import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Size } from "../geometry/box";

/** The stage takes the shape of what it shows, but never a strip or a tower. */
const NARROWEST = 3 / 4;
const WIDEST = 16 / 9;

interface StageProps {
  /** Size of what is shown, in its own pixels. */
  readonly size: Size;
  /** Told the stage's size in CSS pixels, and again whenever it changes. */
  readonly onFrame?: (frame: Size) => void;
  readonly children: ComponentChildren;
}

/** The dark frame that a photo or the camera is shown in. */
export function Stage({ size, onFrame, children }: StageProps) {
  const element = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!element.current || !onFrame) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) onFrame({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [onFrame]);

  const shape = Math.min(WIDEST, Math.max(NARROWEST, size.width / size.height));
  return (
    <div class="stage" ref={element} style={{ aspectRatio: String(shape), "--shape": String(shape) }}>
      {children}
    </div>
  );
}
