import { useCallback, useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem, Result } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { ConnectedClient } from "../api/types";
import { useTexts } from "../text/context";
import { moment, type Texts } from "../text/texts";
import { Button } from "./Button";
import { ConfirmDialog } from "./ConfirmDialog";
import { Icon } from "./icons";
import { givenBy } from "./login/ClientConsent";
import { ProblemNotice } from "./Notice";

interface ClientListProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  readonly onNews: (news: string) => void;
}

/** The apps that the person has signed in to. Not shown when there are none. */
export function ClientList({ api, holder, onNews }: ClientListProps) {
  const { ui } = useTexts();
  const [listed, setListed] = useState<Result<ConnectedClient[]>>();
  const [removing, setRemoving] = useState<ConnectedClient>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const list = useCallback(async () => setListed(await holder.run((token) => api.clients(token))), [api, holder]);
  useEffect(() => void list(), [list]);

  async function remove(client: ConnectedClient) {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run((token) => api.removeClient(token, client.client_id));
    setBusy(false);
    if (!result.ok) return setProblem(result.problem);
    setRemoving(undefined);
    onNews(ui.clientRemoved(nameOf(client)));
    void list();
  }

  if (!listed || (listed.ok && listed.value.length === 0)) return null;
  return (
    <section class="card">
      <h2>{ui.clients}</h2>
      <p class="quiet">{ui.clientsWhat}</p>
      <div role="status">
        {!listed.ok && <ProblemNotice problem={listed.problem} wait={listed.problem.retryAfter ?? 0} />}
      </div>
      <ul class="faces clients">
        {listed.ok &&
          listed.value.map((client) => (
            <ClientLine key={client.client_id} client={client} onRemove={() => setRemoving(client)} />
          ))}
      </ul>
      {removing && (
        <ConfirmDialog
          title={ui.clientRemoveTitle(nameOf(removing))}
          body={ui.clientRemoveBody}
          confirm={ui.clientRemoveConfirm}
          doing={ui.clientRemoveBusy}
          keep={ui.clientKeep}
          busy={busy}
          problem={problem}
          onConfirm={() => void remove(removing)}
          onClose={() => {
            setRemoving(undefined);
            setProblem(undefined);
          }}
        />
      )}
    </section>
  );
}

/** An app that is registered no more has an id alone. */
const nameOf = ({ name, client_id }: ConnectedClient) => name ?? client_id;

function ClientLine({ client, onRemove }: { client: ConnectedClient; onRemove: () => void }) {
  const texts = useTexts();
  const { ui } = texts;
  return (
    <li>
      <Icon name="app" />
      <div class="faces-what">
        <p>{nameOf(client)}</p>
        <p class="quiet">{ui.clientGets(givenBy(client.scopes, ui).join("; "))}</p>
        <p class="quiet">{timesOf(client, texts)}</p>
      </div>
      <Button label={ui.clientRemoveOf(nameOf(client))} onPress={onRemove}>
        {ui.clientRemove}
      </Button>
    </li>
  );
}

/** When it was used first and last, in one line. */
function timesOf({ first_used_at, last_used_at }: ConnectedClient, texts: Texts): string {
  const { ui } = texts;
  const first = ui.clientSince(moment(texts, new Date(first_used_at)));
  return `${first}. ${ui.passkeyUsed(moment(texts, new Date(last_used_at)))}.`;
}
