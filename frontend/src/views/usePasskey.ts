import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem, Result } from "../api/errors";
import type { SecondFactor } from "../api/types";
import { makePasskey, type PasskeyTrouble, showPasskey } from "../passkey/browser";

/** Why nothing came of it: the browser's reason, or the service's. */
export type PasskeyFault =
  | { readonly by: "browser"; readonly trouble: PasskeyTrouble }
  | { readonly by: "service"; readonly problem: Problem };

interface PasskeyControl {
  readonly busy: boolean;
  readonly fault: PasskeyFault | undefined;
  /** Asks the browser for what `asked` wants, and sends its answer. `undefined` when nothing came of it. */
  run<T>(asked: SecondFactor, send: (credential: object) => Promise<Result<T>>): Promise<T | undefined>;
  /** Waits for the service alone. */
  ask<T>(call: () => Promise<Result<T>>): Promise<T | undefined>;
}

/** The browser's prompt and the service's answer to it, with what went wrong in either. */
export function usePasskey(): PasskeyControl {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<PasskeyFault>();
  const shown = useRef(true);
  useLayoutEffect(() => () => void (shown.current = false), []);

  function failed(fault: PasskeyFault): undefined {
    if (!shown.current) return;
    setBusy(false);
    setFault(fault);
  }

  async function ask<T>(call: () => Promise<Result<T>>): Promise<T | undefined> {
    setBusy(true);
    setFault(undefined);
    const result = await call();
    if (!result.ok) return failed({ by: "service", problem: result.problem });
    if (!shown.current) return undefined;
    setBusy(false);
    return result.value;
  }

  return {
    busy,
    fault,
    ask,
    async run(asked, send) {
      setBusy(true);
      setFault(undefined);
      const made = await (asked.next === "register_passkey" ? makePasskey : showPasskey)(asked.options);
      if (!made.ok) return failed({ by: "browser", trouble: made.trouble });
      return ask(() => send(made.credential));
    },
  };
}
