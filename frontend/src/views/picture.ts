/** What the picture field shows and what may happen next: a pure machine, without a browser. */
import type { Result } from "../api/errors";
import type { Detection } from "../api/types";
import type { Photo, PhotoTrouble } from "../camera/photo";
import { adviceLine, type Texts } from "../text/texts";

export type Picture =
  | { readonly at: "empty" }
  | { readonly at: "preparing" }
  | { readonly at: "photoTrouble"; readonly trouble: PhotoTrouble }
  /** `found` is absent while the service still looks for faces. */
  | { readonly at: "photo"; readonly photo: Photo; readonly found?: Result<Detection> };

export type PictureEvent =
  | { readonly type: "photoAsked" }
  | { readonly type: "photoReady"; readonly photo: Photo }
  | { readonly type: "photoFailed"; readonly trouble: PhotoTrouble }
  | { readonly type: "facesFound"; readonly photo: Photo; readonly found: Result<Detection> }
  | { readonly type: "cleared" };

export const EMPTY: Picture = { at: "empty" };

/** The next state. An event that belongs to a picture no longer shown changes nothing. */
export function reducePicture(state: Picture, event: PictureEvent): Picture {
  switch (event.type) {
    case "photoAsked":
      return { at: "preparing" };
    case "photoReady":
      return { at: "photo", photo: event.photo };
    case "photoFailed":
      return { at: "photoTrouble", trouble: event.trouble };
    case "facesFound":
      return state.at === "photo" && state.photo === event.photo
        ? { at: "photo", photo: state.photo, found: event.found }
        : state;
    case "cleared":
      return EMPTY;
  }
}

/** The service's findings in words: `good` needs no change. */
export interface Verdict {
  readonly good: boolean;
  readonly lines: readonly string[];
}

/** Puts findings into words. More than one face is said first: its quality is then beside the point. */
export function verdictOf(found: Result<Detection>, texts: Texts): Verdict {
  const { ui } = texts;
  if (!found.ok) return { good: false, lines: [ui.notChecked] };
  const { faces } = found.value;
  const [face] = faces;
  if (!face) return { good: false, lines: [adviceLine(texts, "no_face")] };
  if (faces.length > 1) return { good: false, lines: [ui.severalFaces(faces.length)] };
  if (face.quality.acceptable) return { good: true, lines: [ui.goodFace] };
  return { good: false, lines: face.quality.reasons.map((reason) => adviceLine(texts, reason)) };
}
