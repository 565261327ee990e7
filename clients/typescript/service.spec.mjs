/** The client that openapi-generator writes for TypeScript, against the real service. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";

function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set: ./dev test clients does`);
  return value;
}

const { AccountApi, Configuration, ResponseError, SignInApi, TokensApi } = createRequire(import.meta.url)(
  required("FACEAUTH_TYPESCRIPT_CLIENT"),
);
const basePath = required("FACEAUTH_BASE_URL");
const configuration = new Configuration({ basePath });
const [signIn, tokens] = [new SignInApi(configuration), new TokensApi(configuration)];
const photo = async (name) => (await readFile(`${required("FACEAUTH_PHOTOS")}/${name}`)).toString("base64");

/** The problem that a call is refused with. */
async function problem(call) {
  const refused = await call.then(() => assert.fail("let in"), (error) => error);
  assert.ok(refused instanceof ResponseError, String(refused));
  return { status: refused.response.status, code: (await refused.response.json()).code };
}

test("a person enrols, signs in, is known, renews and signs out", async () => {
  const username = `typescript-${randomUUID()}`;
  const consent = { policyVersion: "2026-11", granted: true };
  const registerRequest = { username, consent, faceImage: await photo("obama.jpg") };
  const enrolled = await signIn.register({ registerRequest });
  assert.equal(enrolled.user.username, username);
  assert.deepEqual(await problem(signIn.register({ registerRequest })), { status: 409, code: "username_taken" });

  const stranger = { username, faceImage: await photo("biden.jpg") };
  assert.deepEqual(await problem(signIn.verify({ verifyRequest: stranger })), {
    status: 401,
    code: "authentication_failed",
  });

  const signedIn = await signIn.verify({ verifyRequest: { username, faceImage: await photo("obama2.jpg") } });
  const account = new AccountApi(new Configuration({ basePath, accessToken: signedIn.accessToken }));
  assert.equal((await account.me()).username, username);

  const renewed = await tokens.refreshToken({ refreshRequest: { refreshToken: signedIn.refreshToken } });
  assert.notEqual(renewed.refreshToken, signedIn.refreshToken);
  await tokens.revokeToken({ revokeRequest: { refreshToken: renewed.refreshToken } });
  assert.equal((await problem(account.me())).status, 401);
});
