import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CaptureStream, Proof } from "../api/client";
import type { Result } from "../api/errors";
import type { LivenessSession } from "../api/types";
import { openCamera, stopCamera } from "../camera/open";
import { photoFromVideo } from "../camera/photo";
import { record } from "../camera/recorder";
import { startDetector } from "../detector/client";
import type { Plan } from "../liveness/machine";
import { Runner, type Snapshot } from "../liveness/runner";
import { tellToOpen } from "../liveness/tell";

/** What the flow asks of the service; read anew at each call. */
export interface Errand<T> {
  openSession(): Promise<Result<LivenessSession>>;
  send(proof: Proof, onSent: (share: number) => void): Promise<Result<T>>;
  /** Sends a capture while it is made; `undefined`, or left out, where that is not possible. */
  stream?: ((session: LivenessSession) => CaptureStream<T> | undefined) | undefined;
  onDone(value: T): void;
}

/** A runner for as long as the component is shown. `plan` must not change meanwhile. */
export function useRunner<T>(plan: Plan, errand: Errand<T>): { runner: Runner<T> | undefined; snapshot: Snapshot | undefined } {
  const [runner, setRunner] = useState<Runner<T>>();
  const [snapshot, setSnapshot] = useState<Snapshot>();
  const current = useRef(errand);
  current.current = errand;

  // A layout effect: its end comes before the next view is painted, so no view without a camera is
  // ever shown while the camera is still on.
  useLayoutEffect(() => {
    const now = () => performance.now();
    const created: Runner<T> = new Runner<T>(
      plan,
      {
        openCamera: (device) => openCamera(device),
        stopCamera,
        startDetector,
        takePhoto: photoFromVideo,
        tellToOpen,
        record: (video, pace) => record(video, now, pace),
        openSession: () => current.current.openSession(),
        send: (proof, onSent) => current.current.send(proof, onSent),
        stream: (session) => current.current.stream?.(session),
        now,
        wall: () => Date.now(),
      },
      setSnapshot,
      (value) => current.current.onDone(value),
    );
    setRunner(created);
    setSnapshot(created.snapshot);
    return () => created.close();
  }, []);

  return { runner, snapshot };
}
