import type { ComponentChildren } from "preact";
import type { Api } from "../api/client";
import type { TokenHolder } from "../api/session";
import type { CaptureLimits, SignedIn } from "../api/types";
import { ClientList } from "./ClientList";
import { FaceList } from "./FaceList";
import { History } from "./History";
import { Loading } from "./Loading";
import { PasskeyList } from "./PasskeyList";
import { TokenCard } from "./TokenCard";
import { type Listing, useListing } from "./useListing";

interface AccountListsProps {
  readonly api: Api;
  /** Origin of the service, "" when it is the page's own. */
  readonly service: string;
  readonly holder: TokenHolder;
  readonly limits: CaptureLimits | undefined;
  readonly signedIn: SignedIn;
  readonly onNews: (news: string) => void;
}

/** A part of the account, and the list that it shows, if it shows one. */
interface Part {
  readonly name: string;
  readonly listing?: Listing<unknown>;
  readonly view: ComponentChildren;
}

/**
 * What the account consists of. A list has as many lines as the service answers, and moves what
 * stands below it. So the page shows each part after those above it, and the history, which grows
 * when the person asks for more, comes last.
 */
export function AccountLists({ api, service, holder, limits, signedIn, onNews }: AccountListsProps) {
  const { username } = signedIn.user;
  const hasPasskeys = limits !== undefined && limits.second_factor !== "off";
  const faces = useListing(holder, api.faces);
  const passkeys = useListing(holder, api.passkeys, hasPasskeys);
  const clients = useListing(holder, api.clients);
  const attempts = useListing(holder, api.attempts);
  const common = { api, holder, onNews };

  const parts: readonly Part[] = [
    {
      name: "faces",
      listing: faces,
      view: <FaceList {...common} listing={faces} limits={limits} username={username} />,
    },
    {
      name: "passkeys",
      listing: passkeys,
      view: hasPasskeys && <PasskeyList {...common} listing={passkeys} username={username} />,
    },
    { name: "clients", listing: clients, view: <ClientList {...common} listing={clients} /> },
    { name: "token", view: <TokenCard token={signedIn.access_token} service={service} /> },
    { name: "history", listing: attempts, view: <History api={api} holder={holder} listing={attempts} /> },
  ];
  const awaited = parts.findIndex(({ listing }) => listing?.awaited);
  const isShown = ({ listing }: Part, index: number) =>
    // A list that is read again still says why.
    awaited === -1 || index < awaited || (index === awaited && listing?.answer !== undefined);

  return (
    <>
      <div class="account" aria-busy={awaited !== -1}>
        {parts.map((part, index) => (
          // Hidden, not left out: a list that is read again must not end what somebody does below it.
          <div key={part.name} class="account-part" hidden={!isShown(part, index)}>
            {part.view}
          </div>
        ))}
      </div>
      {awaited !== -1 && <Loading />}
    </>
  );
}
