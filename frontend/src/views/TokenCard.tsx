import { useMemo, useState } from "preact/hooks";
import { type Claims, decodeClaims, secondsLeft } from "../api/claims";
import { useTexts } from "../text/context";
import { duration, moment } from "../text/texts";
import { Button } from "./Button";
import { useNow } from "./useNow";

/** Claims that are times, in seconds since the epoch (RFC 7519, OpenID Connect). */
const TIMES = new Set(["iat", "nbf", "exp", "auth_time"]);

type Copying = "no" | "done" | "failed";

/** The access token for developers: its claims, how long it lasts, and a way to copy it. */
export function TokenCard({ token, service }: { token: string; service: string }) {
  const { ui } = useTexts();
  const claims = useMemo(() => decodeClaims(token), [token]);
  const [copying, setCopying] = useState<Copying>("no");

  async function copy() {
    try {
      await navigator.clipboard.writeText(token);
      setCopying("done");
    } catch {
      // Without a secure page there is no clipboard at all.
      setCopying("failed");
    }
  }

  return (
    <section class="card">
      <div class="card-head">
        <h2>{ui.token}</h2>
        {claims && <Expiry claims={claims} />}
      </div>
      {claims ? (
        <>
          <p class="quiet">
            {ui.tokenNote}{" "}
            <a class="nowrap" href={`${service}/.well-known/jwks.json`}>
              /.well-known/jwks.json
            </a>
            .
          </p>
          <ClaimTable claims={claims} />
        </>
      ) : (
        <p class="quiet">{ui.tokenUnreadable}</p>
      )}
      <div class="actions">
        <Button onPress={() => void copy()}>{ui.copy}</Button>
        <p role="status" class="quiet">
          {copying === "done" ? ui.copied : copying === "failed" ? ui.copyFailed : ""}
        </p>
      </div>
    </section>
  );
}

function Expiry({ claims }: { claims: Claims }) {
  const { ui } = useTexts();
  const left = secondsLeft(claims, useNow(true));
  if (left === undefined) return null;
  return <p class={left > 0 ? "pill" : "pill pill-over"}>{left > 0 ? ui.expiresIn(duration(left)) : ui.expired}</p>;
}

function ClaimTable({ claims }: { claims: Claims }) {
  const { claim } = useTexts();
  return (
    <dl class="claims">
      {Object.entries(claims).map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
            {claim[name] && <span class="quiet">{claim[name]}</span>}
          </dt>
          <dd>
            <ClaimValue name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ClaimValue({ name, value }: { name: string; value: unknown }) {
  const texts = useTexts();
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <>
      <code>{text}</code>
      {TIMES.has(name) && typeof value === "number" && (
        <span class="quiet">{moment(texts, new Date(value * 1000))}</span>
      )}
    </>
  );
}
