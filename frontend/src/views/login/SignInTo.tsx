import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Api } from "../../api/client";
import type { LoginRequest } from "../../api/login";
import type { CaptureLimits, SignedIn } from "../../api/types";
import { useTexts } from "../../text/context";
import type { Entry } from "../EntryForm";
import { EntrySteps } from "../EntrySteps";
import { Tabs, tabId } from "../Tabs";
import { useLimits } from "../useLimits";
import { WithLimits } from "../WithLimits";
import { Asks } from "./Asks";

const PANEL = "entry";

interface SignInToProps {
  readonly api: Api;
  readonly asked: LoginRequest;
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

/** Signs in or enrols for an app. What stands below comes with the form, which would move it. */
export function SignInTo({ api, asked, onSignedIn, children }: SignInToProps & { children: ComponentChildren }) {
  const { ui } = useTexts();
  const [limits, askAgain] = useLimits(api);
  return (
    <>
      <Asks app={asked.client.name}>{asked.second_factor && <p class="hint">{ui.loginSecondFactor}</p>}</Asks>
      <WithLimits limits={limits} askAgain={askAgain}>
        {(limits) => <Entering api={api} limits={limits} asked={asked} onSignedIn={onSignedIn} />}
      </WithLimits>
      {limits && children}
    </>
  );
}

function Entering({ api, limits, asked, onSignedIn }: SignInToProps & { limits: CaptureLimits }) {
  const { ui } = useTexts();
  const tabs = useMemo(() => [{ id: "enrol", label: ui.enrol }, { id: "signIn", label: ui.signIn }] as const, [ui]);
  // Where not everybody may enrol, there is nothing to choose.
  const open = limits.registration === "open";
  const [entry, setEntry] = useState<Entry>(open && asked.prompt_create ? "enrol" : "signIn");
  const [username, setUsername] = useState(asked.login_hint ?? "");
  // A second factor is not asked for here. The service asks everybody who has a passkey, and would
  // refuse whoever has none. They sign in with their face, and then make one.
  const steps = (
    <EntrySteps
      key={entry}
      api={api}
      limits={limits}
      entry={entry}
      explains
      username={username}
      onUsername={setUsername}
      onSignedIn={onSignedIn}
    />
  );
  if (!open) return steps;
  return (
    <>
      <Tabs tabs={tabs} selected={entry} panel={PANEL} onSelect={setEntry} />
      <div id={PANEL} role="tabpanel" aria-labelledby={tabId(entry)}>
        {steps}
      </div>
    </>
  );
}
