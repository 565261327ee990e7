/**
 * An API that takes access tokens of FaceAuth. `jose` verifies them: it fetches the keys of the
 * service, keeps them, and fetches again when a token names one it does not know.
 */
import { createServer } from "node:http";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const ISSUER = required("ISSUER");
/** What `audience` of the client says, so that tokens for others open nothing here. */
const AUDIENCE = required("AUDIENCE");
const PORT = Number(required("PORT"));

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set: README.md says how`);
  return value;
}

const metadata = await (await fetch(`${ISSUER}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));

/** Who is calling; throws when the token is not for us or not valid any more. */
async function caller(request) {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !token) throw new errors.JWTInvalid("no bearer token");
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER,
    audience: AUDIENCE,
    // No ID token passes for an access token.
    typ: "at+jwt",
    algorithms: ["EdDSA", "ES256"],
    // Clocks differ.
    clockTolerance: 5,
  });
  return payload;
}

createServer(async (request, response) => {
  try {
    const { sub, acr } = await caller(request);
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ sub, acr }));
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    response.writeHead(401, { "WWW-Authenticate": 'Bearer error="invalid_token"' }).end();
  }
}).listen(PORT, "127.0.0.1", () => console.log(`ready at http://localhost:${PORT}`));
