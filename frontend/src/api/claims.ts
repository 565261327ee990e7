/** Reads an access token for display. */

export type Claims = Record<string, unknown>;

/**
 * The claims of a JWT, or `undefined` when `token` is none.
 *
 * The signature is not checked. The application that accepts the token does that, with the keys of
 * `/.well-known/jwks.json`. Never decide anything by these claims.
 */
export function decodeClaims(token: string): Claims | undefined {
  const parts = token.split(".");
  const payload = parts[1];
  if (parts.length !== 3 || payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(decodeBase64Url(payload));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims) ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole seconds until `exp`, zero once it has passed; `undefined` without that claim. */
export function secondsLeft(claims: Claims, now: number): number | undefined {
  const exp = claims["exp"];
  return typeof exp === "number" ? Math.max(0, Math.ceil(exp - now / 1000)) : undefined;
}

function decodeBase64Url(text: string): string {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
}
