/** Finishes the package's types: what nobody can reach goes, and imports name files as Node wants them. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const TYPES = new URL("../package/dist/types", import.meta.url).pathname;
const ENTRIES = ["client.d.ts", "element.d.ts"];
const IMPORT = /(from\s+"|import\(")(\.\.?\/[^"]+)(")/g;

const reached = new Set();

function reach(file) {
  if (reached.has(file)) return;
  reached.add(file);
  const text = readFileSync(join(TYPES, file), "utf8");
  const finished = text.replace(IMPORT, (_, before, path, after) => {
    const target = join(dirname(file), path);
    if (!existsSync(join(TYPES, `${target}.d.ts`))) throw new Error(`${file} imports ${path}, which has no types`);
    reach(target + ".d.ts");
    return `${before}${path}.js${after}`;
  });
  writeFileSync(join(TYPES, file), finished);
}

for (const entry of ENTRIES) reach(entry);
for (const name of readdirSync(TYPES, { recursive: true, withFileTypes: true })) {
  const file = relative(TYPES, join(name.parentPath, name.name));
  if (name.isFile() && !reached.has(file)) rmSync(join(TYPES, file));
}
