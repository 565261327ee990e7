import { describe, expect, it } from "vitest";
import type { Result } from "../api/errors";
import type { DetectedFace, Detection, ErrorCode } from "../api/types";
import type { Photo } from "../camera/photo";
import { goodFaceHint, hint, noHint, severalFacesHint } from "../text/en";
import { EMPTY, type Picture, type PictureEvent, reducePicture, verdictOf } from "./picture";

const photo = (): Photo => ({ jpeg: new Blob(["x"]), size: { width: 4, height: 3 }, mirror: false });
const stream = {} as MediaStream;

function faceWith(reasons: ErrorCode[]): DetectedFace {
  const at = { x: 0, y: 0 };
  return {
    box: { x: 0, y: 0, width: 1, height: 1 },
    landmarks: { eye_image_left: at, eye_image_right: at, nose: at, mouth_image_left: at, mouth_image_right: at },
    quality: { acceptable: reasons.length === 0, reasons },
  };
}

function found(...faces: DetectedFace[]): Result<Detection> {
  return { ok: true, value: { image: { width: 4, height: 3 }, faces } };
}

function run(...events: PictureEvent[]): Picture {
  return events.reduce(reducePicture, EMPTY);
}

describe("reducePicture", () => {
  it("walks from the camera to a checked photo", () => {
    const taken = photo();
    expect(run({ type: "cameraAsked" }).at).toBe("openingCamera");
    expect(run({ type: "cameraAsked" }, { type: "cameraOpened", stream })).toEqual({ at: "camera", stream });
    const shown = run({ type: "photoReady", photo: taken }, { type: "facesFound", photo: taken, found: found() });
    expect(shown).toEqual({ at: "photo", photo: taken, found: found() });
  });

  it("drops findings for a picture that is gone", () => {
    const first = photo();
    const second = photo();
    const late: PictureEvent = { type: "facesFound", photo: first, found: found() };
    expect(run({ type: "photoReady", photo: first }, { type: "cleared" }, late)).toEqual(EMPTY);
    expect(run({ type: "photoReady", photo: second }, late)).toEqual({ at: "photo", photo: second });
  });

  it("shows each trouble, and any of them can be left", () => {
    const troubles: PictureEvent[] = [
      { type: "cameraFailed", trouble: "denied" },
      { type: "photoFailed", trouble: "unreadable" },
    ];
    for (const trouble of troubles) {
      expect(run(trouble).at).toMatch(/Trouble$/);
      expect(run(trouble, { type: "photoAsked" }).at).toBe("preparing");
      expect(run(trouble, { type: "cleared" })).toEqual(EMPTY);
    }
  });
});

describe("verdictOf", () => {
  it("is good for one acceptable face", () => {
    expect(verdictOf(found(faceWith([])))).toEqual({ good: true, lines: [goodFaceHint] });
  });

  it("explains everything else", () => {
    expect(verdictOf(found()).lines).toEqual([hint("no_face")]);
    expect(verdictOf(found(faceWith(["blurred"]), faceWith([]))).lines).toEqual([severalFacesHint(2)]);
    expect(verdictOf(found(faceWith(["too_dark", "blurred"]))).lines).toEqual([hint("too_dark"), hint("blurred")]);
    expect(verdictOf({ ok: false, problem: { code: "overloaded" } }).lines).toEqual([noHint]);
  });
});
