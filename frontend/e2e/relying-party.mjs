/** An app that signs people in by OpenID Connect: authorization code with PKCE, by hand. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { BASE_URL } from "./support.mjs";

const random = () => randomBytes(32).toString("base64url");

/** What the app shows when people come back. */
export const HOME = "Back at the app";

/**
 * Listens on a port of its own for people who come back, as an app on a person's own device
 * does (RFC 8252, 7.3). Ends with the test `t`.
 */
export async function relyingParty(t, clientId, issuer = BASE_URL) {
  const server = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html; charset=utf-8");
    answer.end(`<!doctype html><html lang="en"><link rel="icon" href="data:," /><title>${HOME}</title><h1>${HOME}</h1>`);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const redirectUri = `${origin}/callback`;

  return {
    origin,

    /** A new request, with more `parameters` than every request has. */
    begin(parameters = {}) {
      const [state, nonce, verifier] = [random(), random(), random()];
      const query = new URLSearchParams({
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: "openid profile",
        state,
        nonce,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        ...parameters,
      });
      return { path: `/authorize?${query}`, state, nonce, verifier };
    },

    /** Waits until `page` has come back; answers what it brings. */
    async comesBack(page, { state }) {
      await page.getByRole("heading", { name: HOME }).waitFor();
      const answer = Object.fromEntries(new URL(page.url()).searchParams);
      assert.equal(answer.state, state);
      assert.ok(answer.iss, "the answer names its issuer");
      return answer;
    },

    /** Redeems a code; answers the tokens with the claims of the ID token. */
    async redeem({ code }, { nonce, verifier }) {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "authorization_code",
          client_id: clientId,
          redirect_uri: redirectUri,
          code,
          code_verifier: verifier,
        }),
      });
      assert.equal(response.status, 200, await response.clone().text());
      const tokens = await response.json();
      const claims = JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url").toString("utf8"));
      assert.equal(claims.nonce, nonce);
      assert.equal(claims.aud, clientId);
      return { ...tokens, claims };
    },
  };
}
