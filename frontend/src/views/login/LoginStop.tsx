import type { ComponentChildren } from "preact";
import { useTexts } from "../../text/context";
import { Notice } from "../Notice";

/** Words of the service that say that it does not know the app. */
const UNKNOWN_CLIENT = new Set(["unknown_client", "invalid_redirect_uri"]);

/** The app asked for something that this service cannot answer. */
export function RefusedRequest({ word }: { word: string }) {
  const { ui } = useTexts();
  return (
    <Stopped title={ui.loginRefusedTitle} advice={ui.loginRefusedAdvice}>
      <p>{UNKNOWN_CLIENT.has(word) ? ui.loginRefusedClient : ui.loginRefusedOther}</p>
      {word !== "" && (
        <p class="quiet">
          <code>{word}</code>
        </p>
      )}
    </Stopped>
  );
}

/** The request has ended, or belongs to another browser. */
export function EndedRequest() {
  const { ui } = useTexts();
  return <Stopped title={ui.loginOverTitle} advice={ui.loginOverAdvice} />;
}

interface StoppedProps {
  readonly title: string;
  readonly advice: string;
  readonly children?: ComponentChildren;
}

/** Nothing can be done here. */
function Stopped({ title, advice, children }: StoppedProps) {
  const { ui } = useTexts();
  return (
    <div class="card">
      <h1 class="visually-hidden">{ui.signIn}</h1>
      <div role="alert">
        <Notice tone="attention" title={title}>
          <p>{advice}</p>
          {children}
        </Notice>
      </div>
      <p>
        <a href="/">{ui.loginToPage}</a>
      </p>
    </div>
  );
}
