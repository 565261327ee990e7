/**
 * The service as functions. Pictures travel as multipart binary, a third smaller than
 * base64; answers are typed by the service's OpenAPI document.
 */
import { type Problem, type Result, readProblem } from "./errors";
import type { Answer, Detection, EnrolledFace, FormFields, Path, SignedIn } from "./types";

export interface Enrolment {
  readonly username: string;
  readonly photo: Blob;
  /** Version of the consent text that the person agreed to. */
  readonly policyVersion: string;
  /** The same for every try of one enrolment, so that a lost answer costs nobody their name. */
  readonly key: string;
}

export interface Api {
  /** Finds faces; says nothing about whose they are. */
  detect(photo: Blob): Promise<Result<Detection>>;
  register(enrolment: Enrolment): Promise<Result<SignedIn>>;
  verify(username: string, photo: Blob): Promise<Result<SignedIn>>;
  /** Ends the session of `refreshToken` at the service. */
  revoke(refreshToken: string): Promise<Result<void>>;
  /** The faces of the account that `accessToken` belongs to. */
  faces(accessToken: string): Promise<Result<EnrolledFace[]>>;
  /** Erases the account and everything held about it. */
  erase(accessToken: string): Promise<Result<void>>;
}

/** The parts of `window` the client needs, so that tests can pass their own. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const browser: Transport = { fetch: (input, init) => fetch(input, init), now: () => Date.now() };

export function createApi(transport: Transport = browser): Api {
  /** Sends one request; a refusal and an unreachable service are values, never exceptions. */
  async function send(path: Path, init: RequestInit): Promise<Result<Response>> {
    try {
      // Tokens travel in the Authorization header alone; no cookie is ever wanted.
      const response = await transport.fetch(path, { credentials: "omit", cache: "no-store", ...init });
      if (response.ok) return { ok: true, value: response };
      return failed(await readProblem(response, transport.now()));
    } catch {
      return failed({ code: "network" });
    }
  }

  async function json<P extends Path, M extends "get" | "post">(
    method: M,
    path: P,
    init: RequestInit,
  ): Promise<Result<Answer<P, M>>> {
    const sent = await send(path, { method: method.toUpperCase(), ...init });
    if (!sent.ok) return sent;
    try {
      return { ok: true, value: (await sent.value.json()) as Answer<P, M> };
    } catch {
      return failed({ code: "unexpected" });
    }
  }

  /** Sends what is answered without a body. */
  async function empty(path: Path, init: RequestInit): Promise<Result<void>> {
    const sent = await send(path, init);
    return sent.ok ? { ok: true, value: undefined } : sent;
  }

  return {
    detect: (photo) => json("post", "/detect", { body: form<"/detect">({ image: photo }) }),

    register({ username, photo, policyVersion, key }) {
      const body = form<"/register">({
        username,
        face_image: photo,
        "consent.policy_version": policyVersion,
        "consent.granted": "true",
      });
      return json("post", "/register", { body, headers: { "Idempotency-Key": key } });
    },

    verify: (username, photo) =>
      json("post", "/verify", { body: form<"/verify">({ username, face_image: photo }) }),

    revoke: (refreshToken) =>
      empty("/token/revoke", {
        method: "POST",
        body: JSON.stringify({ refresh_token: refreshToken }),
        headers: { "Content-Type": "application/json" },
      }),

    async faces(accessToken) {
      const listed = await json("get", "/me/faces", { headers: bearer(accessToken) });
      return listed.ok ? { ok: true, value: listed.value.faces } : listed;
    },

    erase: (accessToken) => empty("/me", { method: "DELETE", headers: bearer(accessToken) }),
  };
}

function failed(problem: Problem): { ok: false; problem: Problem } {
  return { ok: false, problem };
}

function bearer(accessToken: string): HeadersInit {
  return { Authorization: `Bearer ${accessToken}` };
}

function form<P extends Path>(fields: FormFields<P>): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries<string | Blob>(fields)) {
    // The file name of a photo can name a person or a place: never pass it on.
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value, "photo.jpg");
  }
  return body;
}
