import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { Passkey, Passkeys } from "../api/types";
import { passkeySupportHere } from "../passkey/support";
import { useTexts } from "../text/context";
import { moment, type Texts } from "../text/texts";
import { Button } from "./Button";
import { ConfirmDialog } from "./ConfirmDialog";
import { Icon } from "./icons";
import { ListProblem } from "./ListProblem";
import { MakePasskey } from "./MakePasskey";
import { NoPasskeysHere } from "./PasskeyNotice";
import { RecoveryCodes } from "./RecoveryCodes";
import type { Listing } from "./useListing";

interface PasskeyListProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  readonly listing: Listing<Passkeys>;
  readonly username: string;
  readonly onNews: (news: string) => void;
}

/** What the person is doing with the second factors. */
type Errand =
  | { readonly at: "list" }
  | { readonly at: "add" }
  | { readonly at: "remove"; readonly passkey: Passkey }
  | { readonly at: "newCodes" }
  | { readonly at: "codes"; readonly codes: readonly string[]; readonly news?: string | undefined };

/** The passkeys of the account and its recovery codes. */
export function PasskeyList({ api, holder, listing, username, onNews }: PasskeyListProps) {
  const { ui } = useTexts();
  const [errand, setErrand] = useState<Errand>({ at: "list" });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  function back(news?: string) {
    setErrand({ at: "list" });
    setProblem(undefined);
    if (news !== undefined) onNews(news);
    void listing.read();
  }

  /** Does what a dialog asked about; the dialog says what went wrong. */
  async function confirmed<T>(call: (token: string) => Promise<Result<T>>, done: (value: T) => void) {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run(call);
    setBusy(false);
    if (result.ok) done(result.value);
    else setProblem(result.problem);
  }

  if (errand.at === "add") {
    return (
      <section class="card">
        <MakePasskey
          begin={() => holder.run((token) => api.challengeNewPasskey(token))}
          send={(passkey) => holder.run((token) => api.addPasskey(token, passkey))}
          onMade={({ recovery_codes: codes }) => {
            if (codes) setErrand({ at: "codes", codes, news: ui.passkeyAdded });
            else back(ui.passkeyAddedMore);
          }}
          onCancel={() => back()}
        />
      </section>
    );
  }
  if (errand.at === "codes") {
    return (
      <section class="card">
        <RecoveryCodes codes={errand.codes} username={username} onKept={() => back(errand.news)} />
      </section>
    );
  }
  return (
    <section class="card">
      <Listed
        listing={listing}
        onAdd={() => setErrand({ at: "add" })}
        onRemove={(passkey) => setErrand({ at: "remove", passkey })}
        onNewCodes={() => setErrand({ at: "newCodes" })}
      />
      {errand.at === "remove" && (
        <ConfirmDialog
          title={ui.passkeyRemoveTitle(errand.passkey.name)}
          body={ui.passkeyRemoveBody}
          confirm={ui.passkeyRemoveConfirm}
          doing={ui.passkeyRemoveBusy}
          keep={ui.passkeyKeep}
          busy={busy}
          problem={problem}
          onConfirm={() =>
            void confirmed(
              (token) => api.removePasskey(token, errand.passkey.id),
              () => back(ui.passkeyRemoved),
            )
          }
          onClose={() => back()}
        />
      )}
      {errand.at === "newCodes" && (
        <ConfirmDialog
          title={ui.codesNewTitle}
          body={ui.codesNewBody}
          confirm={ui.codesNewConfirm}
          doing={ui.codesNewBusy}
          keep={ui.codesNewKeep}
          busy={busy}
          problem={problem}
          onConfirm={() =>
            void confirmed(
              (token) => api.makeRecoveryCodes(token),
              (codes) => setErrand({ at: "codes", codes }),
            )
          }
          onClose={() => back()}
        />
      )}
    </section>
  );
}

interface ListedProps {
  readonly listing: Listing<Passkeys>;
  readonly onAdd: () => void;
  readonly onRemove: (passkey: Passkey) => void;
  readonly onNewCodes: () => void;
}

function Listed({ listing, onAdd, onRemove, onNewCodes }: ListedProps) {
  const { ui } = useTexts();
  const [support] = useState(passkeySupportHere);
  const { answer } = listing;
  const passkeys = answer?.ok ? answer.value.passkeys : [];
  return (
    <>
      <div class="card-head">
        <h2>{ui.passkeys}</h2>
        {support.usable && <Button onPress={onAdd}>{ui.passkeyAdd}</Button>}
      </div>
      <p class="quiet">{ui.passkeysWhy}</p>
      {!support.usable && <NoPasskeysHere support={support} />}
      <ListProblem listing={listing} />
      <div role="status">{answer?.ok && passkeys.length === 0 && <p class="quiet">{ui.passkeysNone}</p>}</div>
      <ul class="faces passkeys">
        {passkeys.map((passkey) => (
          <PasskeyLine key={passkey.id} passkey={passkey} onRemove={() => onRemove(passkey)} />
        ))}
      </ul>
      {answer?.ok && passkeys.length > 0 && (
        <div class="card-head">
          <p>{ui.codesLeft(answer.value.recovery_codes_left)}</p>
          <Button onPress={onNewCodes}>{ui.codesNew}</Button>
        </div>
      )}
    </>
  );
}

function PasskeyLine({ passkey, onRemove }: { passkey: Passkey; onRemove: () => void }) {
  const texts = useTexts();
  const { ui } = texts;
  return (
    <li>
      <Icon name="key" />
      <div class="faces-what">
        <p>{passkey.name}</p>
        <p class="quiet">{passkey.kind === "synced" ? ui.passkeySynced : ui.passkeyBound}</p>
        <p class="quiet">{timesOf(passkey, texts)}</p>
      </div>
      <Button label={ui.passkeyRemoveOf(passkey.name)} onPress={onRemove}>
        {ui.passkeyRemove}
      </Button>
    </li>
  );
}

/** When it was made and last used, in one line. */
function timesOf({ created_at, last_used_at }: Passkey, texts: Texts): string {
  const { ui } = texts;
  const made = ui.passkeyMade(moment(texts, new Date(created_at)));
  const used = last_used_at ? ui.passkeyUsed(moment(texts, new Date(last_used_at))) : ui.passkeyUnused;
  return `${made}. ${used}.`;
}
