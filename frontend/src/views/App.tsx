import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { SignedIn } from "../api/types";
import { ui } from "../text/en";
import { Account } from "./Account";
import { type Entry, EntryForm } from "./EntryForm";
import { Icon } from "./icons";
import { Notice } from "./Notice";
import { Tabs, tabId } from "./Tabs";

const TABS = [
  { id: "enrol", label: ui.enrol },
  { id: "signIn", label: ui.signIn },
] as const;

const PANEL = "entry";

export function App({ api }: { api: Api }) {
  const [entry, select] = useEntry();
  const [username, setUsername] = useState("");
  // In memory alone: reloading the page forgets the token.
  const [session, setSession] = useState<SignedIn>();
  const [news, setNews] = useState<string>();

  function leave(to: Entry, message: string) {
    setSession(undefined);
    setNews(message);
    select(to);
  }

  return (
    <>
      <header class="top">
        <Icon name="face" />
        <p class="product">{ui.product}</p>
        <p class="tagline">{ui.tagline}</p>
      </header>
      <main>
        <div role="status">{news && <Notice tone="good" title={news} />}</div>
        {session ? (
          <Account
            api={api}
            signedIn={session}
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
              tabs={TABS}
              selected={entry}
              panel={PANEL}
              onSelect={(id) => {
                setNews(undefined);
                select(id);
              }}
            />
            <div id={PANEL} role="tabpanel" aria-labelledby={tabId(entry)}>
              <EntryForm
                // A new form for each tab: its camera stops and its picture goes.
                key={entry}
                api={api}
                entry={entry}
                username={username}
                onUsername={setUsername}
                onSignedIn={(signedIn) => {
                  setSession(signedIn);
                  setNews(entry === "enrol" ? ui.enrolled : ui.signedIn);
                }}
              />
            </div>
          </div>
        )}
      </main>
      <footer>
        <a href="/docs">{ui.apiDocs}</a>
      </footer>
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
