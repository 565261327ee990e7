import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Result } from "../api/errors";
import { inTime } from "../api/patience";
import type { TokenHolder } from "../api/session";

/**
 * Longest wait for a list, in milliseconds. What stands below a list is not shown before the list has
 * answered. The service answers within tens of milliseconds, so a slow line has room for a few tries.
 */
const PATIENCE_MS = 10_000;

/** A list of the account, as the service answered last. */
export interface Listing<T> {
  /** `undefined` before the first answer. */
  readonly answer: Result<T> | undefined;
  /** Nobody knows how long the list will be: it was not read yet, or is read again after a failure. */
  readonly awaited: boolean;
  /** Reads it again. */
  readonly read: () => Promise<void>;
}

/** Reads a list of the account with `call`, unless it is not `wanted`. */
export function useListing<T>(
  holder: TokenHolder,
  call: (accessToken: string) => Promise<Result<T>>,
  wanted = true,
): Listing<T> {
  const [answer, setAnswer] = useState<Result<T>>();
  const [asking, setAsking] = useState(true);
  const asked = useRef(0);

  const read = useCallback(async () => {
    const mine = ++asked.current;
    setAsking(true);
    const result = await inTime(holder.run(call), PATIENCE_MS);
    // The list was read again since, so this answer is the older one.
    if (mine !== asked.current) return;
    setAnswer(result);
    setAsking(false);
  }, [holder, call]);
  useEffect(() => {
    if (wanted) void read();
  }, [read, wanted]);

  return { answer, awaited: wanted && !answer?.ok && asking, read };
}
