import { useEffect, useRef, useState } from "preact/hooks";
import type { Result } from "../api/errors";
import type { Detection } from "../api/types";
import type { Photo } from "../camera/photo";
import type { Size } from "../geometry/box";
import { backingSize, viewport } from "../geometry/viewport";
import { draw, type SceneFace } from "../overlay/draw";
import { useTexts } from "../text/context";
import { Stage } from "./Stage";
import { useObjectUrl } from "./useObjectUrl";

/** The chosen photo with the faces that were found drawn over it. */
export function PhotoPane({ photo, found }: { photo: Photo; found?: Result<Detection> | undefined }) {
  const { ui } = useTexts();
  const url = useObjectUrl(photo.jpeg);
  const [frame, setFrame] = useState<Size>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const faces = found?.ok ? found.value.faces : undefined;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || !frame) return;
    const pixelRatio = window.devicePixelRatio;
    const { width, height } = backingSize(frame, pixelRatio);
    canvas.current.width = width;
    canvas.current.height = height;
    const view = viewport({ source: photo.size, frame, fit: "contain", mirror: photo.mirror });
    draw(context, { view, pixelRatio, faces: (faces ?? []).map((face) => sceneFace(face, faces?.length === 1)) });
  }, [photo, faces, frame]);

  return (
    <Stage size={photo.size} onFrame={setFrame}>
      {url && <img class={photo.mirror ? "media mirrored" : "media"} src={url} alt={ui.photoAlt} />}
      <canvas class="media" ref={canvas} aria-hidden="true" data-faces={faces?.length} />
      {!found && <div class="scan" aria-hidden="true" />}
    </Stage>
  );
}

function sceneFace(face: Detection["faces"][number], alone: boolean): SceneFace {
  const { eye_image_left, eye_image_right, nose, mouth_image_left, mouth_image_right } = face.landmarks;
  return {
    box: face.box,
    points: [eye_image_left, eye_image_right, nose, mouth_image_left, mouth_image_right],
    good: alone && face.quality.acceptable,
  };
}
