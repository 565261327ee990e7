import { describe, expect, it } from "vitest";
import type { Result } from "../api/errors";
import type { DetectedFace, Detection, ErrorCode } from "../api/types";
import type { Photo } from "../camera/photo";
import { en } from "../text/en";
import { adviceLine } from "../text/texts";
import { EMPTY, type Picture, type PictureEvent, reducePicture, verdictOf } from "./picture";

const photo = (): Photo => ({ jpeg: new Blob(["x"]), size: { width: 4, height: 3 }, mirror: false });

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
  it("walks from a chosen file to a checked photo", () => {
    const taken = photo();
    expect(run({ type: "photoAsked" }).at).toBe("preparing");
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

  it("shows a trouble, and it can be left", () => {
    const trouble: PictureEvent = { type: "photoFailed", trouble: "unreadable" };
    expect(run(trouble)).toEqual({ at: "photoTrouble", trouble: "unreadable" });
    expect(run(trouble, { type: "photoAsked" }).at).toBe("preparing");
    expect(run(trouble, { type: "cleared" })).toEqual(EMPTY);
  });
});

describe("verdictOf", () => {
  it("is good for one acceptable face", () => {
    expect(verdictOf(found(faceWith([])), en)).toEqual({ good: true, lines: [en.ui.goodFace] });
  });

  it("explains everything else", () => {
    expect(verdictOf(found(), en).lines).toEqual([adviceLine(en, "no_face")]);
    expect(verdictOf(found(faceWith(["blurred"]), faceWith([])), en).lines).toEqual([en.ui.severalFaces(2)]);
    expect(verdictOf(found(faceWith(["too_dark", "blurred"])), en).lines).toEqual([adviceLine(en, "too_dark"), adviceLine(en, "blurred")]);
    expect(verdictOf({ ok: false, problem: { code: "overloaded" } }, en).lines).toEqual([en.ui.notChecked]);
  });
});
