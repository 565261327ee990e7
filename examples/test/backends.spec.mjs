/** The APIs that take access tokens: what opens them, and what does not. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { useBrowser } from "../../frontend/e2e/support.mjs";
import { freePort, ISSUER, register, start, startJava, startPython } from "./apps.mjs";
import { goOn, newPerson, signInAtCamera } from "./people.mjs";

const browser = await useBrowser();
const AUDIENCE = "https://api.example.org";

/** What redeems a code for `client`, which the person has let in by `comes`. */
async function grant(person, { client_id, redirect_uri }, comes) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id, redirect_uri, scope: "openid offline_access" },
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
  // Whoever goes on before the browser is there would be taken there.
  await person.page.waitForURL(`${redirect_uri}?*`);
  const redeemed = {
    ...{ grant_type: "authorization_code", code: await code, client_id, redirect_uri },
    code_verifier: verifier,
  };
  await person.page.unroute(`${redirect_uri}?*`);
  return redeemed;
}

/** What the token endpoint answers. */
async function redeem(parameters) {
  const answer = await fetch(`${ISSUER}/token`, {
    method: "POST",
    body: new URLSearchParams(parameters),
  });
  return { status: answer.status, ...(await answer.json()) };
}

test("only an access token for this API opens it", async (t) => {
  const origin = `http://localhost:${await freePort()}`;
  const redirect_uri = `${origin}/callback`;
  const publicClient = (...words) =>
    register("--name", "An app", "--public", "--first-party", "--redirect-uri", redirect_uri, ...words);
  const ours = { ...(await publicClient("--audience", AUDIENCE)), redirect_uri };
  const theirs = { ...(await publicClient("--audience", "https://other.example.org")), redirect_uri };
  const api = await register("--name", "An API", "--redirect-uri", redirect_uri, "--audience", AUDIENCE);
  const verifying = [
    await start("backend-node", ["node", "server.mjs"], { PORT: await freePort(), AUDIENCE }),
    await startPython("backend-python", { PORT: await freePort(), AUDIENCE }),
  ];
  const asking = await startJava("backend-java", "Api.java", {
    ...{ PORT: await freePort(), AUDIENCE },
    ...{ CLIENT_ID: api.client_id, CLIENT_SECRET: api.client_secret },
  });

  const person = await newPerson(t, browser, [origin]);
  const good = await redeem(
    await grant(person, ours, () => signInAtCamera(person, { consent: false })),
  );
  const other = await redeem(await grant(person, theirs, () => goOn(person)));
  const call = (api, token) => fetch(api, { headers: { Authorization: `Bearer ${token}` } });
  for (const api of [...verifying, asking]) {
    const ask = (token) => call(api, token);
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

  // Who asks learns at once that a session has ended. Who verifies learns it in a quarter of an hour.
  const given = { client_id: ours.client_id, token: good.access_token };
  const revoked = await fetch(`${ISSUER}/oauth/revoke`, { method: "POST", body: new URLSearchParams(given) });
  assert.equal(revoked.status, 200);
  assert.equal((await call(asking, good.access_token)).status, 401);
  for (const api of verifying) assert.equal((await call(api, good.access_token)).status, 200, api);
});

test("a code that is used twice ends what it issued", async (t) => {
  const origin = `http://localhost:${await freePort()}`;
  const redirect_uri = `${origin}/callback`;
  const words = ["--public", "--first-party", "--offline-access", "--redirect-uri", redirect_uri];
  const client = { ...(await register("--name", "An app", ...words)), redirect_uri };
  const person = await newPerson(t, browser, [origin]);
  const code = await grant(person, client, () => signInAtCamera(person, { consent: false }));
  const first = await redeem(code);
  assert.equal(first.status, 200);
  const renewal = { grant_type: "refresh_token", client_id: client.client_id };
  const renewed = await redeem({ ...renewal, refresh_token: first.refresh_token });
  assert.equal(renewed.status, 200);

  const again = await redeem(code);
  assert.deepEqual([again.status, again.error], [400, "invalid_grant"]);
  const ended = await redeem({ ...renewal, refresh_token: renewed.refresh_token });
  assert.deepEqual([ended.status, ended.error], [400, "invalid_grant"]);
});
