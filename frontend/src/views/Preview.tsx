import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SeenFace } from "../detector/port";
import type { Size } from "../geometry/box";
import { backingSize, viewport } from "../geometry/viewport";
import type { Flow } from "../liveness/machine";
import type { Runner } from "../liveness/runner";
import { draw, type SceneFace } from "../overlay/draw";
import { useTexts } from "../text/context";
import { Stage } from "./Stage";

/** What most cameras answer with; replaced as soon as the first frame says otherwise. */
const USUAL_SIZE: Size = { width: 16, height: 9 };

interface PreviewProps<T> {
  readonly runner: Runner<T>;
  readonly flow: Flow;
  readonly children: ComponentChildren;
}

/** The camera as in a mirror, with what was found drawn over it. */
export function Preview<T>({ runner, flow, children }: PreviewProps<T>) {
  const { ui } = useTexts();
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>();
  const [frame, setFrame] = useState<Size>();

  useEffect(() => {
    runner.attach(video.current);
    return () => runner.attach(null);
  }, [runner]);

  const { last } = flow;
  const good = flow.hint?.hint === "good" || flow.state.at === "challenge";
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || !frame) return;
    const pixelRatio = window.devicePixelRatio;
    const { width, height } = backingSize(frame, pixelRatio);
    if (canvas.current.width !== width || canvas.current.height !== height) {
      Object.assign(canvas.current, { width, height });
    }
    const source = last?.size ?? size ?? USUAL_SIZE;
    const view = viewport({ source, frame, fit: "contain", mirror: true });
    draw(context, { view, pixelRatio, faces: (last?.faces ?? []).map((face) => sceneFace(face, good)) });
  }, [last, good, frame, size]);

  const measure = () => {
    const element = video.current;
    if (element?.videoWidth) setSize({ width: element.videoWidth, height: element.videoHeight });
  };

  return (
    <div class="preview">
      <Stage size={size ?? USUAL_SIZE} onFrame={setFrame}>
        <video
          class="media mirrored"
          ref={video}
          autoplay
          muted
          playsInline
          onLoadedData={measure}
          onResize={measure}
          aria-label={ui.preview}
        />
        <div class={good ? "oval oval-good" : "oval"} aria-hidden="true" />
        <canvas class="media" ref={canvas} aria-hidden="true" data-faces={last?.faces.length} />
      </Stage>
      {children}
    </div>
  );
}

function sceneFace({ box, points }: SeenFace, good: boolean): SceneFace {
  const { eyeLeft, eyeRight, nose, mouth } = points;
  return { box, points: [eyeLeft, eyeRight, nose, mouth], good };
}
