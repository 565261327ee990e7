import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Api, Proof } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { Action, CaptureLimits, FaceAnswer } from "../api/types";
import { useTexts } from "../text/context";
import { CONSENT_VERSION } from "../text/texts";
import { type Attempt, newAttempt } from "./attempt";
import { Button } from "./Button";
import { EntryCamera } from "./EntryCamera";
import { Explanation } from "./Explanation";
import { Icon } from "./icons";
import type { Invited } from "./InvitationGate";
import { ProblemNotice } from "./Notice";
import { PictureField } from "./PictureField";
import { UsernameField } from "./UsernameField";
import { usePicture } from "./usePicture";
import { useWait } from "./useWait";
import { usernameFault } from "./username";

export type Entry = "enrol" | "signIn";

/** What a person can do who cannot turn or raise the head. */
const OTHER_STEPS: readonly Action[] = ["move_closer", "blink"];

export interface EntryFormProps {
  readonly api: Api;
  readonly limits: CaptureLimits;
  readonly entry: Entry;
  readonly username: string;
  /** The invitation to enrol with; its name is the username. */
  readonly invited?: Invited | undefined;
  readonly onUsername: (username: string) => void;
  /** Whether to tell what will happen, beside the form where there is room. */
  readonly explains?: boolean;
  /** Whether to ask for a passkey after the face, even where the service does not. */
  readonly secondFactor?: boolean;
  /** The face was accepted. */
  readonly onAnswer: (answer: FaceAnswer) => void;
  /** Signs in with a passkey alone, where the service allows it; answers the problem, if there is one. */
  readonly onPasskey?: (() => Promise<Problem | undefined>) | undefined;
}

/** A username and, to enrol, consent; then the camera, or a photo where one is enough. */
export function EntryForm(props: EntryFormProps) {
  const { api, limits, entry, username: given, invited: invitation, secondFactor = false, explains = false } = props;
  const { onUsername, onAnswer, onPasskey } = props;
  const { ui } = useTexts();
  // An invitation is for enrolling alone.
  const invited = entry === "enrol" ? invitation : undefined;
  const typed = invited?.username ?? given;
  // Keyboards that complete words leave a space behind.
  const username = typed.trim();
  const control = usePicture(api);
  const [way, setWay] = useState<"camera" | "photo">("camera");
  const [filming, setFilming] = useState(false);
  const [otherSteps, setOtherSteps] = useState(false);
  const [consent, setConsent] = useState(false);
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [attempt] = useState<Attempt>(newAttempt);
  const form = useRef<HTMLFormElement>(null);
  const shown = useRef(true);
  useLayoutEffect(() => () => void (shown.current = false), []);

  const wait = useWait(problem);

  const nameFault = usernameFault(username);
  const photo = control.picture.at === "photo" ? control.picture.photo : undefined;
  const agreed = entry === "signIn" || consent;
  const challenged = entry === "signIn" || limits.liveness_required;

  // A new picture clears the old answer. A wait goes on with every picture.
  useEffect(() => {
    setProblem((old) => (old?.retryAfter === undefined ? undefined : old));
  }, [photo, way]);

  /** Shows the service `proof`, to enrol or to sign in. */
  function send(proof: Proof, onSent?: (share: number) => void): Promise<Result<FaceAnswer>> {
    if (entry === "signIn") return api.verify(username, proof, onSent, { secondFactor });
    const key = attempt.keyOf(username, proof);
    return api.register({ username, proof, policyVersion: CONSENT_VERSION, invitation: invited?.secret, key }, onSent);
  }

  async function submit() {
    setAsked(true);
    const pictureMissing = way === "photo" && !photo;
    if (nameFault || pictureMissing || !agreed) {
      focusFirstFault(pictureMissing);
      return;
    }
    if (way === "camera") return setFilming(true);
    if (!photo) return;
    setBusy(true);
    setProblem(undefined);
    const result = await send({ kind: "pictures", pictures: [photo.jpeg] });
    if (!shown.current) return;
    setBusy(false);
    if (result.ok) onAnswer(result.value);
    else setProblem(result.problem);
  }

  /** Leaves the camera, and goes on with a passkey alone. */
  async function usePasskey() {
    setFilming(false);
    setProblem(undefined);
    const problem = await onPasskey?.();
    if (problem && shown.current) setProblem(problem);
  }

  function focusFirstFault(pictureMissing: boolean) {
    const selector = pictureMissing ? ".picture input, .picture button" : nameFault ? "[name=username]" : "[name=consent]";
    form.current?.querySelector<HTMLElement>(selector)?.focus();
  }

  if (entry === "enrol") {
    const { registration } = limits;
    if (registration === "invite" && !invited) return <p>{ui.registrationByInvitation}</p>;
    if (registration === "service" || registration === "closed") return <p>{ui.registrationClosed}</p>;
  }

  if (filming) {
    const usePhoto = () => {
      setFilming(false);
      setWay("photo");
    };
    return (
      <EntryCamera
        api={api}
        limits={limits}
        way={challenged ? "challenge" : "poses"}
        wish={{
          ...(entry === "signIn" ? { username, purpose: "verify" } : { purpose: "register" }),
          ...(otherSteps ? { actions: OTHER_STEPS } : {}),
        }}
        send={send}
        stream={entry === "signIn" ? (session) => api.streamVerify(username, session, { secondFactor }) : undefined}
        onDone={onAnswer}
        onCancel={() => setFilming(false)}
        onPhoto={limits.liveness_required ? undefined : usePhoto}
        onPasskey={onPasskey && (() => void usePasskey())}
        mend={(problem) =>
          problem.code === "username_taken" &&
          !invited && (
            <UsernameField value={typed} onValue={onUsername} fault={usernameFault(username)} />
          )
        }
      />
    );
  }

  return (
    <form
      class={way === "photo" ? "entry" : explains ? "entry entry-explained" : "entry entry-narrow"}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && wait === 0) void submit();
      }}
    >
      {way === "photo" && <PictureField control={control} fault={asked && !photo ? ui.pictureMissing : undefined} />}
      <div class="fields">
        {invited ? (
          <InvitedAs username={invited.username} />
        ) : (
          <UsernameField value={typed} onValue={onUsername} fault={asked ? nameFault : undefined} />
        )}
        {entry === "enrol" && (
          <ConsentField
            value={consent}
            onValue={setConsent}
            imageDays={limits.enrolment_image_days}
            fault={asked && !consent}
          />
        )}
        {way === "camera" && challenged && <OtherSteps value={otherSteps} onValue={setOtherSteps} />}
        <p class="quiet">
          {way === "photo" ? ui.photoOnly : challenged ? ui.cameraIntroLiveness : ui.cameraIntroEnrol}
        </p>
        {way === "camera" ? (
          <Button kind="primary" submit busy={busy} waiting={wait > 0}>
            <Icon name="camera" />
            {ui.startCamera}
          </Button>
        ) : (
          <Button
            kind="primary"
            submit
            busy={busy}
            doing={entry === "enrol" ? ui.enrolBusy : ui.signInBusy}
            waiting={wait > 0}
          >
            {entry === "enrol" ? ui.enrolAction : ui.signInAction}
          </Button>
        )}
        {!limits.liveness_required && (
          <button type="button" class="link" onClick={() => setWay(way === "camera" ? "photo" : "camera")}>
            {way === "camera" ? ui.photoInstead : ui.cameraInstead}
          </button>
        )}
        {onPasskey && (
          <button type="button" class="link" onClick={() => void usePasskey()}>
            {ui.passkeyAlone}
          </button>
        )}
        <div role="status">{problem && <ProblemNotice problem={problem} wait={wait} />}</div>
      </div>
      {way === "camera" && explains && (
        <Explanation
          looks={challenged ? "prompts" : "poses"}
          enrols={entry === "enrol"}
          imageDays={limits.enrolment_image_days}
        />
      )}
    </form>
  );
}

/** The name of an invitation, which nobody changes. */
function InvitedAs({ username }: { username: string }) {
  const { ui } = useTexts();
  return (
    <div>
      <h2 class="invited">
        {ui.invitedAs} <strong>{username}</strong>
      </h2>
      <p class="quiet">{ui.invitedHint}</p>
    </div>
  );
}

interface ConsentFieldProps {
  readonly value: boolean;
  readonly onValue: (value: boolean) => void;
  /** Days for which the service keeps pictures; 0 when it keeps none. */
  readonly imageDays: number;
  readonly fault: boolean;
}

function ConsentField({ value, onValue, imageDays, fault }: ConsentFieldProps) {
  const { ui } = useTexts();
  const hint = useId();
  return (
    <div>
      <label class="consent">
        <input
          type="checkbox"
          name="consent"
          checked={value}
          aria-invalid={fault}
          aria-describedby={hint}
          onChange={(event) => onValue(event.currentTarget.checked)}
        />
        <span>
          {ui.consent} {imageDays > 0 ? ui.consentImages(imageDays) : ui.consentNoImages} {ui.consentErase}
        </span>
      </label>
      <p class="fault" id={hint}>
        {fault && ui.consentMissing}
      </p>
    </div>
  );
}

/** Another way for who cannot do the usual movements. */
function OtherSteps({ value, onValue }: { value: boolean; onValue: (value: boolean) => void }) {
  const { ui } = useTexts();
  const hint = useId();
  return (
    <div>
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          aria-describedby={hint}
          onChange={(event) => onValue(event.currentTarget.checked)}
        />
        <span>{ui.otherSteps}</span>
      </label>
      <p class="quiet" id={hint}>
        {value && ui.otherStepsHint}
      </p>
    </div>
  );
}
