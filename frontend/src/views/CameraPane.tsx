import { useEffect, useRef, useState } from "preact/hooks";
import type { Size } from "../geometry/box";
import { ui } from "../text/en";
import { Button } from "./Button";
import { Stage } from "./Stage";

/** What most cameras answer with; replaced as soon as the first frame says otherwise. */
const USUAL_SIZE: Size = { width: 16, height: 9 };

/** Frames to let pass first: the first ones of a camera are often black or still too dark. */
const SETTLING_FRAMES = 8;

interface CameraPaneProps {
  readonly stream: MediaStream;
  readonly onTake: (video: HTMLVideoElement) => void;
  readonly onClose: () => void;
}

/** The live preview, as in a mirror, with an oval to aim at. */
export function CameraPane({ stream, onTake, onClose }: CameraPaneProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [size, setSize] = useState<Size>();
  const [settled, setSettled] = useState(false);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    setSettled(false);
    let frames = 0;
    let handle = 0;
    const count = () => {
      frames += 1;
      if (frames < SETTLING_FRAMES) handle = element.requestVideoFrameCallback(count);
      else setSettled(true);
    };
    handle = element.requestVideoFrameCallback(count);
    return () => element.cancelVideoFrameCallback(handle);
  }, [stream]);

  const measure = () => {
    const element = video.current;
    if (element?.videoWidth) setSize({ width: element.videoWidth, height: element.videoHeight });
  };

  return (
    <>
      <Stage size={size ?? USUAL_SIZE}>
        <video
          class="media mirrored"
          ref={video}
          autoplay
          muted
          playsInline
          onLoadedData={measure}
          onResize={measure}
          aria-label={ui.cameraOpen}
        />
        <div class="oval" aria-hidden="true" />
      </Stage>
      <div class="actions">
        <Button kind="primary" waiting={!size || !settled} onPress={() => video.current && onTake(video.current)}>
          {ui.takePicture}
        </Button>
        <Button onPress={onClose}>{ui.closeCamera}</Button>
      </div>
    </>
  );
}
