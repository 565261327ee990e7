/**
 * A line to the service with TLS, as slow as it is told, that notes what goes over it.
 *
 * Two steps, as in life: a socket that passes on so many bits a second, and a proxy behind it that
 * ends TLS and speaks HTTP/2 with the browser and HTTP/1.1 with the service. So a body is passed on
 * while it arrives, as our examples for nginx, Caddy and HAProxy do.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createOldServer } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a line carries at once: what fits into an Ethernet frame. */
const PACKET = 1_460;

/** What each frame of a capture begins with. */
const FRAME = Buffer.from('name="liveness.frames"');

/** Headers that end at a proxy (RFC 9110, 7.6.1). */
const OF_THE_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "http2-settings", "host"]);

/**
 * Opens a line to `service`, an origin. `mbit` is its speed towards the service in megabits a second;
 * left out, it is as fast as it gets. `protocol` is `h2` or `http/1.1`.
 *
 * Answers its origin; what it `carried`, request by request; `meet`, which may do something else
 * with a request than pass it on, and says whether it did; and `close`.
 */
export async function openLine(service, { mbit, protocol = "h2" } = {}) {
  const { hostname, port } = new URL(service);
  const carried = [];
  const line = { carried, meet: undefined };
  const create = protocol === "h2" ? createSecureServer : createOldServer;
  const proxy = create(certificate(), (from, to) => {
    const note = { path: from.url, length: from.headers["content-length"], frames: [], end: "open" };
    carried.push(note);
    watch(from, note);
    if (line.meet?.(from, to, note)) return;
    const headers = Object.entries(from.headers).filter(([name]) => !name.startsWith(":") && !OF_THE_HOP.has(name));
    // The service compares it with the origin of a request that changes something.
    const host = from.headers[":authority"] ?? from.headers.host;
    const onward = request({
      hostname, port, method: from.method, path: from.url, headers: { ...Object.fromEntries(headers), host },
    });
    onward.on("response", (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !OF_THE_HOP.has(name));
      to.writeHead(answer.statusCode, Object.fromEntries(kept));
      answer.pipe(to);
    });
    onward.on("error", () => to.destroy());
    from.on("data", (part) => onward.write(part) || (from.pause(), onward.once("drain", () => from.resume())));
    // A body that breaks off ends, too.
    from.on("end", () => (broke(from) ? onward.destroy() : onward.end()));
    from.on("aborted", () => onward.destroy());
  });
  proxy.on("sessionError", () => {});
  await listening(proxy);
  const slow = throttle(mbit);
  const entry = createServer((client) => {
    const server = connect(proxy.address().port, "127.0.0.1");
    server.pipe(client);
    client.on("close", () => server.destroy());
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    void slow(client, server);
  });
  await listening(entry);
  return Object.assign(line, {
    origin: `https://127.0.0.1:${entry.address().port}`,
    close() {
      entry.close();
      proxy.close();
    },
  });
}

/** Notes when each frame of a body begins, and how the body ends. */
function watch(body, note) {
  let kept = Buffer.alloc(0);
  body.on("data", (part) => {
    const seen = Buffer.concat([kept, part]);
    let from = 0;
    for (let at = seen.indexOf(FRAME); at !== -1; at = seen.indexOf(FRAME, from)) {
      note.frames.push(Date.now());
      from = at + FRAME.length;
    }
    kept = seen.subarray(Math.max(from, seen.length - FRAME.length + 1));
  });
  body.on("end", () => (note.end = broke(body) ? "broken" : "whole"));
  body.on("aborted", () => (note.end = "broken"));
}

/** Whether a body ended before its end. */
function broke(body) {
  return body.aborted || (body.stream?.rstCode ?? 0) !== 0;
}

/** Passes bytes on, so many megabits a second for all connections together. */
function throttle(mbit) {
  let free = 0;
  return async (from, to) => {
    try {
      for await (const bytes of from) {
        for (let at = 0; at < bytes.length; at += PACKET) {
          const part = bytes.subarray(at, at + PACKET);
          if (mbit !== undefined) {
            free = Math.max(free, performance.now()) + (part.length * 8) / (1_000 * mbit);
            const wait = free - performance.now();
            // Timers are no finer.
            if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
          }
          to.write(part);
        }
      }
      to.end();
    } catch {
      to.destroy();
    }
  };
}

function listening(server) {
  return new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
}

/** A key and a certificate that signs itself. */
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "faceauth-line-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...made, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", cert], { stdio: "pipe" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
