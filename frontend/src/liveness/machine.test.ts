import { describe, expect, it } from "vitest";
import type { Problem } from "../api/errors";
import type { LivenessSession, LivenessVerdict } from "../api/types";
import type { Photo } from "../camera/photo";
import { LIMITS, type Look, look, nobody } from "./fixtures";
import {
  canSendAgain, type Effect, type Event, type Flow, framePace, LATE_AFTER_MS, type Plan, reduce, start, usable, viewOf,
} from "./machine";
import { proofOf } from "./runner";

const CHALLENGE: Plan = { way: "challenge", limits: LIMITS };
const POSING: Plan = { way: "poses", limits: LIMITS };

const capture = {
  min_frames: 8, max_frames: 30, max_gap_ms: 1500, max_duration_ms: 20_000, min_width: 320, max_side: 1920,
  max_clip_bytes: 1, formats: [],
};
const session: LivenessSession = {
  session_id: "s", nonce: "n1", expires_at: "2030-01-01T00:02:00Z", attempts_left: 3, capture,
  steps: [{ id: "1", action: "turn_left", within_ms: 6000 }],
};
const frames = [500, 800, 1100].map((at) => ({ jpeg: new Blob(["x"]), at }));
const photo = (): Photo => ({ jpeg: new Blob(["x"]), size: { width: 4, height: 3 }, mirror: true });
const verdict: LivenessVerdict = {
  session_id: "s", live: false, reasons: ["step_not_met"], steps: [], expires_at: session.expires_at, attempts_left: 2,
  next: { nonce: "n2", steps: [{ id: "1", action: "look_up", within_ms: 6000 }] },
};

/** A flow that is driven by events and remembers what it was told to do. */
function drive(plan: Plan) {
  let { flow, effects } = start(plan);
  const done: Effect[] = [...effects];
  let now = 0;
  const drive = {
    get flow(): Flow {
      return flow;
    },
    get at() {
      return flow.state.at;
    },
    done,
    send(...events: Event[]) {
      for (const event of events) {
        const next = reduce(plan, flow, event);
        flow = next.flow;
        done.push(...next.effects);
      }
      return drive;
    },
    /** Looks like `seen` for so many milliseconds, ten times a second. */
    seen(milliseconds: number, seen: Look | "nobody" = {}) {
      for (const end = now + milliseconds; now < end; now += 100) {
        drive.send({ type: "seen", sighting: seen === "nobody" ? nobody(now) : look({ at: now, ...seen }) });
      }
      return drive;
    },
    open() {
      return drive.send({ type: "finder", sees: true }, { type: "cameraOpened", now });
    },
    refuse(problem: Problem, verdict?: LivenessVerdict) {
      return drive.send({ type: "refused", problem, ...(verdict ? { verdict } : {}), wall: 1000 });
    },
  };
  return drive;
}

/** Up to a capture on its way to the service. */
function sent() {
  const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(1000);
  flow.send({ type: "sessionOpened", session, now: 1000 }).seen(400, { yaw: 5 }).seen(500, { yaw: 32 });
  expect(flow.at).toBe("gathering");
  return flow.send({ type: "recorded", frames });
}

describe("a camera that gives nothing", () => {
  const late = (flow: Flow) => flow.state.at === "opening" && flow.state.late && flow.state.waitsFor;

  it("is said to be late, first for the camera and then for its frames", () => {
    const flow = drive(POSING).send({ type: "tick", now: 70_000 }, { type: "tick", now: 70_000 + LATE_AFTER_MS - 1 });
    expect(late(flow.flow)).toBe(false);
    flow.send({ type: "tick", now: 70_000 + LATE_AFTER_MS });
    expect(late(flow.flow)).toBe("camera");
    // After the question is answered, the wait for frames begins anew.
    flow.send({ type: "streaming", now: 80_000 }, { type: "tick", now: 84_000 });
    expect(late(flow.flow)).toBe(false);
    flow.send({ type: "tick", now: 80_000 + LATE_AFTER_MS });
    expect(late(flow.flow)).toBe("frames");
    expect(flow.done).toEqual(["openCamera"]);
  });

  it("is welcome however late it comes", () => {
    const flow = drive(POSING).send({ type: "tick", now: 0 }, { type: "tick", now: 60_000 });
    flow.send({ type: "streaming", now: 60_100 }, { type: "cameraOpened", now: 60_200 });
    expect(flow.at).toBe("pose");
  });

  it("can be asked again, or another one instead of it", () => {
    for (const way of ["resumed", "deviceChosen"] as const) {
      const flow = drive(POSING).send({ type: "streaming", now: 0 }, { type: "tick", now: LATE_AFTER_MS });
      flow.send({ type: way });
      expect(flow.done).toEqual(["openCamera", "closeCamera", "openCamera"]);
      expect(late(flow.flow)).toBe(false);
      flow.send({ type: "tick", now: 6000 }, { type: "tick", now: 6000 + LATE_AFTER_MS });
      expect(late(flow.flow)).toBe("camera");
    }
    // Pressing is no hurry: a camera that is not late is left alone.
    expect(drive(POSING).send({ type: "resumed" }).done).toEqual(["openCamera"]);
  });
});

describe("a challenge", () => {
  it("goes from a good look to a capture on its way", () => {
    const flow = sent();
    expect(flow.at).toBe("sending");
    // The second request for steps is answered with those that are there.
    expect(flow.done).toEqual([
      "openCamera", "openSession", "record", "openSession", "stream", "stopRecording", "closeCamera", "send",
    ]);
    const proof = proofOf(CHALLENGE, flow.flow);
    expect(proof).toMatchObject({ kind: "capture", session: { nonce: "n1" }, frames: [{ t: 0 }, { t: 300 }, { t: 600 }] });
    expect(flow.send({ type: "accepted" }).at).toBe("done");
  });

  it("does not begin before there is one face, well placed and still", () => {
    const flow = drive(CHALLENGE).open().seen(3000, "nobody").seen(3000, { x: 500 }).seen(3000, { height: 80 });
    expect(flow.flow.hint?.hint).toBe("closer");
    expect(flow.done).toEqual(["openCamera", "openSession"]);
    // One odd look in a good second does not undo it.
    flow.seen(1200).send({ type: "seen", sighting: nobody(10_300) }).seen(400);
    expect(flow.done).toEqual(["openCamera", "openSession", "openSession"]);
  });

  it("begins by hand where nothing sees", () => {
    const flow = drive(CHALLENGE).send({ type: "finder", sees: false }, { type: "cameraOpened", now: 0 });
    flow.send({ type: "pressed", now: 10 }, { type: "sessionOpened", session, now: 20 });
    expect(flow.at).toBe("challenge");
    for (let now = 0; now < 20_000; now += 100) flow.send({ type: "tick", now });
    expect(flow.at).toBe("gathering");
    expect(flow.done.filter((effect) => effect === "stopRecording").length).toBe(1);
  });

  it("asks for the steps once, however often it is pressed", () => {
    const flow = drive(CHALLENGE).open();
    flow.send({ type: "pressed", now: 1 }, { type: "pressed", now: 2 }).seen(2000);
    // Once before they are needed, and once when they are.
    expect(flow.done).toEqual(["openCamera", "openSession", "openSession"]);
  });

  it("records the good look that leads to it", () => {
    const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(300);
    expect(flow.done).toEqual(["openCamera", "openSession", "record"]);
    // A look that is good no more is no beginning.
    flow.seen(1500, { x: 500 });
    expect(flow.done.slice(3)).toEqual(["dropRecording"]);
    flow.seen(1000).send({ type: "hidden" });
    expect(flow.done.slice(4)).toEqual(["record", "openSession", "dropRecording", "closeCamera"]);
  });

  it("asks for the first step at once when the look ahead is recorded", () => {
    const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(900);
    flow.send({ type: "sessionOpened", session, now: 900 }).seen(100);
    expect(flow.flow.state).toMatchObject({ at: "challenge", progress: { phase: "do", step: 0, start: {} } });
    // From now on it is sent, too.
    expect(flow.done).toEqual(["openCamera", "openSession", "record", "openSession", "stream"]);
  });

  it("records anew what was recorded before its steps were handed out", () => {
    const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(900);
    flow.send({ type: "sessionOpened", session: { ...session, nonce: "n2" }, now: 900 }).seen(100);
    expect(flow.flow.state).toMatchObject({ at: "challenge", progress: { phase: "straight", since: 900 } });
    expect(flow.done).toEqual(["openCamera", "openSession", "record", "openSession", "record", "stream"]);
  });

  it("tells people once that they may open their eyes, seen or not", () => {
    for (const closed of [true, false]) {
      const steps = [{ id: "1", action: "blink" as const, within_ms: 6000 }];
      const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session: { ...session, steps }, now: 0 }).seen(900);
      flow.send({ type: "sessionOpened", session: { ...session, steps }, now: 900 });
      flow.seen(700, { closed });
      expect(flow.done).not.toContain("tellToOpen");
      flow.seen(4000, { closed });
      expect(flow.done.filter((effect) => effect === "tellToOpen")).toEqual(["tellToOpen"]);
    }
  });

  it("takes frames faster while the head moves", () => {
    const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(900);
    const still = framePace(flow.flow.state);
    flow.send({ type: "sessionOpened", session, now: 900 }).seen(200);
    expect(framePace(flow.flow.state)).toBeLessThan(still);
  });

  it("goes on without steps that could not be fetched early, and asks again when they are needed", () => {
    const flow = drive(CHALLENGE).refuse({ code: "network" }).open().seen(1000);
    expect(flow.flow.state).toMatchObject({ at: "framing", opening: true });
    flow.refuse({ code: "network" });
    expect(flow.at).toBe("refused");
  });
});

describe("what is known of the steps", () => {
  it("is told from the first one to the last frame", () => {
    const flow = drive(CHALLENGE).open().send({ type: "sessionOpened", session, now: 0 }).seen(900);
    expect(viewOf(flow.flow, 900)).toBeUndefined();
    flow.send({ type: "sessionOpened", session, now: 900 }).seen(300);
    expect(viewOf(flow.flow, 1200)).toMatchObject({ held: [], framesLeft: 2, sees: true, over: false });
    flow.seen(200, { yaw: 32 });
    expect(viewOf(flow.flow, 1400)?.reachedAt).toBeGreaterThan(900);
    flow.seen(500, { yaw: 32 });
    expect(flow.at).toBe("gathering");
    expect(viewOf(flow.flow, 1900)).toMatchObject({ held: [{}], framesLeft: 0, longest: 0, over: true });
    expect(viewOf(flow.send({ type: "recorded", frames }).flow, 2000)).toBeUndefined();
  });
});

describe("refusals", () => {
  it("of a capture bring the next steps", () => {
    const flow = sent().refuse({ code: "liveness_failed" }, verdict);
    expect(flow.at).toBe("refused");
    expect(canSendAgain(CHALLENGE, flow.flow)).toBe(false);
    expect(flow.flow.session).toMatchObject({ nonce: "n2", attempts_left: 2, steps: [{ action: "look_up" }] });
    flow.send({ type: "startOver" });
    expect(flow.at).toBe("opening");
    expect(usable(flow.flow.session, Date.parse(session.expires_at) - 60_000)).toBe(true);
    expect(usable(flow.flow.session, Date.parse(session.expires_at) - 10_000)).toBe(false);
  });

  it("of a person end the session", () => {
    const flow = sent().refuse({ code: "authentication_failed" });
    expect(flow.flow.session).toBeUndefined();
    expect(flow.flow.frames).toBeUndefined();
  });

  it("on the way keep the capture for another try", () => {
    for (const code of ["network", "rate_limited", "overloaded"] as const) {
      const flow = sent().refuse({ code, retryAfter: 3 });
      expect(flow.flow.state).toMatchObject({ at: "refused", retryAt: 4000 });
      expect(canSendAgain(CHALLENGE, flow.flow)).toBe(true);
      flow.send({ type: "sendAgain" });
      expect([flow.at, flow.done.at(-1)]).toEqual(["sending", "send"]);
      expect(proofOf(CHALLENGE, flow.flow)).toMatchObject({ session: { nonce: "n1" } });
    }
  });

  it("of a session turn the camera off", () => {
    const flow = drive(CHALLENGE).open().seen(1000).refuse({ code: "rate_limited", retryAfter: 9 });
    expect([flow.at, flow.done.at(-1)]).toEqual(["refused", "closeCamera"]);
    expect(canSendAgain(CHALLENGE, flow.flow)).toBe(false);
  });
});

describe("three looks", () => {
  /** Takes the picture that is due. */
  const shoot = (flow: ReturnType<typeof drive>, seen: Look) => {
    flow.seen(1500, seen);
    expect(flow.flow.state).toMatchObject({ at: "pose", taking: true });
    return flow.send({ type: "shotTaken", photo: photo(), now: 0 });
  };

  it("are taken in order, each in its pose", () => {
    const flow = drive(POSING).open();
    shoot(flow, {});
    // Straight, or to the other side, is no look to the left.
    expect(flow.seen(2000).flow.state).toMatchObject({ index: 1, taking: false });
    expect(flow.seen(2000, { yaw: -20 }).flow.state).toMatchObject({ index: 1, taking: false });
    shoot(flow, { yaw: 20 });
    shoot(flow, { yaw: -20 });
    expect(flow.at).toBe("review");
    expect(flow.done.at(-1)).toBe("closeCamera");
    flow.send({ type: "confirmed" });
    expect(proofOf(POSING, flow.flow)).toMatchObject({ kind: "pictures", pictures: { length: 3 } });
  });

  it("can each be taken again", () => {
    const flow = drive(POSING).open();
    shoot(flow, {});
    shoot(flow, { yaw: 20 });
    shoot(flow, { yaw: -20 });
    const [first, second, third] = flow.flow.shots;
    flow.send({ type: "retake", index: 1 }).open();
    expect(flow.flow.state).toMatchObject({ at: "pose", index: 1 });
    shoot(flow, { yaw: 20 });
    expect(flow.at).toBe("review");
    expect([flow.flow.shots[0], flow.flow.shots[2]]).toEqual([first, third]);
    expect(flow.flow.shots[1]).not.toBe(second);
  });

  it("survive a name that is taken", () => {
    const flow = drive(POSING).open();
    shoot(flow, {});
    shoot(flow, { yaw: 20 });
    shoot(flow, { yaw: -20 });
    flow.send({ type: "confirmed" }).refuse({ code: "username_taken" });
    expect(canSendAgain(POSING, flow.flow)).toBe(true);
    expect(flow.send({ type: "sendAgain" }).at).toBe("sending");
  });
});

describe("interruptions", () => {
  it("turn the camera off and forget what was recorded", () => {
    for (const [event, at] of [
      [{ type: "hidden" }, "paused"],
      [{ type: "cameraFailed", trouble: "lost" }, "blocked"],
    ] as const) {
      const flow = drive(CHALLENGE).open().seen(1000).send({ type: "sessionOpened", session, now: 1000 });
      flow.send(event);
      expect(flow.at).toBe(at);
      expect(flow.done.slice(-2)).toEqual(["dropRecording", "closeCamera"]);
      flow.send({ type: "resumed" });
      expect([flow.at, ...flow.done.slice(-2)]).toEqual(["opening", "openCamera", "openSession"]);
    }
  });

  it("drop what arrives too late", () => {
    const flow = drive(CHALLENGE).open().send({ type: "hidden" });
    const before = flow.flow;
    flow
      .send({ type: "sessionOpened", session, now: 5 }, { type: "shotTaken", photo: photo(), now: 5 })
      .send({ type: "recorded", frames }, { type: "sent", share: 1 }, { type: "cameraOpened", now: 5 })
      .refuse({ code: "network" });
    expect(flow.flow).toBe(before);
  });

  it("another camera begins anew", () => {
    const flow = drive(CHALLENGE).open().seen(1000).send({ type: "sessionOpened", session, now: 1000 });
    flow.send({ type: "deviceChosen" });
    expect(flow.at).toBe("opening");
    expect(flow.done.slice(-4)).toEqual(["dropRecording", "closeCamera", "openCamera", "openSession"]);
  });
});
