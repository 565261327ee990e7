/**
 * What happens at the camera, from opening it to the answer of the service: a pure machine.
 *
 * `reduce(plan, flow, event)` gives the next flow and what is to be done now. Time comes with the
 * events, so tests need no timers; what arrives too late finds the machine elsewhere and changes
 * nothing.
 */
import type { Problem } from "../api/errors";
import type { Action, LivenessSession, LivenessVerdict } from "../api/types";
import type { CameraTrouble } from "../camera/open";
import type { Photo } from "../camera/photo";
import type { RecordedFrame } from "../camera/recorder";
import type { Sighting } from "../detector/port";
import { poseOf } from "../detector/pose";
import { advance, begin, framesLeft, type Held, longest, type Progress, STRAIGHT_MS } from "./challenge";
import { type FaceLimits, type Hint, hintOf, type ShownHint, showHint, speed } from "./guidance";
import type { View } from "./online";
import { chooseFrames, type TimedFrame } from "./select";

/** What the person looks at the camera for, and in which of two ways. */
export interface Plan {
  /** `poses`: three pictures that the person looks over. `challenge`: the service's steps. */
  readonly way: "poses" | "challenge";
  readonly limits: FaceLimits;
}

/** The pictures of an enrolment, in the order they are taken. */
export const POSES = ["straight", "look_left", "look_right"] as const;
export type Pose = (typeof POSES)[number];

/** What is waited for while the camera opens: the camera, with the browser's question, or its frames. */
export type WaitsFor = "camera" | "frames";

export type State =
  /** `since` is set by the first tick; `late` once it has taken longer than cameras do. */
  | { readonly at: "opening"; readonly waitsFor: WaitsFor; readonly since?: number; readonly late: boolean }
  | { readonly at: "blocked"; readonly trouble: CameraTrouble }
  /** The page was hidden; the camera is off. */
  | { readonly at: "paused" }
  /** Waiting for a good look. */
  | {
      readonly at: "framing";
      readonly since: number;
      readonly goodSince?: number;
      /** The steps whose capture has begun with the good look. */
      readonly recordedFor?: LivenessSession;
      /** The look was good, and the steps are waited for. */
      readonly opening: boolean;
    }
  | {
      readonly at: "pose";
      readonly index: number;
      readonly since: number;
      readonly goodSince?: number;
      /** The picture is being made. */
      readonly taking: boolean;
    }
  | { readonly at: "review" }
  | { readonly at: "challenge"; readonly progress: Progress }
  /** Everything is done; the last frames are being made. */
  | { readonly at: "gathering"; readonly held: readonly Held[] }
  /** `sent` is a share; `undefined` until something is known of it. */
  | { readonly at: "sending"; readonly sent?: number }
  | {
      readonly at: "refused";
      readonly problem: Problem;
      readonly verdict?: LivenessVerdict;
      /** When another try makes sense, in ms since the epoch. */
      readonly retryAt?: number;
    }
  | { readonly at: "done" };

export interface Flow {
  readonly state: State;
  /** Whether something finds faces; absent while it starts. Without it, words and time guide. */
  readonly sees?: boolean;
  readonly hint?: ShownHint;
  readonly last?: Sighting;
  /** The steps to perform; fetched before they are needed. */
  readonly session?: LivenessSession;
  readonly shots: readonly (Photo | undefined)[];
  /** What is sent. */
  readonly frames?: readonly TimedFrame[];
}

export type Event =
  /** There is a stream; no frame of it yet. */
  | { readonly type: "streaming"; readonly now: number }
  /** Frames come. */
  | { readonly type: "cameraOpened"; readonly now: number }
  | { readonly type: "cameraFailed"; readonly trouble: CameraTrouble }
  | { readonly type: "hidden" }
  | { readonly type: "resumed" }
  /** Another camera is wanted. */
  | { readonly type: "deviceChosen" }
  | { readonly type: "finder"; readonly sees: boolean }
  | { readonly type: "seen"; readonly sighting: Sighting }
  | { readonly type: "tick"; readonly now: number }
  /** "Start now", "Take it now". */
  | { readonly type: "pressed"; readonly now: number }
  | { readonly type: "sessionOpened"; readonly session: LivenessSession; readonly now: number }
  | { readonly type: "shotTaken"; readonly photo: Photo; readonly now: number }
  | { readonly type: "retake"; readonly index: number }
  | { readonly type: "confirmed" }
  | { readonly type: "recorded"; readonly frames: readonly RecordedFrame[] }
  | { readonly type: "sent"; readonly share: number }
  | { readonly type: "accepted" }
  /** By the service, or by the way there; `wall` is the time since the epoch. */
  | { readonly type: "refused"; readonly problem: Problem; readonly verdict?: LivenessVerdict; readonly wall: number }
  | { readonly type: "sendAgain" }
  | { readonly type: "startOver" };

export type Effect =
  | "openCamera" | "closeCamera" | "openSession" | "takeShot" | "record" | "stopRecording" | "dropRecording" | "send"
  /** Sends what is recorded while it is recorded, where that is possible. */
  | "stream"
  /** Tells a person with closed eyes that they may be opened. */
  | "tellToOpen";

export interface Next {
  readonly flow: Flow;
  readonly effects: readonly Effect[];
}

/**
 * After so long, in milliseconds, the page says that the camera gives nothing, and offers ways out.
 * Cameras that sleep take up to three seconds to wake.
 */
export const LATE_AFTER_MS = 5_000;

/**
 * A good look lasts so long, in milliseconds, before anything begins. A capture begins with it: it
 * is the look ahead before the first step.
 */
const GOOD_MS = STRAIGHT_MS;

/** Milliseconds between two frames of a capture, while the head is still and while it moves. */
const STILL_PACE_MS = 125;
const MOTION_PACE_MS = 100;

/** After so long without a good look, people may go on by themselves. */
export const MANUAL_AFTER_MS = 5_000;

/** Degrees of yaw in a picture from the side. */
const SIDE_YAW = { least: 13, most: 38 };

/** A session with less left, in milliseconds, is not begun with. */
const SESSION_SPARE_MS = 45_000;

/** Refusals after which the very same capture can be sent again: it was not looked at. */
const NOT_LOOKED_AT: ReadonlySet<Problem["code"]> = new Set([
  "network", "unexpected", "rate_limited", "too_many_failures", "overloaded", "model_unavailable",
  "database_unavailable", "internal_error", "request_timeout",
]);

const OPENING: State = { at: "opening", waitsFor: "camera", late: false };

export function start(plan: Plan): Next {
  return opening(plan, { state: OPENING, shots: POSES.map(() => undefined) });
}

export function reduce(plan: Plan, flow: Flow, event: Event): Next {
  const { state } = flow;
  switch (event.type) {
    case "cameraOpened":
      return state.at === "opening" ? only(looking(plan, withoutView(flow), event.now)) : only(flow);
    case "streaming":
      return state.at === "opening"
        ? only({ ...flow, state: { at: "opening", waitsFor: "frames", since: event.now, late: false } })
        : only(flow);
    case "cameraFailed":
      return usesCamera(state)
        ? { flow: { ...withoutView(flow), state: { at: "blocked", trouble: event.trouble } }, effects: offEffects(state) }
        : only(flow);
    case "hidden":
      return usesCamera(state)
        ? { flow: { ...withoutView(flow), state: { at: "paused" } }, effects: offEffects(state) }
        : only(flow);
    case "resumed":
      return resumed(plan, flow);
    case "deviceChosen":
      return usesCamera(state)
        ? after(offEffects(state), opening(plan, flow))
        : only(flow);
    case "finder":
      return only({ ...flow, sees: event.sees });
    case "seen":
      return seen(plan, flow, event.sighting);
    case "tick":
      if (state.at === "opening") return only(waited(flow, state, event.now));
      return state.at === "challenge" ? stepped(flow, state.progress, event.now) : only(flow);
    case "pressed":
      return pressed(flow, event.now);
    case "sessionOpened":
      return sessionOpened(flow, event.session, event.now);
    case "shotTaken":
      return shotTaken(flow, event.photo, event.now);
    case "retake": {
      if (state.at !== "review") return only(flow);
      const shots = flow.shots.map((shot, index) => (index === event.index ? undefined : shot));
      return opening(plan, { ...flow, shots });
    }
    case "confirmed":
      return state.at === "review" ? sending(flow) : only(flow);
    case "recorded":
      return state.at === "gathering" ? recorded(flow, state.held, event.frames) : only(flow);
    case "sent":
      return state.at === "sending" ? only({ ...flow, state: { at: "sending", sent: event.share } }) : only(flow);
    case "accepted":
      return only({ ...flow, state: { at: "done" } });
    case "refused":
      return refused(plan, flow, event);
    case "sendAgain":
      return state.at === "refused" && canSendAgain(plan, flow) ? sending(flow) : only(flow);
    case "startOver":
      return state.at === "refused" || state.at === "review" ? startOver(plan, flow) : only(flow);
  }
}

const only = (flow: Flow): Next => ({ flow, effects: [] });

/** Whether the camera is, or is about to be, on. */
export function usesCamera(state: State): boolean {
  return ["opening", "framing", "pose", "challenge", "gathering"].includes(state.at);
}

/** Whether what is there can be sent as it is. */
export function canSendAgain(plan: Plan, { state, frames, shots }: Flow): boolean {
  if (state.at !== "refused") return false;
  const { code } = state.problem;
  if (plan.way === "challenge") return frames !== undefined && NOT_LOOKED_AT.has(code);
  // Pictures are good for another name as well.
  return shots.every((shot) => shot !== undefined) && (NOT_LOOKED_AT.has(code) || code === "username_taken");
}

function offEffects(state: State): Effect[] {
  const records = state.at === "challenge" || state.at === "gathering" || (state.at === "framing" && state.recordedFor);
  return records ? ["dropRecording", "closeCamera"] : ["closeCamera"];
}

/** Milliseconds between two frames of a capture that is at `state`. */
export function framePace(state: State): number {
  const moves = state.at === "challenge" && (state.progress.phase === "do" || state.progress.phase === "back");
  return moves ? MOTION_PACE_MS : STILL_PACE_MS;
}

/** Forgets what was seen: it was another moment. */
function withoutView({ hint: _, last: __, ...flow }: Flow): Flow {
  return flow;
}

/** Opens the camera, and asks the service for the steps meanwhile. */
function opening({ way }: Plan, flow: Flow): Next {
  const effects: Effect[] = way === "challenge" ? ["openCamera", "openSession"] : ["openCamera"];
  return { flow: { ...withoutView(flow), state: OPENING }, effects };
}

/** `next`, with `effects` before its own. */
const after = (effects: readonly Effect[], next: Next): Next => ({ ...next, effects: [...effects, ...next.effects] });

/** Steps have come: they are kept until the look is good, and begun with when it was. */
function sessionOpened(flow: Flow, session: LivenessSession, now: number): Next {
  const { state } = flow;
  if (state.at !== "opening" && state.at !== "framing") return only(flow);
  if (state.at === "opening" || !state.opening) return only({ ...flow, session });
  // What was recorded before the steps were handed out would be no answer to them.
  const begun = state.recordedFor?.nonce === session.nonce && state.goodSince !== undefined;
  const progress = begin(begun ? state.goodSince : now);
  const effects: Effect[] = begun ? ["stream"] : ["record", "stream"];
  return { flow: { ...flow, session, state: { at: "challenge", progress } }, effects };
}

/** Another try with the camera. One that was asked for already is let go first. */
function resumed(plan: Plan, flow: Flow): Next {
  const { state } = flow;
  if (state.at === "paused" || state.at === "blocked") return opening(plan, flow);
  if (state.at !== "opening" || !state.late) return only(flow);
  return after(offEffects(state), opening(plan, flow));
}

/** Time passes while the camera opens. What comes late is welcome all the same. */
function waited(flow: Flow, state: State & { at: "opening" }, now: number): Flow {
  if (state.late) return flow;
  if (state.since === undefined) return { ...flow, state: { ...state, since: now } };
  return now - state.since < LATE_AFTER_MS ? flow : { ...flow, state: { ...state, late: true } };
}

function looking(plan: Plan, flow: Flow, now: number): Flow {
  if (plan.way === "challenge") return { ...flow, state: { at: "framing", since: now, opening: false } };
  const index = Math.max(0, flow.shots.indexOf(undefined));
  return { ...flow, state: { at: "pose", index, since: now, taking: false } };
}

function seen(plan: Plan, flow: Flow, sighting: Sighting): Next {
  const { state } = flow;
  if (state.at !== "framing" && state.at !== "pose" && state.at !== "challenge") return only(flow);
  const now = sighting.at;
  const hint = hintFor(plan, flow, sighting);
  const looked: Flow = { ...flow, last: sighting, hint: showHint(flow.hint, hint, now) };
  if (state.at === "challenge") return stepped(looked, state.progress, now);
  if (state.at === "framing" ? state.opening : state.taking) return only(looked);
  // One odd look does not undo a good one: the words that are shown have to change first.
  if (hint !== "good" && (state.goodSince === undefined || looked.hint?.hint !== "good")) return wrongLook(looked);
  const goodSince = state.goodSince ?? now;
  if (hint !== "good" || now - goodSince < GOOD_MS) return goodLook(looked, goodSince);
  if (state.at === "framing") return begun(looked, state);
  return { flow: { ...looked, state: { ...state, taking: true } }, effects: ["takeShot"] };
}

/** The look is good since `goodSince`: the capture begins with it when there are steps. */
function goodLook(flow: Flow, goodSince: number): Next {
  const { state, session } = flow;
  if (state.at === "pose") return only({ ...flow, state: { ...state, goodSince } });
  if (state.at !== "framing") return only(flow);
  if (state.goodSince !== undefined || !session) return only({ ...flow, state: { ...state, goodSince } });
  return { flow: { ...flow, state: { ...state, goodSince, recordedFor: session } }, effects: ["record"] };
}

/** The look is not good, or not good any more. */
function wrongLook(flow: Flow): Next {
  const { state } = flow;
  if (state.at !== "framing" && state.at !== "pose") return only(flow);
  const { goodSince: _, ...waiting } = state;
  if (waiting.at === "pose" || !waiting.recordedFor) return only({ ...flow, state: waiting });
  const { recordedFor: __, ...anew } = waiting;
  return { flow: { ...flow, state: anew }, effects: ["dropRecording"] };
}

/** The hint for where the flow is: a pose from the side wants another look than a straight one. */
function hintFor(plan: Plan, flow: Flow, sighting: Sighting): Hint {
  const hint = hintOf(sighting, flow.last, plan.limits);
  const { state } = flow;
  const [face] = sighting.faces;
  if (state.at !== "pose" || POSES[state.index] === "straight" || !face) return hint;
  if (hint !== "straight" && hint !== "still" && hint !== "good") return hint;
  const yaw = poseOf(face).yaw * (POSES[state.index] === "look_left" ? 1 : -1);
  // `straight` means "not in the pose". The prompt says which pose that is.
  if (yaw < SIDE_YAW.least || yaw > SIDE_YAW.most) return "straight";
  return hint === "straight" && speed(sighting, flow.last) <= SIDE_SPEED ? "good" : hint === "good" ? "good" : "still";
}

/** Most that a face moves in a second in a picture from the side, in its own heights. */
const SIDE_SPEED = 0.5;

/** Asks the service for steps, unless there are some that nobody has begun with. */
function begun(flow: Flow, state: State & { at: "framing" }): Next {
  return { flow: { ...flow, state: { ...state, opening: true } }, effects: ["openSession"] };
}

/** Whether the steps of an earlier refusal can still be performed. `wall` is ms since the epoch. */
export function usable(session: LivenessSession | undefined, wall: number): session is LivenessSession {
  return session !== undefined && Date.parse(session.expires_at) - wall >= SESSION_SPARE_MS;
}

function stepped(flow: Flow, progress: Progress, now: number): Next {
  const moved = advance(progress, actions(flow), now, flow.sees === true, flow.last);
  // Everything is done; the recording ends with this frame.
  if (!moved) return { flow: { ...flow, state: { at: "gathering", held: [...progress.held, ...progress.returned] } }, effects: ["stopRecording"] };
  const opens = progress.phase === "do" && moved.phase === "back" && actions(flow)[progress.step] === "blink";
  return { flow: { ...flow, state: { at: "challenge", progress: moved } }, effects: opens ? ["tellToOpen"] : [] };
}

/** What is known at `now` of the steps that the person does, for whoever chooses frames meanwhile. */
export function viewOf(flow: Flow, now: number): View | undefined {
  const { state, sees = false } = flow;
  if (state.at === "gathering") return { held: state.held, framesLeft: 0, longest: 0, sees, over: true };
  if (state.at !== "challenge") return undefined;
  const { progress } = state;
  const steps = actions(flow);
  return {
    held: [...progress.held, ...progress.returned],
    reachedAt: progress.reachedAt,
    framesLeft: framesLeft(progress, steps),
    longest: longest(progress, steps, now, sees),
    sees,
    over: false,
  };
}

/** The steps of the flow's session. */
export function actions({ session }: Flow): Action[] {
  return session?.steps.map((step) => step.action) ?? [];
}

function pressed(flow: Flow, now: number): Next {
  const { state } = flow;
  if (state.at === "framing" && !state.opening) return begun(flow, { ...state, since: now });
  if (state.at === "pose" && !state.taking) {
    return { flow: { ...flow, state: { ...state, taking: true } }, effects: ["takeShot"] };
  }
  return only(flow);
}

function shotTaken(flow: Flow, photo: Photo, now: number): Next {
  const { state } = flow;
  if (state.at !== "pose" || !state.taking) return only(flow);
  const shots = flow.shots.map((shot, index) => (index === state.index ? photo : shot));
  const index = shots.indexOf(undefined);
  const taken = withoutView({ ...flow, shots });
  if (index === -1) return { flow: { ...taken, state: { at: "review" } }, effects: ["closeCamera"] };
  return only({ ...taken, state: { at: "pose", index, since: now, taking: false } });
}

function recorded(flow: Flow, held: readonly Held[], taken: readonly RecordedFrame[]): Next {
  const frames = flow.session ? chooseFrames(taken, held, flow.session.capture) : [];
  return after(["closeCamera"], sending({ ...withoutView(flow), frames }));
}

function sending(flow: Flow): Next {
  return { flow: { ...flow, state: { at: "sending" } }, effects: ["send"] };
}

function refused(plan: Plan, flow: Flow, event: Event & { type: "refused" }): Next {
  const { state } = flow;
  const { problem, verdict, wall } = event;
  const opening = state.at === "framing" && state.opening;
  if (state.at !== "sending" && !opening) return only(flow);
  const wait = problem.retryAfter === undefined ? {} : { retryAt: wall + 1000 * problem.retryAfter };
  const next: Flow = {
    ...withoutView(flow),
    state: { at: "refused", problem, ...(verdict ? { verdict } : {}), ...wait },
  };
  const effects: Effect[] = opening ? offEffects(state) : [];
  if (plan.way === "poses" || NOT_LOOKED_AT.has(problem.code)) return { flow: next, effects };
  // The capture was judged: the next one needs other steps, which the refusal may bring.
  const { frames: _, session, ...rest } = next;
  const prompt = verdict?.next;
  if (!session || !verdict || !prompt) return { flow: rest, effects };
  const renewed = { ...session, nonce: prompt.nonce, steps: prompt.steps, attempts_left: verdict.attempts_left };
  return { flow: { ...rest, session: renewed }, effects };
}

function startOver(plan: Plan, flow: Flow): Next {
  const { frames, session, ...rest } = flow;
  // A capture that was never judged has used its steps up all the same: somebody may have seen it.
  const kept = frames === undefined && session !== undefined ? { session } : {};
  return opening(plan, { ...rest, ...kept, shots: plan.way === "poses" ? POSES.map(() => undefined) : flow.shots });
}
