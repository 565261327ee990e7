/**
 * `<face-sign-in>`: the same camera, for other people's pages.
 *
 * ```html
 * <script type="module" src="https://auth.example.org/face-sign-in.js"></script>
 * <face-sign-in service="https://auth.example.org"></face-sign-in>
 * ```
 *
 * | attribute | meaning |
 * | --- | --- |
 * | `service` | origin of the service; left out, where the script came from |
 * | `mode` | `sign-in` (default) or `enrol` |
 * | `username` | fills the name in |
 * | `second-factor` | asks for a passkey after the face, even where the service does not |
 * | `lang` | `en` or `de`; left out, what the browser prefers |
 * | `theme` | `light` or `dark`; left out, what the browser prefers |
 *
 * | event | `detail` |
 * | --- | --- |
 * | `secondfactor` | `{ next }`: the face was recognised, and a passkey is asked for; nobody is signed in yet |
 * | `signedin` | the tokens and the user, after everything that is asked for |
 * | `enrolled` | the same, of `POST /register` |
 * | `problem` | `{ code }` of a refusal, from the service's closed list or `network`, `unexpected` |
 *
 * Every custom property of `views/tokens.css` themes it: `--accent`, `--surface`, `--radius`, `--font`.
 * Nothing is stored; what becomes of the tokens is the page's business.
 */
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Api, createApi } from "./api/client";
import type { Problem, Result } from "./api/errors";
import type { SecondFactor, SignedIn } from "./api/types";
import { TextsContext } from "./text/context";
import { textsFor } from "./text/texts";
import darkStyle from "./views/dark.css?inline";
import elementStyle from "./views/element.css?inline";
import flowStyle from "./views/flow.css?inline";
import pageStyle from "./views/page.css?inline";
import tokensStyle from "./views/tokens.css?inline";
import type { Entry } from "./views/EntryForm";
import { EntrySteps } from "./views/EntrySteps";
import { Notice } from "./views/Notice";
import { useLimits } from "./views/useLimits";
import { WithLimits } from "./views/WithLimits";

export const TAG = "face-sign-in";

/** The events of the element with their details. */
export interface FaceSignInEvents {
  /** Never has the transaction: the element itself goes on. */
  secondfactor: CustomEvent<Pick<SecondFactor, "next">>;
  signedin: CustomEvent<SignedIn>;
  enrolled: CustomEvent<SignedIn>;
  problem: CustomEvent<{ readonly code: Problem["code"] }>;
}

export class FaceSignIn extends HTMLElement {
  static readonly observedAttributes = ["service", "mode", "username", "second-factor", "lang", "theme"];

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.#dress();
    this.#render();
  }

  disconnectedCallback() {
    // Turns the camera off.
    if (this.shadowRoot) render(null, this.shadowRoot);
  }

  attributeChangedCallback() {
    if (!this.isConnected) return;
    this.#dress();
    this.#render();
  }

  #dress() {
    const theme = this.getAttribute("theme");
    // Constructed sheets are no inline style: a strict policy of the page allows them.
    const sheet = (text: string, media = "all") => {
      const sheet = new CSSStyleSheet({ media });
      sheet.replaceSync(text);
      return sheet;
    };
    const dark = theme === "dark" ? "all" : theme === "light" ? "not all" : "(prefers-color-scheme: dark)";
    const sheets = [sheet(tokensStyle), sheet(darkStyle, dark), sheet(pageStyle), sheet(flowStyle), sheet(elementStyle)];
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = sheets;
  }

  #render() {
    if (!this.shadowRoot) return;
    const service = (this.getAttribute("service") ?? new URL(import.meta.url).origin).replace(/\/+$/, "");
    const entry: Entry = this.getAttribute("mode") === "enrol" ? "enrol" : "signIn";
    const lang = this.getAttribute("lang");
    const view = (
      <Embedded
        key={`${service} ${entry}`}
        service={service}
        entry={entry}
        languages={lang === null ? navigator.languages : [lang]}
        given={this.getAttribute("username") ?? ""}
        secondFactor={this.hasAttribute("second-factor")}
        onAsked={({ next }) => this.#tell("secondfactor", { next })}
        onSignedIn={(signedIn) => this.#tell(entry === "enrol" ? "enrolled" : "signedin", signedIn)}
        onProblem={({ code }) => this.#tell("problem", { code })}
      />
    );
    render(view, this.shadowRoot);
  }

  #tell<Name extends keyof FaceSignInEvents>(name: Name, detail: FaceSignInEvents[Name]["detail"]) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

interface EmbeddedProps {
  readonly service: string;
  readonly entry: Entry;
  readonly languages: readonly string[];
  /** The name that the page knows. */
  readonly given: string;
  readonly secondFactor: boolean;
  readonly onAsked: (asked: SecondFactor) => void;
  readonly onSignedIn: (signedIn: SignedIn) => void;
  readonly onProblem: (problem: Problem) => void;
}

function Embedded(props: EmbeddedProps) {
  const { service, entry, languages, given, secondFactor, onAsked, onSignedIn, onProblem } = props;
  const texts = textsFor(languages);
  const { ui } = texts;
  const api = useMemo(() => telling(createApi(service), onProblem), [service]);
  const [limits, askAgain] = useLimits(api);
  const [username, setUsername] = useState(given);
  const [done, setDone] = useState(false);
  useEffect(() => setUsername(given), [given]);

  return (
    <TextsContext.Provider value={texts}>
      <div class="card" lang={texts.tag}>
        {done ? (
          <div role="status">
            <Notice tone="good" title={entry === "enrol" ? ui.enrolled : ui.signedIn} />
          </div>
        ) : (
          <WithLimits limits={limits} askAgain={askAgain}>
            {(limits) => (
              <EntrySteps
                api={api}
                limits={limits}
                entry={entry}
                username={username}
                secondFactor={secondFactor}
                onUsername={setUsername}
                onAsked={onAsked}
                onSignedIn={(signedIn) => {
                  setDone(true);
                  onSignedIn(signedIn);
                }}
              />
            )}
          </WithLimits>
        )}
      </div>
    </TextsContext.Provider>
  );
}

/** `api`, with the page told of every refusal of an enrolment or a sign-in. */
function telling(api: Api, onProblem: (problem: Problem) => void): Api {
  const told = async <T,>(answer: Promise<Result<T>>): Promise<Result<T>> => {
    const result = await answer;
    if (!result.ok) onProblem(result.problem);
    return result;
  };
  // A capture that did not get there is sent again, and told of then.
  const toldOnce = async <T,>(answer: Promise<Result<T> | undefined>): Promise<Result<T> | undefined> => {
    const result = await answer;
    return result && told(Promise.resolve(result));
  };
  return {
    ...api,
    register: (enrolment, onSent) => told(api.register(enrolment, onSent)),
    verify: (username, proof, onSent, wish) => told(api.verify(username, proof, onSent, wish)),
    streamVerify(username, session, wish) {
      const stream = api.streamVerify(username, session, wish);
      return stream && { ...stream, end: (onSent) => toldOnce(stream.end(onSent)) };
    },
    challengePasskey: () => told(api.challengePasskey()),
    verifyPasskey: (answer) => told(api.verifyPasskey(answer)),
    verifyRecoveryCode: (transaction, code) => told(api.verifyRecoveryCode(transaction, code)),
    registerPasskey: (passkey) => told(api.registerPasskey(passkey)),
  };
}

if (!customElements.get(TAG)) customElements.define(TAG, FaceSignIn);

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: FaceSignIn;
  }
}
