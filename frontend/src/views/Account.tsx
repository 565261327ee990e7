import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { SignedIn } from "../api/types";
import { ui } from "../text/en";
import { Button } from "./Button";
import { EraseDialog } from "./EraseDialog";
import { FaceList } from "./FaceList";
import { TokenCard } from "./TokenCard";

interface AccountProps {
  readonly api: Api;
  readonly signedIn: SignedIn;
  /** `told` says whether the service ended the session too. */
  readonly onSignedOut: (told: boolean) => void;
  readonly onErased: () => void;
}

/** Who is signed in, with what token, and the way out. */
export function Account({ api, signedIn, onSignedOut, onErased }: AccountProps) {
  const { access_token, refresh_token, user } = signedIn;
  const heading = useRef<HTMLHeadingElement>(null);
  const [erasing, setErasing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  // The form that had the focus is gone: start reading here.
  useEffect(() => heading.current?.focus(), []);

  async function signOut() {
    setLeaving(true);
    const result = await api.revoke(refresh_token);
    onSignedOut(result.ok);
  }

  async function erase() {
    setBusy(true);
    setProblem(undefined);
    const result = await api.erase(access_token);
    setBusy(false);
    if (result.ok) onErased();
    else setProblem(result.problem);
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
          <Button busy={leaving} onPress={() => void signOut()}>
            {leaving ? ui.signOutBusy : ui.signOut}
          </Button>
          <Button kind="danger" onPress={() => setErasing(true)}>
            {ui.erase}
          </Button>
        </div>
      </section>
      <TokenCard token={access_token} />
      <FaceList api={api} accessToken={access_token} />
      {erasing && (
        <EraseDialog busy={busy} problem={problem} onConfirm={() => void erase()} onClose={() => setErasing(false)} />
      )}
    </div>
  );
}
