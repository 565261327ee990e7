import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { SignedIn } from "../api/types";
import type { Photo } from "../camera/photo";
import { CONSENT_VERSION, ui } from "../text/en";
import { type Attempt, newAttempt } from "./attempt";
import { Button } from "./Button";
import { ProblemNotice } from "./Notice";
import { PictureField } from "./PictureField";
import { useNow } from "./useNow";
import { usePicture } from "./usePicture";
import { usernameFault } from "./username";

export type Entry = "enrol" | "signIn";

interface EntryFormProps {
  readonly api: Api;
  readonly entry: Entry;
  readonly username: string;
  readonly onUsername: (username: string) => void;
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

interface Refusal {
  readonly problem: Problem;
  /** When another try makes sense, in ms since the epoch; absent when at once. */
  readonly retryAt?: number;
}

function refusalOf(problem: Problem): Refusal {
  return problem.retryAfter === undefined ? { problem } : { problem, retryAt: Date.now() + problem.retryAfter * 1000 };
}

/** A username, a picture and, to enrol, consent. */
export function EntryForm({ api, entry, username: typed, onUsername, onSignedIn }: EntryFormProps) {
  // Keyboards that complete words leave a space behind.
  const username = typed.trim();
  const control = usePicture(api);
  const [consent, setConsent] = useState(false);
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const [attempt] = useState<Attempt>(newAttempt);
  const form = useRef<HTMLFormElement>(null);
  const shown = useRef(true);
  useEffect(() => () => void (shown.current = false), []);

  const retryAt = refusal?.retryAt;
  const now = useNow(retryAt !== undefined);
  const wait = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));

  const nameFault = usernameFault(username);
  const photo = control.picture.at === "photo" ? control.picture.photo : undefined;
  const agreed = entry === "signIn" || consent;

  // A new picture deserves a fresh answer; a wait goes on whatever the picture.
  useEffect(() => {
    setRefusal((old) => (old?.retryAt === undefined ? undefined : old));
  }, [photo]);

  async function submit() {
    setAsked(true);
    if (nameFault || !photo || !agreed) {
      focusFirstFault();
      return;
    }
    setBusy(true);
    setRefusal(undefined);
    const result = await send(photo);
    if (!shown.current) return;
    setBusy(false);
    if (result.ok) onSignedIn(result.value);
    else setRefusal(refusalOf(result.problem));
  }

  function send(photo: Photo): Promise<Result<SignedIn>> {
    if (entry === "signIn") return api.verify(username, photo.jpeg);
    const key = attempt.keyOf(username, photo);
    return api.register({ username, photo: photo.jpeg, policyVersion: CONSENT_VERSION, key });
  }

  function focusFirstFault() {
    const selector = !photo ? ".picture input, .picture button" : nameFault ? "[name=username]" : "[name=consent]";
    form.current?.querySelector<HTMLElement>(selector)?.focus();
  }

  return (
    <form
      class="entry"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && wait === 0) void submit();
      }}
    >
      <PictureField control={control} fault={asked && !photo ? ui.pictureMissing : undefined} />
      <div class="fields">
        <UsernameField value={typed} onValue={onUsername} fault={asked ? nameFault : undefined} />
        {entry === "enrol" ? (
          <ConsentField value={consent} onValue={setConsent} fault={asked && !consent} />
        ) : (
          <p class="quiet">{ui.photoOnly}</p>
        )}
        <Button kind="primary" submit busy={busy} waiting={wait > 0}>
          {entry === "enrol" ? (busy ? ui.enrolBusy : ui.enrolAction) : busy ? ui.signInBusy : ui.signInAction}
        </Button>
        <div role="status">{refusal && <ProblemNotice problem={refusal.problem} wait={wait} />}</div>
      </div>
    </form>
  );
}

interface UsernameFieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly fault: ReturnType<typeof usernameFault>;
}

function UsernameField({ value, onValue, fault }: UsernameFieldProps) {
  const id = useId();
  const hint = useId();
  return (
    <div>
      <label class="label" for={id}>
        {ui.username}
      </label>
      <input
        class="text"
        id={id}
        name="username"
        type="text"
        value={value}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={128}
        aria-describedby={hint}
        aria-invalid={fault !== undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <p class={fault ? "fault" : "quiet"} id={hint}>
        {fault === "missing" ? ui.usernameMissing : fault === "invalid" ? ui.usernameInvalid : ui.usernameHint}
      </p>
    </div>
  );
}

interface ConsentFieldProps {
  readonly value: boolean;
  readonly onValue: (value: boolean) => void;
  readonly fault: boolean;
}

function ConsentField({ value, onValue, fault }: ConsentFieldProps) {
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
        <span>{ui.consent}</span>
      </label>
      <p class="fault" id={hint}>
        {fault && ui.consentMissing}
      </p>
    </div>
  );
}
