/** Checks what a first visit and the camera cost against a budget. Run after `npm run build`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;

/**
 * Kilobytes, gzip. The first visit is what stands between a person and the form on a bad
 * connection; the face finder loads when the camera is turned on, beside the browser's own question.
 */
const BUDGETS = [
  { name: "page: script before the camera", most: 120, files: entry(/src="\.\/(assets\/index-[^"]+\.js)"/) },
  { name: "page: style", most: 10, files: styles() },
  { name: "element: script before the camera", most: 120, files: ["face-sign-in.js", ...imports("face-sign-in.js")] },
  { name: "face finder: script", most: 160, files: matching(/^worker-.*\.js$/) },
  { name: "face finder: WebAssembly", most: 150, files: matching(/-simd-.*\.wasm$/) },
  { name: "face finder: model", most: 220, files: matching(/^facemesh-/) },
];

function text(file) {
  return readFileSync(join(DIST, file), "utf8");
}

function matching(pattern) {
  return readdirSync(join(DIST, "assets")).filter((name) => pattern.test(name)).map((name) => `assets/${name}`);
}

/** The script that the page names, and everything it imports at once. */
function entry(pattern) {
  const [, file] = text("index.html").match(pattern);
  return [file, ...imports(file)];
}

function styles() {
  return [...text("index.html").matchAll(/href="\.\/(assets\/[^"]+\.css)"/g)].map(([, file]) => file);
}

/** What `file` imports, and those again, each once. */
function imports(file, seen = new Set()) {
  const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/") + 1) : "";
  for (const [, path] of text(file).matchAll(/(?:from|import)\s*"(\.\/[^"]+\.js)"/g)) {
    const found = folder + path.slice(2);
    if (!seen.has(found)) imports(found, seen.add(found));
  }
  return [...seen];
}

let over = 0;
for (const { name, most, files } of BUDGETS) {
  if (files.length === 0) throw new Error(`${name}: no such file in dist`);
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0) / 1000;
  const fits = size <= most;
  if (!fits) over += 1;
  console.log(`${fits ? "ok  " : "OVER"} ${name.padEnd(36)} ${size.toFixed(1).padStart(7)} of ${most} kB`);
}
if (over > 0) process.exit(1);
