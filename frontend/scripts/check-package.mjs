/** Installs the package as a frontend team would, and uses it. Run after `npm run package`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FRONTEND = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "faceauth-package-"));
const run = (program, ...words) => execFileSync(program, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** A program of somebody else's: it must compile as strictly as theirs, and run. */
const PROGRAM = `
import { asksSecondFactor, createApi, type FaceAnswer, type Result } from "@faceauth/web";
import type { FaceSignInEvents } from "@faceauth/web/face-sign-in";

const api = createApi("https://auth.example.org", {
  fetch: async (input) => Response.json({ asked: String(input) }),
  upload: async (url) => new Response(JSON.stringify({ user: { username: url } }), { status: 200 }),
  now: () => 0,
});
const answer: Result<FaceAnswer> = await api.verify("ada", { kind: "pictures", pictures: [new Blob(["x"])] });
if (!answer.ok) throw new Error(answer.problem.code);
// @ts-expect-error there may be no token yet
export const token = () => answer.value.access_token;
if (asksSecondFactor(answer.value)) throw new Error(answer.value.next);
console.log(answer.value.user.username);
export const wait = (event: FaceSignInEvents["secondfactor"]): string => event.detail.next;
export const listen = (event: FaceSignInEvents["signedin"]): string => event.detail.access_token;
// @ts-expect-error there is no such proof
export const wrong = () => api.verify("ada", { kind: "promise" });
`;

try {
  run("npm", "pack", "--silent", "--pack-destination", folder, join(FRONTEND, "package"));
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  run("npm", "install", "--silent", "--offline", "--no-audit", "--no-fund", join(folder, tarball));
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  const tsc = join(FRONTEND, "node_modules/typescript-native/bin/tsc");
  const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom", "--types", ""];
  run(process.execPath, tsc, ...options, "program.ts");
  assert.equal(run(process.execPath, "program.js").trim(), "https://auth.example.org/verify");
  console.log("ok   @faceauth/web installs, compiles and answers");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
