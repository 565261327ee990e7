/** The APIs that take access tokens: what opens them, and what does not. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { useBrowser } from "../../frontend/e2e/support.mjs";
import { freePort, ISSUER, register, start, startPython } from "./apps.mjs";
import { newPerson, signInAtCamera } from "./people.mjs";

const browser = await useBrowser();
const AUDIENCE = "https://api.example.org";

/** The tokens that `client` gets for the person, who is at its door in the browser. */
async function tokens(person, { client_id, redirect_uri }, comes) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id, redirect_uri, scope: "openid" },
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const code = new Promise((resolve) => {
    person.page.route(`${redirect_uri}?*`, (route) => {
      resolve(new URL(route.request().url()).searchParams.get("code"));
      return route.fulfill({ status: 200, contentType: "text/html", body: "<title>App</title>back" });
    });
  });
  await person.page.goto(`${ISSUER}/authorize?${query}`);
  await comes();
  const answer = await fetch(`${ISSUER}/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...{ grant_type: "authorization_code", code: await code, client_id, redirect_uri },
      code_verifier: verifier,
    }),
  });
  assert.equal(answer.status, 200);
  await person.page.unroute(`${redirect_uri}?*`);
  return answer.json();
}

test("only an access token for this API opens it", async (t) => {
  const origin = `http://localhost:${await freePort()}`;
  const redirect_uri = `${origin}/callback`;
  const publicClient = (...words) =>
    register("--name", "An app", "--public", "--first-party", "--redirect-uri", redirect_uri, ...words);
  const ours = { ...(await publicClient("--audience", AUDIENCE)), redirect_uri };
  const theirs = { ...(await publicClient("--audience", "https://other.example.org")), redirect_uri };
  const [nodePort, pythonPort] = [await freePort(), await freePort()];
  const apis = [
    await start("backend-node", ["node", "server.mjs"], { PORT: nodePort, AUDIENCE }),
    await startPython("backend-python", { PORT: pythonPort, AUDIENCE }),
  ];

  const person = await newPerson(t, browser, [origin]);
  const good = await tokens(person, ours, () => signInAtCamera(person, { consent: false }));
  const other = await tokens(person, theirs, () =>
    person.page.getByRole("button", { name: `Continue as ${person.username}` }).click(),
  );
  for (const api of apis) {
    const ask = (token) => fetch(api, { headers: { Authorization: `Bearer ${token}` } });
    const answer = await ask(good.access_token);
    assert.equal(answer.status, 200, api);
    const claims = await answer.json();
    assert.equal(claims.acr, "urn:faceauth:acr:face-liveness");
    assert.match(claims.sub, /^[\w-]+$/);
    const [head, body, signature] = good.access_token.split(".");
    const forged = [head, body, signature.replace(/^./, (sign) => (sign === "A" ? "B" : "A"))];
    for (const [name, token] of Object.entries({
      "another audience": other.access_token,
      "an ID token": good.id_token,
      "a forged one": forged.join("."),
      nonsense: "a.b.c",
      nothing: "",
    })) {
      assert.equal((await ask(token)).status, 401, `${api}: ${name}`);
    }
  }
});
