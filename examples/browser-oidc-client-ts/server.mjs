/** Serves the app: three files, and the library from its package. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const PORT = Number(process.env.PORT ?? 3001);
const SETTINGS = { authority: process.env.ISSUER, client_id: process.env.CLIENT_ID };

const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/app.js": ["app.js", "text/javascript; charset=utf-8"],
  "/oidc-client-ts.js": [
    "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js",
    "text/javascript; charset=utf-8",
  ],
};

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/settings.json") {
    response.writeHead(200, { "Content-Type": "application/json" });
    return response.end(JSON.stringify(SETTINGS));
  }
  const [file, type] = FILES[pathname] ?? [];
  if (!file) return response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": type });
  response.end(await readFile(new URL(file, import.meta.url)));
}).listen(PORT, "127.0.0.1", () => console.log(`open http://localhost:${PORT}`));
