/**
 * A website with a server of its own. Its people sign in with FaceAuth.
 *
 * The server is a confidential client: it has a secret, and the browser never sees a token.
 * `openid-client` does the protocol: PKCE, `state`, `nonce`, `iss`, and the checks of the ID token.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import * as oidc from "openid-client";

const ISSUER = required("ISSUER");
const CLIENT_ID = required("CLIENT_ID");
const CLIENT_SECRET = required("CLIENT_SECRET");
const PORT = Number(required("PORT"));
/** Where people reach this website. */
const ORIGIN = `http://localhost:${PORT}`;
/** Registered with the client. */
const REDIRECT_URI = `${ORIGIN}/callback`;

/** A face and a passkey that is bound to its device. */
const WITH_PASSKEY = "urn:faceauth:acr:face-liveness-passkey-device-bound";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set: README.md says how`);
  return value;
}

// Plain http is for this machine alone. Without the option, openid-client refuses it.
const local = new URL(ISSUER).protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : {};
const config = await oidc.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  oidc.ClientSecretBasic(CLIENT_SECRET),
  local,
);

/** What this website knows of its visitors. A real one keeps it in a database, with an end. */
const sessions = new Map();

/** The session of a request; makes one where there is none. */
function sessionOf(request, response) {
  const known = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (known && sessions.has(known)) return sessions.get(known);
  return newSession(response);
}

function newSession(response) {
  const id = randomUUID();
  const session = { id };
  sessions.set(id, session);
  response.setHeader("Set-Cookie", `session=${id}; HttpOnly; SameSite=Lax; Path=/`);
  return session;
}

const routes = {
  "/": (session, _url, response) => show(response, 200, home(session)),

  /** Sends the browser to FaceAuth. */
  async "/sign-in"(session, url, response) {
    const pending = {
      verifier: oidc.randomPKCECodeVerifier(),
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      acr: url.searchParams.has("passkey") ? WITH_PASSKEY : undefined,
      maxAge: url.searchParams.has("fresh") ? 0 : undefined,
    };
    session.pending = pending;
    const parameters = {
      redirect_uri: REDIRECT_URI,
      scope: "openid profile offline_access",
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
      state: pending.state,
      nonce: pending.nonce,
      ...(pending.acr && { acr_values: pending.acr }),
      ...(pending.maxAge !== undefined && { max_age: String(pending.maxAge) }),
      ...(url.searchParams.has("silent") && { prompt: "none" }),
    };
    // Pushed: the browser carries a reference, and nobody can change what was asked (RFC 9126).
    const address = url.searchParams.has("pushed")
      ? await oidc.buildAuthorizationUrlWithPAR(config, parameters)
      : oidc.buildAuthorizationUrl(config, parameters);
    redirect(response, address);
  },

  /** The browser comes back. */
  async "/callback"(session, url, response) {
    const { pending } = session;
    if (!pending) return show(response, 400, "Nobody is signing in here.");
    delete session.pending;
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      ...(pending.maxAge !== undefined && { maxAge: pending.maxAge }),
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    // FaceAuth asks for what was wanted. The website still checks what was shown.
    if (pending.acr && claims.acr !== pending.acr) {
      return show(response, 403, "A passkey was asked for and not shown.");
    }
    // Another session than before the sign-in, so that nobody can have planted it.
    sessions.delete(session.id);
    Object.assign(newSession(response), { tokens, claims });
    redirect(response, ORIGIN);
  },

  /** Renews the access token. */
  async "/renew"(session, _url, response) {
    if (!session.tokens) return redirect(response, ORIGIN);
    const renewed = await oidc.refreshTokenGrant(config, session.tokens.refresh_token);
    session.tokens = { ...session.tokens, ...renewed };
    session.renewed = (session.renewed ?? 0) + 1;
    redirect(response, ORIGIN);
  },

  /** Asks FaceAuth who it is. */
  async "/who"(session, _url, response) {
    if (!session.tokens) return redirect(response, ORIGIN);
    const person = await oidc.fetchUserInfo(config, session.tokens.access_token, session.claims.sub);
    show(response, 200, `<p id="who">${escape(person.preferred_username)}</p>`);
  },

  /** Asks FaceAuth whether the session there still lives. */
  async "/lives"(session, _url, response) {
    if (!session.tokens) return redirect(response, ORIGIN);
    const { active } = await oidc.tokenIntrospection(config, session.tokens.access_token);
    show(response, 200, `<p id="lives">${active}</p>`);
  },

  /** Gives the tokens back: this website then does nothing more in the person's name. */
  async "/give-back"(session, _url, response) {
    if (!session.tokens) return redirect(response, ORIGIN);
    await oidc.tokenRevocation(config, session.tokens.refresh_token);
    redirect(response, ORIGIN);
  },

  /** Ends the session here and the one at FaceAuth. */
  async "/sign-out"(session, _url, response) {
    sessions.delete(session.id);
    if (!session.tokens) return redirect(response, ORIGIN);
    redirect(
      response,
      oidc.buildEndSessionUrl(config, {
        id_token_hint: session.tokens.id_token,
        post_logout_redirect_uri: ORIGIN,
      }),
    );
  },
};

function home({ claims, renewed = 0 }) {
  if (!claims) {
    return `<p id="nobody">Nobody is signed in.</p>
      <p><a href="/sign-in">Sign in</a> or <a href="/sign-in?passkey">sign in with a passkey as well</a></p>`;
  }
  return `<p>Signed in as <b id="name">${escape(claims.preferred_username)}</b></p>
    <p>Shown: <code id="acr">${escape(claims.acr)}</code>, <code id="amr">${escape(claims.amr.join(" "))}</code></p>
    <p>Renewed <span id="renewed">${renewed}</span> times</p>
    <p><a href="/renew">Renew</a>, <a href="/who">ask who I am</a>,
      <a href="/sign-in?passkey">step up with a passkey</a>, <a href="/sign-out">sign out</a></p>`;
}

function show(response, status, body) {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><html lang="en"><title>A website</title><h1>A website</h1>${body}</html>`);
}

function redirect(response, address) {
  response.writeHead(303, { Location: String(address) }).end();
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** What went wrong, in the words of OAuth where there are some. */
function reason(error) {
  return error.error ?? error.cause?.error ?? error.code ?? "unexpected";
}

createServer(async (request, response) => {
  const url = new URL(request.url, ORIGIN);
  const route = routes[url.pathname];
  if (!route) return show(response, 404, "There is no such page.");
  try {
    await route(sessionOf(request, response), url, response);
  } catch (error) {
    console.error(error);
    show(response, 400, `<p>The sign-in failed: <code id="error">${escape(reason(error))}</code></p>`);
  }
}).listen(PORT, "127.0.0.1", () => console.log(`open ${ORIGIN}`));
