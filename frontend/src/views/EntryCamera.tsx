import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Api, CaptureStream, Proof, SessionWish } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { CaptureLimits, LivenessSession } from "../api/types";
import type { Plan } from "../liveness/machine";
import { Flow } from "./Flow";
import { useRunner } from "./useRunner";

interface EntryCameraProps<T> {
  readonly api: Api;
  readonly limits: CaptureLimits;
  readonly way: Plan["way"];
  /** What a liveness session is asked for. */
  readonly wish: SessionWish;
  readonly send: (proof: Proof, onSent: (share: number) => void) => Promise<Result<T>>;
  /** Sends a capture while it is made, where that is possible. */
  readonly stream?: ((session: LivenessSession) => CaptureStream<T> | undefined) | undefined;
  readonly onDone: (value: T) => void;
  readonly onCancel: () => void;
  readonly onPhoto?: (() => void) | undefined;
  /** Another way in, where the camera or the name cannot be used. */
  readonly onPasskey?: (() => void) | undefined;
  readonly mend?: ((problem: Problem) => ComponentChildren) | undefined;
}

/** The camera for one errand: enrolling, signing in, adding a face. */
export function EntryCamera<T>({ api, limits, way, wish, send, stream, onDone, ...rest }: EntryCameraProps<T>) {
  const plan = useMemo<Plan>(() => ({ way, limits: limits.face }), [way, limits]);
  const { runner, snapshot } = useRunner<T>(plan, { openSession: () => api.openSession(wish), send, stream, onDone });
  if (!runner || !snapshot) return null;
  return <Flow api={api} plan={plan} runner={runner} snapshot={snapshot} {...rest} />;
}
