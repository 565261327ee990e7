import { isErrorCode } from "./codes";
import type { ErrorCode, LivenessVerdict } from "./types";

/** Troubles the service cannot report itself: it was not reached, or answered something unknown. */
export type ClientCode = "network" | "unexpected";

/** Why a request did not succeed, in terms the page can explain. */
export interface Problem {
  readonly code: ErrorCode | ClientCode;
  /** Seconds to wait before another try, when the service says so. */
  readonly retryAfter?: number;
  /** What to quote when asking the operator about it. */
  readonly requestId?: string;
  /** Why a liveness capture was refused, and the next attempt. */
  readonly liveness?: LivenessVerdict;
}

/** What came of a request. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Most of an error answer that is read; real ones are a few hundred bytes. */
const MAX_PROBLEM_CHARS = 16_384;

/**
 * Reads an error answer. `now` (ms since the epoch) resolves a `Retry-After` date.
 *
 * Anything that is no problem document of the contract, such as a proxy's own page,
 * becomes `unexpected`: nothing of it is shown.
 */
export async function readProblem(response: Response, now: number): Promise<Problem> {
  const body = await readObject(response);
  const code = body["code"];
  const retryAfter = parseRetryAfter(response.headers.get("Retry-After"), now);
  const requestId = response.headers.get("X-Request-Id");
  const liveness = readVerdict(body["liveness"]);
  return {
    code: isErrorCode(code) ? code : "unexpected",
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(requestId === null ? {} : { requestId }),
    ...(liveness === undefined ? {} : { liveness }),
  };
}

/** The verdict of a refusal, when it is one. */
function readVerdict(value: unknown): LivenessVerdict | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const verdict = value as Partial<LivenessVerdict>;
  return Array.isArray(verdict.reasons) && Array.isArray(verdict.steps) ? (verdict as LivenessVerdict) : undefined;
}

/** Seconds of a `Retry-After` header, which is a count or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const value = header.trim();
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

async function readObject(response: Response): Promise<Record<string, unknown>> {
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) return {};
  try {
    const text = await response.text();
    const body: unknown = text.length > MAX_PROBLEM_CHARS ? null : JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
