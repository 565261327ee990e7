import { expect, it } from "vitest";
import { createLoginApi } from "./login";

/** A service that answers `answer`, and what it was asked. */
function service(answer: () => Response) {
  const asked: { path: string; init: RequestInit }[] = [];
  const login = createLoginApi(async (path, init) => {
    asked.push({ path: String(path), init: init ?? {} });
    return answer();
  });
  return { asked, login };
}

it("sends cookies, and the secret in no address", async () => {
  const { asked, login } = service(() => Response.json({ redirect_to: "https://app.example.org/" }));
  await login.read("ar_1");
  await login.accept("ar_1", { accessToken: "token" });
  await login.accept("ar_1", { consent: true });
  await login.refuse("ar_1");
  await login.logout("lo_1");
  expect(asked.map(({ path }) => path)).toEqual([
    "/login/request",
    "/login/accept",
    "/login/accept",
    "/login/refuse",
    "/login/logout",
  ]);
  expect(asked.every(({ init }) => init.credentials === "same-origin" && init.cache === "no-store")).toBe(true);
  expect(asked[0]?.init.headers).toEqual({ "Authorization-Request": "ar_1" });
  const json = { "Content-Type": "application/json" };
  expect(asked[1]?.init).toMatchObject({ body: '{"request":"ar_1"}', headers: { ...json, Authorization: "Bearer token" } });
  expect(asked[2]?.init.body).toBe('{"request":"ar_1","consent":true}');
  expect(asked[2]?.init.headers).toEqual(json);
});

it("makes a problem of whatever is no answer", async () => {
  const problem = { status: 410, code: "authorization_expired" };
  const headers = { "Content-Type": "application/problem+json" };
  const over = service(() => new Response(JSON.stringify(problem), { status: 410, headers }));
  expect(await over.login.read("ar_1")).toEqual({ ok: false, problem: { code: "authorization_expired" } });
  const gone = service(() => {
    throw new TypeError("offline");
  });
  expect(await gone.login.refuse("ar_1")).toEqual({ ok: false, problem: { code: "network" } });
});
