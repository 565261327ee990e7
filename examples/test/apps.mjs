/** The samples, started with clients of their own at the running service. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { after } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Address of the service that the samples sign people in with. */
export const ISSUER = required("FACEAUTH_ISSUER");

/** The program of the service, with the environment of this process. */
const FACEAUTH = required("FACEAUTH_PROGRAM");

/** Where the Python samples' packages are, by folder. */
const PYTHON_PACKAGES = JSON.parse(required("FACEAUTH_EXAMPLES_PYTHON"));

const EXAMPLES = new URL("..", import.meta.url).pathname;

/** More than an app needs to start on a busy machine. */
const START_MS = 60_000;
const ASK_EVERY_MS = 100;

function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set: examples/README.md says how`);
  return value;
}

/** A port of this machine that nothing listens at. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Registers a client as an operator does; answers its id, and its secret if it has one. */
export async function register(...words) {
  const { stdout } = await run(FACEAUTH, ["clients", "create", "--json", ...words]);
  return JSON.parse(stdout);
}

/** Changes the database of the service, as time or an operator would. */
export async function change(statement) {
  const words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, required("DATABASE_URL")];
  await run(required("FACEAUTH_PSQL"), words);
}

/** Starts a sample and waits until it answers. It ends with the tests. */
export async function start(sample, command, variables) {
  const child = spawn(command[0], command.slice(1), {
    cwd: `${EXAMPLES}${sample}`,
    env: { ...process.env, ISSUER, ...variables },
    stdio: ["ignore", "inherit", "inherit"],
  });
  after(() => child.kill());
  const origin = `http://localhost:${variables.PORT}`;
  const until = Date.now() + START_MS;
  for (;;) {
    assert.equal(child.exitCode, null, `${sample} ended`);
    const answers = await fetch(origin).catch(() => undefined);
    if (answers) return origin;
    assert.ok(Date.now() < until, `${sample} does not start`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

/** Starts a Python sample. */
export function startPython(sample, variables) {
  return start(sample, ["python3", "app.py"], { ...variables, PYTHONPATH: PYTHON_PACKAGES[sample] });
}

/** Starts a Java sample, which is one file. */
export function startJava(sample, file, variables) {
  return start(sample, ["java", "-cp", required("FACEAUTH_EXAMPLES_JAVA"), file], variables);
}
