/**
 * Whether this browser can send a body while it is made.
 *
 * Chromium does, over HTTP/2 and HTTP/3. Over HTTP/1.1 it refuses, and other browsers send the text
 * "[object ReadableStream]" instead.
 */

/** Protocols over which bodies are streamed, as browsers name them (ALPN). */
const STREAMING = new Set(["h2", "h3"]);

/** What the browser has fetched, as far as it says so. */
type Fetched = Pick<PerformanceResourceTiming, "name" | "nextHopProtocol">;

/** Whether a body that is sent to `url` can be made meanwhile. */
export function canStream(url: string): boolean {
  if (typeof document === "undefined") return false;
  const fetched = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return streamsOver(fetched as PerformanceResourceTiming[], new URL(url, document.baseURI).origin) && sendsStreams();
}

/**
 * Whether the last answer of `origin` came over a protocol that carries such bodies. Of another
 * origin than its own, a page is told the protocol only where that origin allows it
 * (`Timing-Allow-Origin`).
 */
export function streamsOver(fetched: readonly Fetched[], origin: string): boolean {
  const last = fetched.findLast(({ name, nextHopProtocol }) => nextHopProtocol !== "" && name.startsWith(`${origin}/`));
  return last !== undefined && STREAMING.has(last.nextHopProtocol);
}

/** Asks the browser as https://developer.chrome.com/docs/capabilities/web-apis/fetch-streaming-requests does. */
function sendsStreams(): boolean {
  let asked = false;
  const init = {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return "half" as const;
    },
  };
  try {
    const typed = new Request(document.baseURI, init).headers.has("Content-Type");
    return asked && !typed;
  } catch {
    return false;
  }
}
