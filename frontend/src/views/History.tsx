import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { Attempt, Attempts } from "../api/types";
import { useTexts } from "../text/context";
import { moment } from "../text/texts";
import { Button } from "./Button";
import { Icon } from "./icons";
import { ListProblem } from "./ListProblem";
import { ProblemNotice } from "./Notice";
import type { Listing } from "./useListing";

interface HistoryProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  /** Its newest page. */
  readonly listing: Listing<Attempts>;
}

/** What has been tried with this account, newest first. */
export function History({ api, holder, listing }: HistoryProps) {
  const { ui } = useTexts();
  const [older, setOlder] = useState<readonly Attempts[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const pages = listing.answer?.ok ? [listing.answer.value, ...older] : [];
  const attempts = pages.flatMap(({ attempts }) => attempts);
  const next = pages.at(-1)?.next ?? undefined;

  async function more(before: number) {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run((token) => api.attempts(token, before));
    setBusy(false);
    if (result.ok) setOlder((old) => [...old, result.value]);
    else setProblem(result.problem);
  }

  return (
    <section class="card">
      <h2>{ui.history}</h2>
      <ListProblem listing={listing} />
      {listing.answer?.ok && attempts.length === 0 && <p class="quiet">{ui.historyNone}</p>}
      <ul class="history">
        {attempts.map((attempt, index) => (
          <Line key={index} attempt={attempt} />
        ))}
      </ul>
      {next !== undefined && (
        <div class="actions">
          <Button busy={busy} onPress={() => void more(next)}>
            {ui.historyMore}
          </Button>
        </div>
      )}
      <div role="status">{problem && <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />}</div>
    </section>
  );
}

function Line({ attempt }: { attempt: Attempt }) {
  const texts = useTexts();
  const { attempt: kinds, outcome: outcomes } = texts;
  const good = attempt.outcome === "accepted";
  return (
    <li class={good ? "verdict-good" : "verdict-attention"}>
      <Icon name={good ? "good" : "attention"} />
      <span>
        {kinds[attempt.kind] ?? attempt.kind}
        <span class="quiet"> {outcomes[attempt.outcome] ?? attempt.outcome}</span>
      </span>
      <time class="quiet" dateTime={attempt.at}>
        {moment(texts, new Date(attempt.at))}
      </time>
    </li>
  );
}
