import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import { type TokenHolder, tokenHolder } from "../api/session";
import type { CaptureLimits, SignedIn } from "../api/types";
import { useTexts } from "../text/context";
import { AccountLists } from "./AccountLists";
import { Button } from "./Button";
import { ConfirmDialog } from "./ConfirmDialog";
import { ProblemNotice } from "./Notice";
import { save } from "./save";

interface AccountProps {
  readonly api: Api;
  /** Origin of the service, "" when it is the page's own. */
  readonly service: string;
  readonly limits: CaptureLimits | undefined;
  readonly signedIn: SignedIn;
  /** The tokens were renewed. */
  readonly onRenewed: (signedIn: SignedIn) => void;
  readonly onNews: (news: string) => void;
  /** The session cannot be renewed any more. */
  readonly onEnded: () => void;
  /** `told` says whether the service ended the session too. */
  readonly onSignedOut: (told: boolean) => void;
  readonly onErased: () => void;
}

/** Who is signed in, with what token, and everything that belongs to the account. */
export function Account(props: AccountProps) {
  const { api, service, limits, signedIn, onNews, onSignedOut, onErased } = props;
  const { user } = signedIn;
  const { ui } = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  const [erasing, setErasing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [exporting, setExporting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [exportProblem, setExportProblem] = useState<Problem>();
  const holder = useHolder(props);

  // The form that had the focus is gone: start reading here.
  useLayoutEffect(() => heading.current?.focus(), []);

  async function signOut() {
    setLeaving(true);
    const result = await api.revoke(signedIn.refresh_token);
    onSignedOut(result.ok);
  }

  async function erase() {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run((token) => api.erase(token));
    setBusy(false);
    if (result.ok) onErased();
    else setProblem(result.problem);
  }

  async function exportData() {
    setExporting(true);
    setExportProblem(undefined);
    const result = await holder.run((token) => api.exportData(token));
    setExporting(false);
    if (result.ok) save(result.value, "faceauth.json");
    else setExportProblem(result.problem);
  }

  return (
    <div class="account">
      <section class="card who">
        <div>
          <p class="quiet">{ui.signedInAs}</p>
          <h1 ref={heading} tabIndex={-1}>
            {user.username}
          </h1>
        </div>
        <div class="actions">
          <Button busy={exporting} doing={ui.exportBusy} onPress={() => void exportData()}>
            {ui.exportData}
          </Button>
          <Button busy={leaving} doing={ui.signOutBusy} onPress={() => void signOut()}>
            {ui.signOut}
          </Button>
          <Button kind="danger" onPress={() => setErasing(true)}>
            {ui.erase}
          </Button>
        </div>
        <div class="who-problem" role="status">
          {exportProblem && <ProblemNotice problem={exportProblem} wait={exportProblem.retryAfter ?? 0} />}
        </div>
      </section>
      <AccountLists
        api={api}
        service={service}
        holder={holder}
        limits={limits}
        signedIn={signedIn}
        onNews={onNews}
      />
      {erasing && (
        <ConfirmDialog
          title={ui.eraseTitle}
          body={ui.eraseBody}
          confirm={ui.eraseConfirm}
          doing={ui.eraseBusy}
          keep={ui.eraseCancel}
          busy={busy}
          problem={problem}
          onConfirm={() => void erase()}
          onClose={() => setErasing(false)}
        />
      )}
    </div>
  );
}

/** One holder for as long as the account is shown; it always has the newest tokens. */
function useHolder({ api, signedIn, onRenewed, onEnded }: AccountProps): TokenHolder {
  const current = useRef({ signedIn, onRenewed, onEnded });
  current.current = { signedIn, onRenewed, onEnded };
  return useMemo(
    () =>
      tokenHolder(api, {
        tokens: () => current.current.signedIn,
        renewed: (tokens) => current.current.onRenewed({ ...current.current.signedIn, ...tokens }),
        ended: () => current.current.onEnded(),
        now: () => Date.now(),
      }),
    [api],
  );
}
