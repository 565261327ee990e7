/** Keeps an access token good: renews it before it expires, once for all who ask at once. */
import { decodeClaims, secondsLeft } from "./claims";
import type { Api } from "./client";
import type { Result } from "./errors";
import type { Tokens } from "./types";

export interface TokenHolder {
  /** Calls with an access token that is good for a little longer. */
  run<T>(call: (accessToken: string) => Promise<Result<T>>): Promise<Result<T>>;
}

export interface TokenOwner {
  tokens(): Pick<Tokens, "access_token" | "refresh_token">;
  renewed(tokens: Tokens): void;
  /** The session cannot be renewed: it was ended, or is too old. */
  ended(): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A token with less than this left, in seconds, is renewed first: a request may take as long. */
const SPARE_SECONDS = 20;

/** Random bytes of a retry key: as many as a refresh token has. */
const RETRY_KEY_BYTES = 32;

/** A secret for one renewal, in base64url. */
function newRetryKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RETRY_KEY_BYTES));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function tokenHolder(api: Pick<Api, "refresh">, owner: TokenOwner): TokenHolder {
  // A refresh token is good once; two that used it would end the session.
  let renewing: Promise<Result<string>> | undefined;
  // Kept until the token is another one: an answer may be lost more than once.
  let retry: { readonly token: string; readonly key: string } | undefined;

  async function renew(): Promise<Result<string>> {
    const token = owner.tokens().refresh_token;
    if (retry?.token !== token) retry = { token, key: newRetryKey() };
    let result = await api.refresh(token, retry.key);
    // The service may have used the token up, and only the answer is lost.
    if (!result.ok && result.problem.code === "network") result = await api.refresh(token, retry.key);
    if (result.ok) {
      owner.renewed(result.value);
      return { ok: true, value: result.value.access_token };
    }
    if (result.problem.code === "token_invalid" || result.problem.code === "token_expired") owner.ended();
    return result;
  }

  async function current(): Promise<Result<string>> {
    const { access_token } = owner.tokens();
    const claims = decodeClaims(access_token);
    const left = claims && secondsLeft(claims, owner.now());
    // A token that cannot be read is for the service to judge.
    if (left === undefined || left > SPARE_SECONDS) return { ok: true, value: access_token };
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  return {
    async run(call) {
      const token = await current();
      return token.ok ? call(token.value) : token;
    },
  };
}
