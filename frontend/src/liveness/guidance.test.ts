import { describe, expect, it } from "vitest";
import { poseOf } from "../detector/pose";
import { face, LIMITS, type Look, look, nobody } from "./fixtures";
import { hintOf, type ShownHint, showHint } from "./guidance";

/** The hint for somebody who has held still for a while. */
const hint = (seen: Look, limits = LIMITS) => hintOf(look({ ...seen, at: 100 }), look({ ...seen, at: 0 }), limits);

describe("hintOf", () => {
  it("has one thing to say of each way to stand wrong", () => {
    expect(hint({})).toBe("good");
    expect(hintOf(nobody(), undefined, LIMITS)).toBe("no_face");
    expect(hint({ brightness: 30 })).toBe("too_dark");
    expect(hint({ brightness: 240 })).toBe("too_bright");
    expect(hint({ height: 90 })).toBe("closer");
    expect(hint({ height: 260 })).toBe("further");
    expect(hint({ y: 120 })).toBe("down");
    expect(hint({ y: 420 })).toBe("up");
    expect(hint({ yaw: 25 })).toBe("straight");
  });

  it("speaks of the person's own sides", () => {
    // The person's left is the right of the image, so a person there has to move to their right.
    expect(hint({ x: 450 })).toBe("right");
    expect(hint({ x: 190 })).toBe("left");
  });

  it("asks for stillness when a face moves, and when nothing is known yet", () => {
    expect(hintOf(look({ at: 100, x: 335 }), look({ at: 0 }), LIMITS)).toBe("still");
    expect(hintOf(look({ at: 100, x: 322 }), look({ at: 0 }), LIMITS)).toBe("good");
    expect(hintOf(look({ at: 100 }), undefined, LIMITS)).toBe("still");
  });

  it("counts a second face that is large enough, and no other", () => {
    const beside = (height: number) => hintOf(look({ at: 100 }, face({ height, x: 560 })), look({ at: 0 }), LIMITS);
    expect(beside(100)).toBe("several_faces");
    expect(beside(60)).toBe("good");
  });

  it("keeps the service's own limits", () => {
    expect(hint({ height: 140 })).toBe("good");
    expect(hint({ height: 140 }, { ...LIMITS, min_eye_distance: 60 })).toBe("closer");
    expect(hint({ brightness: 120 }, { ...LIMITS, min_brightness: 100 })).toBe("too_dark");
  });
});

describe("showHint", () => {
  const run = (...seen: [number, ShownHint["hint"]][]) =>
    seen.reduce<ShownHint | undefined>((shown, [now, hint]) => showHint(shown, hint, now), undefined)?.hint;

  it("does not flicker", () => {
    expect(run([0, "closer"], [100, "good"], [200, "closer"], [300, "good"])).toBe("closer");
    expect(run([0, "closer"], [500, "good"], [600, "good"])).toBe("closer");
  });

  it("changes once the new one has settled and the old one could be read", () => {
    expect(run([0, "closer"], [500, "good"], [760, "good"])).toBe("good");
    expect(run([0, "closer"], [100, "good"], [400, "good"])).toBe("closer");
    expect(run([0, "closer"], [100, "good"], [400, "good"], [700, "good"])).toBe("good");
  });
});

describe("poseOf", () => {
  it("reads back the pose that a face was made with", () => {
    for (const [yaw, pitch] of [[0, 0], [30, 0], [-25, 0], [0, 20], [10, -8]] as const) {
      const pose = poseOf(face({ yaw, pitch }));
      expect(pose.yaw).toBeCloseTo(yaw, 5);
      expect(pose.pitch).toBeCloseTo(pitch, 5);
    }
  });
});
