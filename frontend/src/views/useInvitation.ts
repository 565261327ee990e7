import { useCallback, useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Result } from "../api/errors";
import type { Invitation } from "../api/types";
import { secretOf } from "./invitation";

/** An invitation that the page was opened with. */
export interface OpenedInvitation {
  readonly secret: string;
  /** Whom it is for, or why it is not good; absent until the service has answered. */
  readonly read: Result<Invitation> | undefined;
}

/**
 * The invitation of the link that opened the page, a way to ask for it again, and one to forget it.
 * It stays in memory alone.
 */
export function useInvitation(api: Api): [OpenedInvitation | undefined, () => void, () => void] {
  const [secret, setSecret] = useState(takeSecret);
  const [read, setRead] = useState<Result<Invitation>>();
  useEffect(() => {
    // Somebody opens a link in a page that is open already.
    const follow = () => setSecret((old) => takeSecret() ?? old);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    setRead(undefined);
    if (secret === undefined) return;
    let wanted = true;
    void api.readInvitation(secret).then((answer) => wanted && setRead(answer));
    return () => void (wanted = false);
  }, [api, secret, asked]);
  const askAgain = useCallback(() => setAsked((count) => count + 1), []);
  const forget = useCallback(() => setSecret(undefined), []);
  return [secret === undefined ? undefined : { secret, read }, askAgain, forget];
}

/** Takes the secret out of the address, so that nobody reads it there or in the history. */
function takeSecret(): string | undefined {
  const secret = secretOf(location.hash);
  if (secret !== undefined) history.replaceState(null, "", location.pathname + location.search);
  return secret;
}
