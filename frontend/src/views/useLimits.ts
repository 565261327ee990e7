import { useCallback, useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Result } from "../api/errors";
import type { CaptureLimits } from "../api/types";

/** What the service asks of a capture, and a way to ask again. */
export function useLimits(api: Api): [Result<CaptureLimits> | undefined, () => void] {
  const [limits, setLimits] = useState<Result<CaptureLimits>>();
  const ask = useCallback(() => {
    setLimits(undefined);
    void api.limits().then(setLimits);
  }, [api]);
  useEffect(ask, [ask]);
  return [limits, ask];
}
