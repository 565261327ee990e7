/**
 * What the login page of another app says to the service. Cookies bind it to the browser
 * that began, so these calls alone send them, and to the page's own origin alone.
 */
import { type Problem, type Result, readProblem } from "./errors";

/** What an app asks for, and of whom. */
export interface LoginRequest {
  readonly client: {
    readonly name: string;
    /** Belongs to whoever runs the service: nobody is asked for consent. */
    readonly first_party: boolean;
  };
  /** What the app wants to know: OAuth scopes. */
  readonly scopes: readonly string[];
  readonly login_hint?: string | null;
  /** BCP 47 tags, best first. */
  readonly ui_locales: readonly string[];
  /** Begin with enrolling. */
  readonly prompt_create: boolean;
  readonly second_factor: boolean;
  /** Whoever is signed in must show the face again. */
  readonly fresh_face: boolean;
  /** Who is signed in in this browser, well enough to go on without another sign-in. */
  readonly signed_in?: { readonly username: string } | null;
  readonly needs_consent: boolean;
  /** Seconds. */
  readonly expires_in: number;
}

/** Where the browser goes next. */
export interface Onward {
  readonly redirect_to: string;
}

export interface Acceptance {
  /** Of the sign-in that was just made; left out, whoever is signed in in this browser goes on. */
  readonly accessToken?: string | undefined;
  /** The person allows what the app asks for. */
  readonly consent?: boolean;
}

export interface LoginApi {
  /** Uses nothing up: a reloaded page asks again. */
  read(request: string): Promise<Result<LoginRequest>>;
  accept(request: string, acceptance: Acceptance): Promise<Result<Onward>>;
  refuse(request: string): Promise<Result<Onward>>;
  /** Ends the browser's sign-in. */
  logout(logout: string): Promise<Result<Partial<Onward>>>;
}

export function createLoginApi(send: typeof fetch = (input, init) => fetch(input, init)): LoginApi {
  async function call<T>(path: string, init: RequestInit): Promise<Result<T>> {
    try {
      const response = await send(path, { credentials: "same-origin", cache: "no-store", ...init });
      if (!response.ok) return failed(await readProblem(response, Date.now()));
      return { ok: true, value: (await response.json()) as T };
    } catch {
      return failed({ code: "network" });
    }
  }

  function post<T>(path: string, body: object, headers: Record<string, string> = {}): Promise<Result<T>> {
    return call(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", ...headers },
    });
  }

  return {
    read: (request) => call("/login/request", { headers: { "Authorization-Request": request } }),
    accept: (request, { accessToken, consent }) =>
      post("/login/accept", consent === undefined ? { request } : { request, consent }, bearer(accessToken)),
    refuse: (request) => post("/login/refuse", { request }),
    logout: (logout) => post("/login/logout", { logout }),
  };
}

function bearer(accessToken: string | undefined): Record<string, string> {
  return accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
}

function failed(problem: Problem): { ok: false; problem: Problem } {
  return { ok: false, problem };
}
