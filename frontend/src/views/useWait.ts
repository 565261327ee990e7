import { useMemo } from "preact/hooks";
import type { Problem } from "../api/errors";
import { useNow } from "./useNow";

/** Seconds left before another try makes sense after `problem`; 0 when it makes sense at once. */
export function useWait(problem: Problem | undefined): number {
  const seconds = problem?.retryAfter;
  const retryAt = useMemo(() => (seconds === undefined ? undefined : Date.now() + seconds * 1000), [problem]);
  const now = useNow(retryAt !== undefined);
  if (seconds === undefined || retryAt === undefined) return 0;
  // The clock may have been read before the problem came.
  return Math.min(seconds, Math.max(0, Math.ceil((retryAt - now) / 1000)));
}
