import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import type { Api } from "../api/client";
import { photoFromFile } from "../camera/photo";
import { EMPTY, type Picture, reducePicture } from "./picture";

export interface PictureControl {
  readonly picture: Picture;
  chooseFile(file: Blob): void;
  clear(): void;
}

/** Runs the picture machine: prepares photos, asks for faces. */
export function usePicture(api: Api): PictureControl {
  const [picture, dispatch] = useReducer(reducePicture, EMPTY);
  // Every step makes a new attempt; replies to an older one are dropped.
  const attempt = useRef(0);
  const begin = useCallback(() => ++attempt.current, []);

  // Leaving the field is a step as well.
  useEffect(() => () => void begin(), [begin]);

  return {
    picture,

    async chooseFile(file) {
      const mine = begin();
      dispatch({ type: "photoAsked" });
      const result = await photoFromFile(file);
      if (mine !== attempt.current) return;
      if (!result.ok) return dispatch({ type: "photoFailed", trouble: result.trouble });
      const { photo } = result;
      dispatch({ type: "photoReady", photo });
      const found = await api.detect(photo.jpeg);
      if (mine === attempt.current) dispatch({ type: "facesFound", photo, found });
    },

    clear() {
      begin();
      dispatch({ type: "cleared" });
    },
  };
}
