import { useEffect, useRef, useState } from "preact/hooks";
import type { Size } from "../geometry/box";
import { ui } from "../text/en";
import { Button } from "./Button";
import { Stage } from "./Stage";

/** What most cameras answer with; replaced as soon as the first frame says otherwise. */
const USUAL_SIZE: Size = { width: 16, height: 9 };

interface CameraPaneProps {
  readonly stream: MediaStream;
  readonly onTake: (video: HTMLVideoElement) => void;
  readonly onClose: () => void;
}

/** The live preview, as in a mirror, with an oval to aim at. */
export function CameraPane({ stream, onTake, onClose }: CameraPaneProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [size, setSize] = useState<Size>();

  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
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
        <Button kind="primary" waiting={!size} onPress={() => video.current && onTake(video.current)}>
          {ui.takePicture}
        </Button>
        <Button onPress={onClose}>{ui.closeCamera}</Button>
      </div>
    </>
  );
}
