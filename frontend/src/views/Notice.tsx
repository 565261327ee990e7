import type { ComponentChildren } from "preact";
import type { Problem } from "../api/errors";
import { duration, problemText, ui } from "../text/en";
import { Icon } from "./icons";

export type Tone = "good" | "attention";

export function Notice({ tone, title, children }: { tone: Tone; title: string; children?: ComponentChildren }) {
  return (
    <div class={`notice notice-${tone}`}>
      <Icon name={tone} />
      <div>
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

/** Problems that only the operator can look into, by the request's number. */
const QUOTED = new Set<Problem["code"]>(["unexpected", "internal_error"]);

/** Explains `problem`. `wait` is the number of seconds left before another try. */
export function ProblemNotice({ problem, wait }: { problem: Problem; wait: number }) {
  const { title, advice } = problemText[problem.code];
  return (
    <Notice tone="attention" title={title}>
      <p>{advice}</p>
      {problem.retryAfter !== undefined && (
        // A countdown that is read out every second would talk over everything else.
        <p class="wait" aria-live="off">
          {wait > 0 ? ui.wait(duration(wait)) : ui.waitOver}
        </p>
      )}
      {QUOTED.has(problem.code) && problem.requestId && <p class="quiet">{ui.quote(problem.requestId)}</p>}
    </Notice>
  );
}
