/** An answer that may come too late to be of use. */
import type { Result } from "./errors";

/** `answer`; or, when it takes longer than `ms` milliseconds, what is said of a service that was not reached. */
export function inTime<T>(answer: Promise<Result<T>>, ms: number): Promise<Result<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Result<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, problem: { code: "network" } }), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
