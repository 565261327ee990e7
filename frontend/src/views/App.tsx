import { useEffect, useMemo, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { SignedIn } from "../api/types";
import { useTexts } from "../text/context";
import { Account } from "./Account";
import type { Entry } from "./EntryForm";
import { EntrySteps } from "./EntrySteps";
import { InvitationGate } from "./InvitationGate";
import { Notice } from "./Notice";
import { PageFrame } from "./PageFrame";
import { Tabs, tabId } from "./Tabs";
import { useInvitation } from "./useInvitation";
import { useLimits } from "./useLimits";
import { WithLimits } from "./WithLimits";

const PANEL = "entry";

interface AppProps {
  readonly api: Api;
  /** Origin of the service, "" when it is the page's own. */
  readonly service: string;
}

export function App({ api, service }: AppProps) {
  return (
    <PageFrame api={api} service={service}>
      <Entrance api={api} service={service} />
    </PageFrame>
  );
}

function Entrance({ api, service }: AppProps) {
  const { ui } = useTexts();
  const [entry, select] = useEntry();
  const [username, setUsername] = useState("");
  // In memory alone: reloading the page forgets the token.
  const [session, setSession] = useState<SignedIn>();
  const [news, setNews] = useState<string>();
  const [limits, askAgain] = useLimits(api);
  const [opened, readAgain, forget] = useInvitation(api);
  const tabs = useMemo(() => [{ id: "enrol", label: ui.enrol }, { id: "signIn", label: ui.signIn }] as const, [ui]);

  function leave(to: Entry, message: string) {
    setSession(undefined);
    setNews(message);
    select(to);
  }

  return (
    <>
      <div role="status">{news && <Notice tone="good" title={news} />}</div>
      {session ? (
        <Account
          api={api}
          service={service}
          limits={limits?.ok ? limits.value : undefined}
          signedIn={session}
          onRenewed={setSession}
          onNews={setNews}
          onEnded={() => leave("signIn", ui.sessionOver)}
          onSignedOut={(told) => leave("signIn", told ? ui.signedOut : ui.signedOutHere)}
          onErased={() => {
            setUsername("");
            leave("enrol", ui.erased);
          }}
        />
      ) : (
        <div class="card">
          <h1 class="visually-hidden">{entry === "enrol" ? ui.enrol : ui.signIn}</h1>
          <Tabs
            tabs={tabs}
            selected={entry}
            panel={PANEL}
            onSelect={(id) => {
              setNews(undefined);
              select(id);
            }}
          />
          <div id={PANEL} role="tabpanel" aria-labelledby={tabId(entry)}>
            <WithLimits limits={limits} askAgain={askAgain}>
              {(limits) => (
                <InvitationGate opened={entry === "enrol" ? opened : undefined} askAgain={readAgain} onForget={forget}>
                  {(invited) => (
                    <EntrySteps
                      // A new form for each tab and each invitation: its camera stops and its picture goes.
                      key={`${entry} ${invited?.secret}`}
                      api={api}
                      limits={limits}
                      entry={entry}
                      explains
                      username={username}
                      invited={invited}
                      onUsername={setUsername}
                      onSignedIn={(signedIn) => {
                        setSession(signedIn);
                        if (invited) forget();
                        setNews(entry === "enrol" ? ui.enrolled : ui.signedIn);
                      }}
                    />
                  )}
                </InvitationGate>
              )}
            </WithLimits>
          </div>
        </div>
      )}
    </>
  );
}

/** The chosen tab, kept in the address so that it can be linked to. */
function useEntry(): [Entry, (entry: Entry) => void] {
  const [entry, setEntry] = useState<Entry>(entryOfHash);
  useEffect(() => {
    const follow = () => setEntry(entryOfHash());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return [
    entry,
    (next) => {
      history.replaceState(null, "", next === "signIn" ? SIGN_IN_HASH : ENROL_HASH);
      setEntry(next);
    },
  ];
}

const ENROL_HASH = "#enrol";
const SIGN_IN_HASH = "#sign-in";

function entryOfHash(): Entry {
  return location.hash === SIGN_IN_HASH ? "signIn" : "enrol";
}
