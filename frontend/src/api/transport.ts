import { canStream } from "./streaming";

/** The parts of the browser that the client needs, so that tests can pass their own. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** Sends a form and tells how much of it has left; `fetch` cannot say. */
  readonly upload: (url: string, init: Upload) => Promise<Response>;
  /** Whether a body that is sent to `url` can be made meanwhile. Left out, none can. */
  readonly canStream?: (url: string) => boolean;
  /** Sends a body while it is made. */
  readonly stream?: (url: string, init: StreamInit) => Promise<Response>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Upload {
  readonly body: FormData;
  readonly headers: Readonly<Record<string, string>>;
  /** Told the share that has been sent, 0 to 1. */
  readonly onSent?: ((share: number) => void) | undefined;
}

export interface StreamInit {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the request early. */
  readonly signal: AbortSignal;
}

export const browser: Transport = {
  fetch: (input, init) => fetch(input, init),
  upload,
  canStream,
  stream,
  now: () => Date.now(),
};

/** Longest wait for an answer, in milliseconds: longer than the service takes for anything. */
const PATIENCE_MS = 60_000;

function upload(url: string, { body, headers, onSent }: Upload): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = PATIENCE_MS;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onSent?.(event.loaded / event.total);
    };
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError("the service was not reached"));
    request.ontimeout = request.onerror;
    request.send(body);
  });
}

function stream(url: string, init: StreamInit): Promise<Response> {
  // "half": the answer is read when the body has ended. Browsers know no other way yet.
  const request: RequestInit & { duplex: "half" } = { method: "POST", duplex: "half", credentials: "omit", ...init };
  return fetch(url, { cache: "no-store", ...request });
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split(/[\r\n]+/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  // These have no body, and `Response` insists on it.
  const empty = request.status === 204 || request.status === 304;
  return new Response(empty ? null : request.responseText, { status: request.status, headers });
}
