/**
 * Runs the machine: carries out its effects and reports their results as events. It knows cameras,
 * the face finder and the service only by their ports.
 */
import type { Result } from "../api/errors";
import type { CaptureStream, Proof } from "../api/client";
import type { LivenessSession } from "../api/types";
import { onNextFrame } from "../camera/frames";
import type { CameraResult } from "../camera/open";
import type { PhotoResult } from "../camera/photo";
import type { Recorder } from "../camera/recorder";
import type { Detector } from "../detector/port";
import { actions, type Effect, type Event, type Flow, framePace, type Plan, reduce, start, usable, viewOf } from "./machine";
import { Outgoing } from "./outgoing";

export interface Ports<T> {
  openCamera(device?: string): Promise<CameraResult>;
  stopCamera(stream: MediaStream): void;
  startDetector(): Promise<Detector>;
  takePhoto(video: HTMLVideoElement): Promise<PhotoResult>;
  /** Takes a frame every `pace` milliseconds. */
  record(video: HTMLVideoElement, pace: number): Recorder;
  openSession(): Promise<Result<LivenessSession>>;
  send(proof: Proof, onSent: (share: number) => void): Promise<Result<T>>;
  /** Sends a capture while it is made; `undefined` where that is not possible. */
  stream?(session: LivenessSession): CaptureStream<T> | undefined;
  /** Tells a person with closed eyes to open them. */
  tellToOpen(): void;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
}

/** What views look at. */
export interface Snapshot {
  readonly flow: Flow;
  /** What the camera sees, while it is on. */
  readonly stream?: MediaStream;
  /** The camera that was chosen, if one was. */
  readonly device?: string;
}

/** How often time passes for the machine, in milliseconds. */
const TICK_MS = 100;

export class Runner<T> {
  #flow: Flow;
  #stream: MediaStream | undefined;
  #device: string | undefined;
  #video: HTMLVideoElement | undefined;
  #detector: Detector | undefined;
  #recorder: Recorder | undefined;
  /** What is recorded, on its way. */
  #outgoing: Outgoing<T> | undefined;
  /** Ends the wait for a frame of a camera that opens. */
  #endWait = () => {};
  #looking = false;
  /** The service is asked for steps. */
  #fetching = false;
  #closed = false;
  /** Counts what was asked of the camera and the service: replies to older questions are dropped. */
  #asked = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #plan: Plan;
  readonly #ports: Ports<T>;
  readonly #onChange: (snapshot: Snapshot) => void;
  readonly #onDone: (value: T) => void;

  constructor(plan: Plan, ports: Ports<T>, onChange: (snapshot: Snapshot) => void, onDone: (value: T) => void) {
    this.#plan = plan;
    this.#ports = ports;
    this.#onChange = onChange;
    this.#onDone = onDone;
    const { flow, effects } = start(plan);
    this.#flow = flow;
    this.#timer = setInterval(() => this.dispatch({ type: "tick", now: ports.now() }), TICK_MS);
    document.addEventListener("visibilitychange", this.#visibility);
    void this.#find();
    this.#run(effects);
  }

  get snapshot(): Snapshot {
    return {
      flow: this.#flow,
      ...(this.#stream ? { stream: this.#stream } : {}),
      ...(this.#device === undefined ? {} : { device: this.#device }),
    };
  }

  dispatch(event: Event): void {
    if (this.#closed) return;
    const { flow, effects } = reduce(this.#plan, this.#flow, event);
    const changed = flow !== this.#flow;
    this.#flow = flow;
    this.#run(effects);
    this.#recorder?.pace(framePace(this.#flow.state));
    this.#feed();
    if (changed) this.#changed();
  }

  /** The element that shows the stream; the face finder looks at it. */
  attach(video: HTMLVideoElement | null): void {
    this.#video = video ?? undefined;
    this.#show();
  }

  choose(device: string): void {
    this.#device = device;
    this.dispatch({ type: "deviceChosen" });
  }

  /** Turns everything off. Nothing is dispatched afterwards. */
  close(): void {
    this.#closed = true;
    this.#asked += 1;
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#visibility);
    this.#drop();
    this.#off();
    this.#detector?.close();
  }

  readonly #visibility = () => {
    if (document.hidden) this.dispatch({ type: "hidden" });
  };

  #changed() {
    this.#onChange(this.snapshot);
  }

  #run(effects: readonly Effect[]) {
    for (const effect of effects) {
      switch (effect) {
        case "openCamera":
          void this.#openCamera();
          break;
        case "closeCamera":
          this.#off();
          break;
        case "openSession":
          void this.#openSession();
          break;
        case "takeShot":
          void this.#takeShot();
          break;
        case "record":
          this.#drop();
          this.#recorder = this.#video && this.#ports.record(this.#video, framePace(this.#flow.state));
          break;
        case "stopRecording":
          void this.#gather();
          break;
        case "dropRecording":
          this.#drop();
          break;
        case "stream":
          this.#openStream();
          break;
        case "send":
          void this.#send();
          break;
        case "tellToOpen":
          this.#ports.tellToOpen();
          break;
      }
    }
  }

  async #find() {
    try {
      const detector = await this.#ports.startDetector();
      if (this.#closed) return detector.close();
      this.#detector = detector;
      this.dispatch({ type: "finder", sees: true });
      void this.#look();
    } catch {
      // Words and time guide instead; nothing is wrong that the person could mend.
      this.dispatch({ type: "finder", sees: false });
    }
  }

  async #openCamera() {
    const mine = ++this.#asked;
    const result = await this.#ports.openCamera(this.#device);
    if (mine !== this.#asked) {
      if (result.ok) this.#ports.stopCamera(result.stream);
      return;
    }
    if (!result.ok) return this.dispatch({ type: "cameraFailed", trouble: result.trouble });
    this.#stream = result.stream;
    for (const track of result.stream.getTracks()) {
      // Fires when the device goes away, not when we stop the track ourselves.
      track.addEventListener("ended", () => {
        if (this.#stream === result.stream) this.dispatch({ type: "cameraFailed", trouble: "lost" });
      });
    }
    this.dispatch({ type: "streaming", now: this.#ports.now() });
    this.#changed();
    this.#show();
  }

  /**
   * Shows the stream, and begins with its first frame. The first ones of a camera are often black or
   * still too dark: that is no good look.
   */
  #show() {
    const [video, stream] = [this.#video, this.#stream];
    if (!video || !stream || video.srcObject === stream) return;
    video.srcObject = stream;
    this.#endWait = onNextFrame(video, () => {
      if (this.#closed || this.#stream !== stream || this.#video !== video) return;
      this.dispatch({ type: "cameraOpened", now: this.#ports.now() });
      void this.#look();
    });
  }

  #off() {
    this.#asked += 1;
    this.#endWait();
    if (this.#stream) this.#ports.stopCamera(this.#stream);
    this.#stream = undefined;
    if (this.#video) this.#video.srcObject = null;
  }

  /** Looks again and again, at the finder's own pace, while the camera is on. */
  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (!this.#closed && this.#detector && this.#stream && this.#video) {
        // The view may take its element away during a look, so this turn keeps the one it began with.
        const [video, stream] = [this.#video, this.#stream];
        const sighting = await this.#detector.look(video, actions(this.#flow).includes("blink"));
        // What was seen by a camera that is off by now says nothing of this one.
        if (sighting && stream === this.#stream) this.dispatch({ type: "seen", sighting });
        await nextFrame(video);
      }
    } catch {
      this.dispatch({ type: "finder", sees: false });
    } finally {
      this.#looking = false;
    }
  }

  /** Whatever the camera does meanwhile, steps are asked for once. */
  async #openSession() {
    const { session } = this.#flow;
    if (usable(session, this.#ports.wall())) {
      return this.dispatch({ type: "sessionOpened", session, now: this.#ports.now() });
    }
    if (this.#fetching) return;
    this.#fetching = true;
    const result = await this.#ports.openSession();
    this.#fetching = false;
    if (result.ok) this.dispatch({ type: "sessionOpened", session: result.value, now: this.#ports.now() });
    else this.dispatch({ type: "refused", problem: result.problem, wall: this.#ports.wall() });
  }

  async #takeShot() {
    const mine = this.#asked;
    if (!this.#video) return;
    const result = await this.#ports.takePhoto(this.#video);
    if (mine !== this.#asked) return;
    if (result.ok) this.dispatch({ type: "shotTaken", photo: result.photo, now: this.#ports.now() });
    else this.dispatch({ type: "cameraFailed", trouble: "failed" });
  }

  async #gather() {
    const [recorder, outgoing] = [this.#recorder, this.#outgoing];
    this.#recorder = undefined;
    const frames = (await recorder?.stop()) ?? [];
    const view = viewOf(this.#flow, this.#ports.now());
    if (view) outgoing?.feed(frames, view);
    this.dispatch({ type: "recorded", frames });
  }

  /** Forgets what was recorded, and takes back what has left of it. */
  #drop() {
    this.#recorder?.drop();
    this.#recorder = undefined;
    this.#outgoing?.abort();
    this.#outgoing = undefined;
  }

  #openStream() {
    const { session } = this.#flow;
    const stream = session && this.#ports.stream?.(session);
    this.#outgoing = stream && new Outgoing(stream, session.capture);
  }

  /** Sends what has been recorded by now, as far as it is chosen. */
  #feed() {
    if (!this.#recorder || !this.#outgoing) return;
    const view = viewOf(this.#flow, this.#ports.now());
    if (view) this.#outgoing.feed(this.#recorder.taken(), view);
  }

  async #send() {
    const proof = proofOf(this.#plan, this.#flow);
    if (!proof) return;
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    const onSent = (share: number) => this.dispatch({ type: "sent", share });
    const answer = await outgoing?.end(onSent);
    if (this.#closed) return;
    const result = answer ?? (await this.#ports.send(proof, onSent));
    if (this.#closed) return;
    if (result.ok) {
      this.dispatch({ type: "accepted" });
      return this.#onDone(result.value);
    }
    const { problem } = result;
    const verdict = problem.liveness ? { verdict: problem.liveness } : {};
    this.dispatch({ type: "refused", problem, ...verdict, wall: this.#ports.wall() });
  }
}

/** What is sent, as soon as it is all there. */
export function proofOf(plan: Plan, { frames, session, shots }: Flow): Proof | undefined {
  if (plan.way === "poses") {
    const pictures = shots.flatMap((shot) => (shot ? [shot.jpeg] : []));
    return pictures.length === shots.length ? { kind: "pictures", pictures } : undefined;
  }
  return frames && session ? { kind: "capture", session, frames } : undefined;
}

/** The next frame of the video, or a moment later when it shows none. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      end();
      resolve();
    };
    const timer = setTimeout(done, 250);
    const end = onNextFrame(video, done);
  });
}
