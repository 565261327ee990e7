import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Problem } from "../api/errors";
import type { TokenHolder } from "../api/session";
import type { ConnectedClient } from "../api/types";
import { useTexts } from "../text/context";
import { moment, type Texts } from "../text/texts";
import { Button } from "./Button";
import { ConfirmDialog } from "./ConfirmDialog";
import { Icon } from "./icons";
import { ListProblem } from "./ListProblem";
import { givenBy } from "./login/ClientConsent";
import type { Listing } from "./useListing";

interface ClientListProps {
  readonly api: Api;
  readonly holder: TokenHolder;
  readonly listing: Listing<ConnectedClient[]>;
  readonly onNews: (news: string) => void;
}

/** The apps that the person has signed in to. Not shown when there are none. */
export function ClientList({ api, holder, listing, onNews }: ClientListProps) {
  const { ui } = useTexts();
  const [removing, setRemoving] = useState<ConnectedClient>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  async function remove(client: ConnectedClient) {
    setBusy(true);
    setProblem(undefined);
    const result = await holder.run((token) => api.removeClient(token, client.client_id));
    setBusy(false);
    if (!result.ok) return setProblem(result.problem);
    setRemoving(undefined);
    onNews(ui.clientRemoved(nameOf(client)));
    void listing.read();
  }

  const { answer } = listing;
  if (!answer || (answer.ok && answer.value.length === 0)) return null;
  return (
    <section class="card">
      <h2>{ui.clients}</h2>
      <p class="quiet">{ui.clientsWhat}</p>
      <ListProblem listing={listing} />
      <ul class="faces clients">
        {answer.ok &&
          answer.value.map((client) => (
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
