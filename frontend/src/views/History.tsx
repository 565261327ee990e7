import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { Attempt } from "../api/types";
import { useTexts } from "../text/context";
import { moment } from "../text/texts";
import { Button } from "./Button";
import { Icon } from "./icons";
import { ProblemNotice } from "./Notice";

/** What has been tried with this account, newest first. */
export function History({ api, holder }: { api: Api; holder: TokenHolder }) {
  const { ui } = useTexts();
  const [attempts, setAttempts] = useState<readonly Attempt[]>();
  const [next, setNext] = useState<number>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  async function read(before?: number) {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run((token) => api.attempts(token, before));
    setBusy(false);
    if (!result.ok) return setProblem(result.problem);
    setAttempts((old) => [...(before === undefined ? [] : (old ?? [])), ...result.value.attempts]);
    setNext(result.value.next ?? undefined);
  }
  useEffect(() => void read(), [api, holder]);

  return (
    <section class="card">
      <h2>{ui.history}</h2>
      <div role="status">
        {!attempts && !problem && <p class="quiet">{ui.facesLoading}</p>}
        {problem && <ProblemNotice problem={problem} wait={problem.retryAfter ?? 0} />}
        {attempts?.length === 0 && <p class="quiet">{ui.historyNone}</p>}
      </div>
      <ul class="history">
        {attempts?.map((attempt, index) => (
          <Line key={index} attempt={attempt} />
        ))}
      </ul>
      {next !== undefined && (
        <div class="actions">
          <Button busy={busy} onPress={() => void read(next)}>
            {ui.historyMore}
          </Button>
        </div>
      )}
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
