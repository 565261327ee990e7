import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import type { Api } from "../api/client";
import { openCamera, stopCamera } from "../camera/open";
import { type PhotoResult, photoFromFile, photoFromVideo } from "../camera/photo";
import { EMPTY, type Picture, reducePicture } from "./picture";

export interface PictureControl {
  readonly picture: Picture;
  chooseFile(file: Blob): void;
  openCamera(): void;
  takePicture(video: HTMLVideoElement): void;
  clear(): void;
}

/** Runs the picture machine: opens and stops the camera, prepares photos, asks for faces. */
export function usePicture(api: Api): PictureControl {
  const [picture, dispatch] = useReducer(reducePicture, EMPTY);
  // Every step makes a new attempt; replies to an older one are dropped.
  const attempt = useRef(0);
  const stream = useRef<MediaStream | null>(null);

  /** Turns the camera off and makes every reply that is still to come a late one. */
  const begin = useCallback(() => {
    if (stream.current) stopCamera(stream.current);
    stream.current = null;
    return ++attempt.current;
  }, []);

  // Leaving the field is a step as well.
  useEffect(() => () => void begin(), [begin]);

  const settle = useCallback(
    async (result: PhotoResult) => {
      const mine = begin();
      if (!result.ok) return dispatch({ type: "photoFailed", trouble: result.trouble });
      const { photo } = result;
      dispatch({ type: "photoReady", photo });
      const found = await api.detect(photo.jpeg);
      if (mine === attempt.current) dispatch({ type: "facesFound", photo, found });
    },
    [api, begin],
  );

  return {
    picture,

    async chooseFile(file) {
      const mine = begin();
      dispatch({ type: "photoAsked" });
      const result = await photoFromFile(file);
      if (mine === attempt.current) await settle(result);
    },

    async openCamera() {
      const mine = begin();
      dispatch({ type: "cameraAsked" });
      const result = await openCamera();
      if (mine !== attempt.current) {
        if (result.ok) stopCamera(result.stream);
        return;
      }
      if (!result.ok) return dispatch({ type: "cameraFailed", trouble: result.trouble });
      stream.current = result.stream;
      for (const track of result.stream.getTracks()) {
        // Fires when the device goes away, not when we stop the track ourselves.
        track.addEventListener("ended", () => {
          if (mine !== attempt.current) return;
          begin();
          dispatch({ type: "cameraFailed", trouble: "lost" });
        });
      }
      dispatch({ type: "cameraOpened", stream: result.stream });
    },

    async takePicture(video) {
      const mine = attempt.current;
      const result = await photoFromVideo(video);
      if (mine === attempt.current) await settle(result);
    },

    clear() {
      begin();
      dispatch({ type: "cleared" });
    },
  };
}
