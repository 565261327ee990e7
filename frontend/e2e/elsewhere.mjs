/** Serves the built page from an origin of its own, as a static host would. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";
import { BASE_URL } from "./support.mjs";

/** The origin that the service under test lets in. */
export const PAGE_ORIGIN = process.env["FACEAUTH_PAGE_ORIGIN"];
assert.ok(PAGE_ORIGIN, "FACEAUTH_PAGE_ORIGIN must be set: frontend/README.md says how");

const DIST = new URL("../dist", import.meta.url).pathname;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** What a page elsewhere needs beyond its own origin: the service, and a worker that imports from it. */
const policy = (service) =>
  `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${service}; connect-src 'self' ${service}; ` +
  `worker-src 'self' blob: ${service}; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'`;

/** `html` as somebody deploys it whose page uses the service at the origin `service`. */
const deployed = (html, service) =>
  html
    .replace('name="faceauth-service" content=""', `name="faceauth-service" content="${service}"`)
    .replace('src="../face-sign-in.js"', `src="${service}/face-sign-in.js"`)
    .replace("<face-sign-in ", `<face-sign-in service="${service}" `);

/** Serves the page, and another site that embeds the element, until the file's tests are over. */
export async function serveElsewhere(service = BASE_URL) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, PAGE_ORIGIN).pathname).replace(/\/$/, "/index.html");
    const file = join(DIST, path);
    if (!file.startsWith(DIST) || !existsSync(file)) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const content = type.startsWith("text/html") ? deployed(readFileSync(file, "utf8"), service) : readFileSync(file);
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy(service) }).end(content);
  });
  const { hostname, port } = new URL(PAGE_ORIGIN);
  await new Promise((resolve, reject) => server.once("error", reject).listen(Number(port), hostname, resolve));
  after(() => server.close());
}
