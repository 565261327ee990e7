import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { Action } from "../api/types";
import { type CameraDevice, listCameras } from "../camera/devices";
import { actions, canSendAgain, type Flow as FlowState, MANUAL_AFTER_MS, type Plan, POSES } from "../liveness/machine";
import type { Runner, Snapshot } from "../liveness/runner";
import { useTexts } from "../text/context";
import { type Prompt, reasonLine } from "../text/texts";
import { Button } from "./Button";
import { Notice, ProblemNotice } from "./Notice";
import { Preview } from "./Preview";
import { PromptFigure } from "./PromptFigure";
import { Review } from "./Review";
import { useNow } from "./useNow";

interface FlowProps<T> {
  readonly api: Api;
  readonly plan: Plan;
  readonly runner: Runner<T>;
  readonly snapshot: Snapshot;
  /** Leaves the camera. */
  readonly onCancel: () => void;
  /** Another way in, where there is one. */
  readonly onPhoto?: (() => void) | undefined;
  /** A way in without a face, where there is one. */
  readonly onPasskey?: (() => void) | undefined;
  /** What is asked besides, for a problem that has to do with it. */
  readonly mend?: ((problem: Problem) => ComponentChildren) | undefined;
}

/** Everything that happens at the camera, one screen at a time. */
export function Flow<T>(props: FlowProps<T>) {
  const { runner, snapshot, plan } = props;
  const { flow } = snapshot;
  const { ui } = useTexts();
  const screen = useRef<HTMLElement>(null);
  const at = flow.state.at;

  // The button that was pressed is gone with its screen: keep the focus in here.
  useLayoutEffect(() => {
    const active = screen.current?.getRootNode() as Document | ShadowRoot | undefined;
    if (!active?.activeElement || active.activeElement === document.body) screen.current?.focus();
  }, [at]);

  return (
    <section class="flow" ref={screen} tabIndex={-1} data-at={at} aria-label={ui.useCamera}>
      <Screen {...props} />
      <Steps flow={flow} plan={plan} />
      {flow.state.at === "opening" && (
        <Actions onCancel={props.onCancel}>
          {flow.state.late && (
            <WaysOut runner={runner} snapshot={snapshot} onPhoto={props.onPhoto} onPasskey={props.onPasskey} />
          )}
        </Actions>
      )}
      {(at === "framing" || at === "pose" || at === "challenge" || at === "gathering") && (
        <Actions onCancel={props.onCancel}>
          <Manual flow={flow} onPress={() => runner.dispatch({ type: "pressed", now: performance.now() })} />
          <Devices chosen={snapshot.device} stream={snapshot.stream} onChoose={(id) => runner.choose(id)} />
        </Actions>
      )}
    </section>
  );
}

function Screen<T>({ api, plan, runner, snapshot, onCancel, onPhoto, onPasskey, mend }: FlowProps<T>) {
  const { flow } = snapshot;
  const { state } = flow;
  const { ui, camera } = useTexts();
  const resume = () => runner.dispatch({ type: "resumed" });
  switch (state.at) {
    case "opening":
    case "framing":
    case "pose":
    case "challenge":
    case "gathering":
      return (
        <Preview runner={runner} flow={flow}>
          <Instruction flow={flow} />
        </Preview>
      );
    case "blocked": {
      const { title, advice } = camera[state.trouble];
      return (
        <Stop title={title} lines={onPhoto ? [advice, ui.orPhoto] : [advice]}>
          <Button kind="primary" onPress={resume}>
            {ui.tryAgain}
          </Button>
          {onPhoto && <Button onPress={onPhoto}>{ui.photoInstead}</Button>}
          {onPasskey && <Button onPress={onPasskey}>{ui.passkeyAlone}</Button>}
          <Button onPress={onCancel}>{ui.closeCamera}</Button>
        </Stop>
      );
    }
    case "paused":
      return (
        <Stop title={ui.pausedTitle} lines={[ui.paused]}>
          <Button kind="primary" onPress={resume}>
            {ui.resume}
          </Button>
          <Button onPress={onCancel}>{ui.closeCamera}</Button>
        </Stop>
      );
    case "review":
      return (
        <Review
          api={api}
          shots={flow.shots}
          onRetake={(index) => runner.dispatch({ type: "retake", index })}
          onConfirm={() => runner.dispatch({ type: "confirmed" })}
          onCancel={onCancel}
        />
      );
    case "sending":
      return <Sending sent={state.sent} />;
    case "refused":
      return (
        <Refused plan={plan} runner={runner} flow={flow} onCancel={onCancel} onPasskey={onPasskey} mend={mend} />
      );
    case "done":
      return <Sending sent={1} />;
  }
}

/** What to do now, in words and as a moving figure. */
function Instruction({ flow }: { flow: FlowState }) {
  const { ui, hint, prompt, late } = useTexts();
  const { state } = flow;
  if (state.at === "opening") {
    if (!state.late) return <p class="instruction">{ui.openingCamera}</p>;
    const { title, advice } = late[state.waitsFor];
    return (
      <div role="status">
        <Notice tone="attention" title={title}>
          <p>{advice}</p>
        </Notice>
      </div>
    );
  }
  const asked = promptOf(flow);
  const words = hintWords(flow);
  const next = nextStepOf(flow);
  return (
    <div class="instruction" data-prompt={asked}>
      {asked && <PromptFigure prompt={asked} />}
      <div>
        <p class="instruction-prompt" aria-live="assertive">
          {asked && prompt[asked]}
        </p>
        <p class="instruction-hint" aria-live="polite">
          {words ? hint[words] : asked === "blink" ? ui.withoutSound : ""}
        </p>
        {/* To be seen, and not spoken over the prompt: it is spoken when it is the prompt. */}
        {next && !words && asked !== "blink" && <p class="instruction-next">{ui.nextStep(prompt[next])}</p>}
      </div>
      {state.at === "challenge" && state.progress.phase === "do" && (
        <Countdown key={state.progress.step} milliseconds={withinOf(flow, state.progress.step)} />
      )}
    </div>
  );
}

/** What the person is asked to do. */
export function promptOf(flow: FlowState): Prompt | undefined {
  const { state } = flow;
  if (state.at === "pose") return POSES[state.index];
  if (state.at === "framing" || state.at === "gathering") return "straight";
  if (state.at !== "challenge") return undefined;
  const { phase, step } = state.progress;
  const action = actions(flow)[step];
  if (phase === "straight" || phase === "finish" || !action) return "straight";
  if (phase === "do") return action;
  return action === "move_closer" ? "stay" : action === "blink" ? "opened" : "back";
}

/** The step that comes after the one that is asked for now. */
export function nextStepOf(flow: FlowState): Action | undefined {
  const { state } = flow;
  if (state.at !== "challenge" || state.progress.phase === "finish") return undefined;
  const { phase, step } = state.progress;
  return actions(flow)[phase === "straight" ? step : step + 1];
}

/** The hint that goes with it; a prompt that says the same needs none. */
function hintWords({ state, hint }: FlowState) {
  if (!hint || state.at === "gathering") return undefined;
  if (hint.hint === "straight") return undefined;
  // A person who turns their head is not still and not straight, and comes closer when asked to.
  const moving = state.at === "challenge";
  if (moving && !["no_face", "several_faces", "too_dark", "too_bright"].includes(hint.hint)) return undefined;
  return hint.hint;
}

function withinOf({ session }: FlowState, step: number): number {
  return session?.steps[step]?.within_ms ?? 0;
}

/** The time that is left for a step. */
function Countdown({ milliseconds }: { milliseconds: number }) {
  const { ui } = useTexts();
  const [began] = useState(() => Date.now());
  const left = Math.max(0, Math.ceil((began + milliseconds - useNow(true)) / 1000));
  return (
    <p class="countdown">
      <span class="countdown-bar" style={{ animationDuration: `${milliseconds}ms` }} aria-hidden="true" />
      <span class="countdown-text">{ui.secondsLeft(left)}</span>
    </p>
  );
}

/** Lets people go on by themselves when nothing sees them, or nothing likes what it sees. */
function Manual({ flow, onPress }: { flow: FlowState; onPress: () => void }) {
  const { ui } = useTexts();
  const { state } = flow;
  const waits = (state.at === "framing" && !state.opening) || (state.at === "pose" && !state.taking);
  useNow(waits);
  if (!waits || (flow.sees !== false && performance.now() - state.since < MANUAL_AFTER_MS)) return null;
  return (
    <Button kind="primary" onPress={onPress}>
      {state.at === "pose" ? ui.takeNow : ui.startNow}
    </Button>
  );
}

interface WaysOutProps<T> {
  readonly runner: Runner<T>;
  readonly snapshot: Snapshot;
  readonly onPhoto: (() => void) | undefined;
  readonly onPasskey: (() => void) | undefined;
}

/** What people can do about a camera that gives nothing: it is waited for meanwhile. */
function WaysOut<T>({ runner, snapshot, onPhoto, onPasskey }: WaysOutProps<T>) {
  const { ui } = useTexts();
  return (
    <>
      <Button kind="primary" onPress={() => runner.dispatch({ type: "resumed" })}>
        {ui.tryAgain}
      </Button>
      <Devices chosen={snapshot.device} stream={snapshot.stream} onChoose={(id) => runner.choose(id)} />
      {onPhoto && <Button onPress={onPhoto}>{ui.photoInstead}</Button>}
      {onPasskey && <Button onPress={onPasskey}>{ui.passkeyAlone}</Button>}
    </>
  );
}

interface DevicesProps {
  readonly chosen: string | undefined;
  readonly stream: MediaStream | undefined;
  readonly onChoose: (id: string) => void;
}

/** Which camera, when there are several. */
function Devices({ chosen, stream, onChoose }: DevicesProps) {
  const { ui } = useTexts();
  const [devices, setDevices] = useState<readonly CameraDevice[]>([]);
  useEffect(() => {
    let shown = true;
    void listCameras().then((found) => shown && setDevices(found));
    return () => void (shown = false);
  }, [stream]);
  if (devices.length < 2) return null;
  const used = chosen ?? stream?.getVideoTracks()[0]?.getSettings().deviceId;
  return (
    <select
      class="text devices"
      aria-label={ui.chooseCamera}
      value={used}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {devices.map(({ id, label }, index) => (
        <option key={id} value={id}>
          {label || ui.unnamedCamera(index + 1)}
        </option>
      ))}
    </select>
  );
}

function Actions({ onCancel, children }: { onCancel: () => void; children?: ComponentChildren }) {
  const { ui } = useTexts();
  return (
    <div class="actions flow-actions">
      {children}
      <Button onPress={onCancel}>{ui.stop}</Button>
    </div>
  );
}

/** How far it is: a mark for each picture or step. */
function Steps({ flow, plan }: { flow: FlowState; plan: Plan }) {
  const { ui } = useTexts();
  const { state } = flow;
  let [done, all] = [0, 0];
  if (plan.way === "poses" && state.at === "pose") {
    all = flow.shots.length;
    done = flow.shots.filter((shot) => shot !== undefined).length;
  } else if (state.at === "challenge") {
    all = actions(flow).length;
    done = state.progress.phase === "finish" ? all : state.progress.step;
  }
  if (all === 0) return null;
  return (
    <p class="marks">
      {Array.from({ length: all }, (_, index) => (
        <span key={index} class={index < done ? "mark mark-done" : "mark"} aria-hidden="true" />
      ))}
      <span class="visually-hidden">{ui.progress(Math.min(done + 1, all), all)}</span>
    </p>
  );
}

function Sending({ sent }: { sent: number | undefined }) {
  const { ui } = useTexts();
  const uploading = sent !== undefined && sent < 1;
  const label = uploading ? ui.uploading : ui.checkingYou;
  return (
    <div class="sending" role="status">
      <p class="instruction-prompt">{label}</p>
      {uploading ? (
        <progress value={sent} max={1} aria-label={label} />
      ) : (
        <span class="spinner" aria-hidden="true" />
      )}
    </div>
  );
}

interface RefusedProps<T> {
  readonly plan: Plan;
  readonly runner: Runner<T>;
  readonly flow: FlowState;
  readonly onCancel: () => void;
  readonly onPasskey: (() => void) | undefined;
  readonly mend: FlowProps<T>["mend"];
}

/** Why it did not work, and the next try. */
function Refused<T>({ plan, runner, flow, onCancel, onPasskey, mend }: RefusedProps<T>) {
  const texts = useTexts();
  const { ui } = texts;
  const refused = flow.state.at === "refused" ? flow.state : undefined;
  const retryAt = refused?.retryAt;
  const now = useNow(retryAt !== undefined);
  const again = canSendAgain(plan, flow);

  // When the connection comes back, nobody has to press anything.
  const offline = again && refused?.problem.code === "network";
  useEffect(() => {
    if (!offline) return;
    const send = () => runner.dispatch({ type: "sendAgain" });
    window.addEventListener("online", send);
    return () => window.removeEventListener("online", send);
  }, [offline, runner]);

  if (!refused) return null;
  const wait = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  const { problem, verdict } = refused;
  return (
    <div class="stop">
      <div role="status">
        <ProblemNotice problem={problem} wait={wait}>
          {verdict && verdict.reasons.length > 0 && (
            <ul class="reasons">
              {verdict.reasons.map((code) => (
                <li key={code}>{reasonLine(texts, code)}</li>
              ))}
            </ul>
          )}
          {flow.session && verdict && verdict.attempts_left > 0 && (
            <p class="quiet">{ui.attemptsLeft(verdict.attempts_left)}</p>
          )}
          {again && <p class="quiet">{ui.kept}</p>}
        </ProblemNotice>
      </div>
      {mend?.(problem)}
      <div class="actions">
        {again && (
          <Button kind="primary" waiting={wait > 0} onPress={() => runner.dispatch({ type: "sendAgain" })}>
            {ui.sendAgain}
          </Button>
        )}
        <Button
          kind={again ? "plain" : "primary"}
          waiting={wait > 0}
          onPress={() => runner.dispatch({ type: "startOver" })}
        >
          {again ? ui.startOver : ui.tryAgain}
        </Button>
        {onPasskey && problem.code === "too_many_failures" && <Button onPress={onPasskey}>{ui.passkeyAlone}</Button>}
        <Button onPress={onCancel}>{ui.closeCamera}</Button>
      </div>
    </div>
  );
}

interface StopProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly children: ComponentChildren;
}

/** A screen that waits for a decision. */
function Stop({ title, lines, children }: StopProps) {
  return (
    <div class="stop">
      <div role="status">
        <Notice tone="attention" title={title}>
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </Notice>
      </div>
      <div class="actions">{children}</div>
    </div>
  );
}
