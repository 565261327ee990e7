/**
 * The service as functions. Pictures travel as multipart binary, a third smaller than
 * base64; answers are typed by the service's OpenAPI document.
 */
import { type Problem, type Result, readProblem } from "./errors";
import { Outlet } from "./outlet";
import { browser, type Transport } from "./transport";
import type {
  Action, AddedPasskey, Answer, Attempts, CaptureLimits, ConnectedClient, Detection, EnrolledFace, FaceAnswer, FormFields, Invitation,
  LivenessSession, PageLook, Passkeys, Path, SecondFactor, SignedIn, SignedInWithCodes, Tokens,
} from "./types";

/** What is shown to the service: pictures, or the frames that answer a liveness session. */
export type Proof =
  | { readonly kind: "pictures"; readonly pictures: readonly Blob[] }
  | {
      readonly kind: "capture";
      readonly session: Pick<LivenessSession, "session_id" | "nonce">;
      readonly frames: readonly { readonly jpeg: Blob; readonly t: number }[];
    };

export interface Enrolment {
  readonly username: string;
  readonly proof: Proof;
  /** Version of the consent text that the person agreed to. */
  readonly policyVersion: string;
  /** The secret of an invitation, where one is needed. */
  readonly invitation?: string | undefined;
  /** The same for every try of one enrolment, so that a lost answer costs nobody their name. */
  readonly key: string;
}

export interface SessionWish {
  readonly username?: string;
  readonly purpose: "verify" | "register";
  /** Steps this person can do; left out, the service chooses from its own. */
  readonly actions?: readonly Action[];
}

/** What a browser made of the options of a `SecondFactor`: `toJSON()` of the credential. */
export interface PasskeyAnswer {
  /** Of the `SecondFactor`. */
  readonly transaction: string;
  readonly credential: object;
}

/** A passkey that was just made, and what its owner calls it: 1 to 64 characters. */
export interface NewPasskey extends PasskeyAnswer {
  readonly name: string;
}

export interface VerifyWish {
  /** Asks for a passkey after the face, even where the service does not. */
  readonly secondFactor?: boolean;
}

/**
 * Whether a second factor is asked for before anybody is signed in. Then `answer` has no tokens.
 * `next` says how to go on: `verifyPasskey` or `verifyRecoveryCode`, or `registerPasskey`.
 */
export function asksSecondFactor(answer: FaceAnswer): answer is SecondFactor {
  return "transaction" in answer;
}

/** Told the share of an upload that has been sent, 0 to 1. */
export type OnSent = (share: number) => void;

/** A capture that is sent while it is made. */
export interface CaptureStream<T> {
  /** Sends the next frame, which was taken `t` milliseconds after the first. */
  send(frame: { readonly jpeg: Blob; readonly t: number }): void;
  /**
   * Ends the capture, and answers what the service says of it. `undefined` when it did not get there
   * whole: then the capture is to be sent again as a whole, and the next ones as well.
   */
  end(onSent?: OnSent): Promise<Result<T> | undefined>;
  /** Takes it back. Nothing is judged, and the steps stay good. */
  abort(): void;
}

/** Refusals of the way that a capture took, not of the capture. */
const OF_THE_WAY: ReadonlySet<Problem["code"]> = new Set(["network", "unexpected", "request_timeout"]);

export interface Api {
  /** What a capture must be like here. */
  limits(): Promise<Result<CaptureLimits>>;
  /** How the deployment wants its page to look. */
  pageLook(): Promise<Result<PageLook>>;
  /** Finds faces; says nothing about whose they are. */
  detect(photo: Blob): Promise<Result<Detection>>;
  /** Asks for the steps of a liveness challenge. */
  openSession(wish: SessionWish): Promise<Result<LivenessSession>>;
  /** Whom an invitation is for; uses nothing up. */
  readInvitation(invitation: string): Promise<Result<Invitation>>;
  /** Where everybody needs a passkey, the answer asks for the first one. See `asksSecondFactor`. */
  register(enrolment: Enrolment, onSent?: OnSent): Promise<Result<FaceAnswer>>;
  /** Who has a passkey is asked for it. See `asksSecondFactor`. */
  verify(username: string, proof: Proof, onSent?: OnSent, wish?: VerifyWish): Promise<Result<FaceAnswer>>;
  /**
   * The same with a capture of `session` that is sent while it is made. `undefined` where the browser
   * or its way to the service cannot do that: then send the capture with `verify` when it is made.
   */
  streamVerify(
    username: string,
    session: Pick<LivenessSession, "session_id" | "nonce">,
    wish?: VerifyWish,
  ): CaptureStream<FaceAnswer> | undefined;
  /** Begins a sign-in with a passkey alone, where the service allows it: `CaptureLimits.passkey_alone`. */
  challengePasskey(): Promise<Result<SecondFactor>>;
  /** Completes a sign-in with a passkey, after a face or alone. */
  verifyPasskey(answer: PasskeyAnswer): Promise<Result<SignedIn>>;
  /** Completes a sign-in after a face with a recovery code. */
  verifyRecoveryCode(transaction: string, code: string): Promise<Result<SignedIn>>;
  /** Completes an enrolment or a sign-in with the person's first passkey. The codes are shown once. */
  registerPasskey(passkey: NewPasskey): Promise<Result<SignedInWithCodes>>;
  /**
   * New tokens for a refresh token, which is then used up. With the same `retryKey` (43 to 128 random
   * characters, chosen for this one token) it may be asked again for 30 seconds, when the answer was lost.
   */
  refresh(refreshToken: string, retryKey?: string): Promise<Result<Tokens>>;
  /** Ends the session of `refreshToken` at the service. */
  revoke(refreshToken: string): Promise<Result<void>>;
  /** The faces of the account that `accessToken` belongs to. */
  faces(accessToken: string): Promise<Result<EnrolledFace[]>>;
  addFace(accessToken: string, proof: Proof, onSent?: OnSent): Promise<Result<EnrolledFace>>;
  removeFace(accessToken: string, id: string): Promise<Result<void>>;
  /** The passkeys of the account, and how many recovery codes are left. */
  passkeys(accessToken: string): Promise<Result<Passkeys>>;
  /** Begins to add a passkey; continue with `addPasskey`. Needs a sign-in of the last five minutes. */
  challengeNewPasskey(accessToken: string): Promise<Result<SecondFactor>>;
  addPasskey(accessToken: string, passkey: NewPasskey): Promise<Result<AddedPasskey>>;
  removePasskey(accessToken: string, id: string): Promise<Result<void>>;
  /** Ten new recovery codes, shown once. The old ones are good no more. */
  makeRecoveryCodes(accessToken: string): Promise<Result<string[]>>;
  /** The apps that the person has signed in to. */
  clients(accessToken: string): Promise<Result<ConnectedClient[]>>;
  /** Ends an app's access, and forgets that it was allowed. */
  removeClient(accessToken: string, id: string): Promise<Result<void>>;
  /** The account's own history, newest first; `before` is `next` of the page before. */
  attempts(accessToken: string, before?: number): Promise<Result<Attempts>>;
  /** Everything that is held about the person, as a file. */
  exportData(accessToken: string): Promise<Result<Blob>>;
  /** Erases the account and everything held about it. */
  erase(accessToken: string): Promise<Result<void>>;
}

/**
 * The client of the service at `origin`, such as `https://auth.example.org`; without one, of the
 * service that the page came from.
 */
export function createApi(origin = "", transport: Transport = browser): Api {
  const urlOf = (path: string) => origin + path;
  /** Whether captures that are sent while they are made get through. */
  let streams = true;

  /** A refusal and an unreachable service are values, never exceptions. */
  async function settled(answer: () => Promise<Response>): Promise<Result<Response>> {
    try {
      const response = await answer();
      if (response.ok) return { ok: true, value: response };
      return failed(await readProblem(response, transport.now()));
    } catch {
      return failed({ code: "network" });
    }
  }

  function send(path: string, init: RequestInit): Promise<Result<Response>> {
    // Tokens travel only in the Authorization header. No cookie is used.
    return settled(() => transport.fetch(urlOf(path), { credentials: "omit", cache: "no-store", ...init }));
  }

  async function read<T>(sent: Result<Response>): Promise<Result<T>> {
    if (!sent.ok) return sent;
    try {
      return { ok: true, value: (await sent.value.json()) as T };
    } catch {
      return failed({ code: "unexpected" });
    }
  }

  async function get<P extends Path>(path: P, headers: HeadersInit = {}, query = ""): Promise<Result<Answer<P, "get">>> {
    return read(await send(path + query, { method: "GET", headers }));
  }

  async function post<P extends Path>(
    path: P,
    body: unknown,
    authorization: Record<string, string> = {},
  ): Promise<Result<Answer<P, "post">>> {
    const headers = { "Content-Type": "application/json", ...authorization };
    return read(await send(path, { method: "POST", body: JSON.stringify(body), headers }));
  }

  /** Sends a form, which may be large. */
  async function upload<P extends Path>(
    path: P,
    body: FormData,
    onSent?: OnSent,
    headers: Record<string, string> = {},
  ): Promise<Result<Answer<P, "post">>> {
    return read(await settled(() => transport.upload(urlOf(path), { body, headers, onSent })));
  }

  /** Sends a capture to `path` while it is made, with `fields` before it. */
  function streamed<P extends Path>(
    path: P,
    fields: Readonly<Record<string, string>>,
  ): CaptureStream<Answer<P, "post">> | undefined {
    const { stream, canStream } = transport;
    if (!streams || !stream || !canStream?.(urlOf(path))) return undefined;
    const outlet = new Outlet();
    const answer = settled(() => stream(urlOf(path), outlet.init)).then((sent) => read<Answer<P, "post">>(sent));
    for (const [name, value] of Object.entries(fields)) outlet.text(name, value);
    return {
      send({ jpeg, t }) {
        // Each time directly before its frame: the service then looks at frames while others come.
        outlet.text("liveness.t_ms", String(t));
        outlet.jpeg("liveness.frames", jpeg);
      },
      async end(onSent) {
        outlet.end(onSent);
        const result = await answer;
        outlet.answered();
        if (result.ok || !OF_THE_WAY.has(result.problem.code)) return result;
        streams = false;
        return undefined;
      },
      abort: () => outlet.abort(),
    };
  }

  /** Sends what is answered without a body. */
  async function empty(path: string, init: RequestInit): Promise<Result<void>> {
    const sent = await send(path, init);
    return sent.ok ? { ok: true, value: undefined } : sent;
  }

  return {
    limits: () => get("/capture"),

    pageLook: () => get("/page"),

    detect: (photo) => upload("/detect", form<"/detect">({ image: photo })),

    openSession: (wish) => post("/liveness/sessions", wish),

    readInvitation: (invitation) => post("/invitations/read", { invitation }),

    register({ username, proof, policyVersion, invitation, key }, onSent) {
      const invited = invitation === undefined ? {} : { invitation };
      const fields = { username, "consent.policy_version": policyVersion, "consent.granted": "true", ...invited };
      const body = withProof(form<"/register">(fields), proof, "face_images");
      return upload("/register", body, onSent, { "Idempotency-Key": key });
    },

    verify(username, proof, onSent, { secondFactor = false } = {}) {
      const stepUp = secondFactor ? { second_factor: "true" } : {};
      return upload("/verify", withProof(form<"/verify">({ username, ...stepUp }), proof, "face_image"), onSent);
    },

    streamVerify(username, { session_id, nonce }, { secondFactor = false } = {}) {
      const capture = { "liveness.session_id": session_id, "liveness.nonce": nonce };
      return streamed("/verify", { username, ...(secondFactor ? { second_factor: "true" } : {}), ...capture });
    },

    challengePasskey: () => post("/verify/passkey/challenge", {}),
    verifyPasskey: ({ transaction, credential }) => post("/verify/passkey", { transaction, credential }),
    verifyRecoveryCode: (transaction, code) => post("/verify/recovery-code", { transaction, code }),
    registerPasskey: ({ transaction, name, credential }) => post("/register/passkey", { transaction, name, credential }),

    refresh: (refreshToken, retryKey) => post("/token/refresh", { refresh_token: refreshToken, retry_key: retryKey }),

    revoke: (refreshToken) =>
      empty("/token/revoke", {
        method: "POST",
        body: JSON.stringify({ refresh_token: refreshToken }),
        headers: { "Content-Type": "application/json" },
      }),

    async faces(accessToken) {
      const listed = await get("/me/faces", bearer(accessToken));
      return listed.ok ? { ok: true, value: listed.value.faces } : listed;
    },

    addFace: (accessToken, proof, onSent) =>
      upload("/me/faces", withProof(new FormData(), proof, "face_image"), onSent, bearer(accessToken)),

    removeFace: (accessToken, id) =>
      empty(`/me/faces/${encodeURIComponent(id)}`, { method: "DELETE", headers: bearer(accessToken) }),

    passkeys: (accessToken) => get("/me/passkeys", bearer(accessToken)),
    challengeNewPasskey: (accessToken) => post("/me/passkeys/challenge", {}, bearer(accessToken)),
    addPasskey: (accessToken, { transaction, name, credential }) =>
      post("/me/passkeys", { transaction, name, credential }, bearer(accessToken)),
    removePasskey: (accessToken, id) =>
      empty(`/me/passkeys/${encodeURIComponent(id)}`, { method: "DELETE", headers: bearer(accessToken) }),

    async makeRecoveryCodes(accessToken) {
      const made = await post("/me/recovery-codes", {}, bearer(accessToken));
      return made.ok ? { ok: true, value: made.value.recovery_codes } : made;
    },

    async clients(accessToken) {
      const listed = await get("/me/clients", bearer(accessToken));
      return listed.ok ? { ok: true, value: listed.value.clients } : listed;
    },
    removeClient: (accessToken, id) =>
      empty(`/me/clients/${encodeURIComponent(id)}`, { method: "DELETE", headers: bearer(accessToken) }),

    attempts: (accessToken, before) =>
      get("/me/attempts", bearer(accessToken), before === undefined ? "" : `?before=${before}`),

    async exportData(accessToken) {
      const sent = await send("/me/export", { headers: bearer(accessToken) });
      return sent.ok ? { ok: true, value: await sent.value.blob() } : sent;
    },

    erase: (accessToken) => empty("/me", { method: "DELETE", headers: bearer(accessToken) }),
  };
}

function failed(problem: Problem): { ok: false; problem: Problem } {
  return { ok: false, problem };
}

function bearer(accessToken: string): Record<string, string> {
  return { Authorization: `Bearer ${accessToken}` };
}

function form<P extends Path>(fields: FormFields<P>): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries<string | Blob>(fields)) append(body, name, value);
  return body;
}

function append(body: FormData, name: string, value: string | Blob) {
  // The file name of a photo can name a person or a place: never pass it on.
  if (typeof value === "string") body.append(name, value);
  else body.append(name, value, "photo.jpg");
}

/** Adds what is shown. Several pictures repeat the field `pictures`; the service takes one as well. */
function withProof(body: FormData, proof: Proof, pictures: "face_image" | "face_images"): FormData {
  if (proof.kind === "pictures") {
    const name = proof.pictures.length === 1 ? "face_image" : pictures;
    for (const picture of proof.pictures) append(body, name, picture);
    return body;
  }
  append(body, "liveness.session_id", proof.session.session_id);
  append(body, "liveness.nonce", proof.session.nonce);
  // The times come first: the service then looks at the frames while the rest is on its way.
  for (const { t } of proof.frames) append(body, "liveness.t_ms", String(t));
  for (const { jpeg } of proof.frames) append(body, "liveness.frames", jpeg);
  return body;
}
