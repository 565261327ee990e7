import type { ComponentChildren } from "preact";
import type { Problem } from "../api/errors";
import { useTexts } from "../text/context";
import { duration } from "../text/texts";
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

interface ProblemNoticeProps {
  readonly problem: Problem;
  /** Seconds left before another try. */
  readonly wait: number;
  readonly children?: ComponentChildren;
}

/** Explains `problem`, and whatever more there is to say of it. */
export function ProblemNotice({ problem, wait, children }: ProblemNoticeProps) {
  const { ui, problem: messages } = useTexts();
  const { title, advice } = messages[problem.code];
  return (
    <Notice tone="attention" title={title}>
      <p>{advice}</p>
      {children}
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
