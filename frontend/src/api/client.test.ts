import { describe, expect, it } from "vitest";
import { asksSecondFactor, createApi, type Proof } from "./client";
import { ERROR_CODES } from "./codes";
import { parseRetryAfter } from "./errors";

/** A client whose service always answers `response`; keeps what was sent. */
function apiAnswering(response: () => Response | Promise<Response>) {
  const sent: { path: string; init: RequestInit }[] = [];
  const api = createApi("", {
    fetch: async (path, init) => {
      sent.push({ path: String(path), init: init ?? {} });
      return response();
    },
    upload: async (path, { body, headers, onSent }) => {
      sent.push({ path, init: { method: "POST", body, headers } });
      onSent?.(0.5);
      return response();
    },
    now: () => 0,
  });
  return { api, sent };
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: "about:blank", status, code, request_id: "r-1" }), {
    status,
    headers: { "Content-Type": "application/problem+json", "X-Request-Id": "r-1", ...headers },
  });
}

const photo = new Blob(["jpeg"], { type: "image/jpeg" });
const pictures = (...pictures: Blob[]): Proof => ({ kind: "pictures", pictures });

describe("requests", () => {
  it("sends a registration as multipart, without the file's own name", async () => {
    const { api, sent } = apiAnswering(() => Response.json({ user: { username: "ada" } }, { status: 201 }));
    const named = new File(["jpeg"], "me-at-home.jpg", { type: "image/jpeg" });
    const enrolment = { username: "ada", proof: pictures(named), policyVersion: "v1", key: "k" };
    const shares: number[] = [];
    expect((await api.register(enrolment, (share) => shares.push(share))).ok).toBe(true);
    expect(shares).toEqual([0.5]);
    const body = sent[0]?.init.body as FormData;
    expect(sent[0]?.init.headers).toEqual({ "Idempotency-Key": "k" });
    expect(sent[0]?.path).toBe("/register");
    expect(body.get("username")).toBe("ada");
    expect(body.get("consent.policy_version")).toBe("v1");
    expect(body.get("consent.granted")).toBe("true");
    expect((body.get("face_image") as File).name).toBe("photo.jpg");
  });

  it("sends several pictures under one name, and a capture with its times", async () => {
    const { api, sent } = apiAnswering(() => Response.json({}, { status: 201 }));
    await api.register({ username: "ada", proof: pictures(photo, photo, photo), policyVersion: "v1", key: "k" });
    const registered = sent[0]?.init.body as FormData;
    expect(registered.getAll("face_images").length).toBe(3);
    expect(registered.has("face_image")).toBe(false);
    const frames = [0, 300, 600].map((t) => ({ jpeg: photo, t }));
    await api.verify("ada", { kind: "capture", session: { session_id: "s", nonce: "n" }, frames });
    const verified = sent[1]?.init.body as FormData;
    expect(verified.getAll("liveness.t_ms")).toEqual(["0", "300", "600"]);
    expect(verified.getAll("liveness.frames").length).toBe(3);
    // The service looks at frames while they arrive when it knows how many there are.
    const names = [...verified.keys()];
    expect(names.lastIndexOf("liveness.t_ms")).toBeLessThan(names.indexOf("liveness.frames"));
    expect([verified.get("liveness.session_id"), verified.get("liveness.nonce")]).toEqual(["s", "n"]);
  });

  it("asks for a second factor only where it is wanted, and knows the answer that asks for one", async () => {
    const asked = { transaction: "t", next: "show_passkey" as const, options: {}, expires_in: 120 };
    const { api, sent } = apiAnswering(() => Response.json(asked, { status: 202 }));
    await api.verify("ada", pictures(photo));
    const answer = await api.verify("ada", pictures(photo), undefined, { secondFactor: true });
    const wishes = sent.map(({ init }) => (init.body as FormData).get("second_factor"));
    expect(wishes).toEqual([null, "true"]);
    expect(answer.ok && asksSecondFactor(answer.value)).toBe(true);
  });

  it("sends passkeys and codes with their transaction, and the token in the header", async () => {
    const { api, sent } = apiAnswering(() => Response.json({ recovery_codes: ["c"] }));
    const credential = { id: "AQ" };
    await api.challengePasskey();
    await api.verifyPasskey({ transaction: "t", credential });
    await api.verifyRecoveryCode("t", "code");
    await api.registerPasskey({ transaction: "t", name: "phone", credential });
    await api.addPasskey("secret", { transaction: "t", name: "phone", credential });
    expect(await api.makeRecoveryCodes("secret")).toEqual({ ok: true, value: ["c"] });
    await api.removePasskey("secret", "a/b");
    expect(sent.map(({ path, init }) => [path, init.method, JSON.parse(String(init.body ?? "null"))])).toEqual([
      ["/verify/passkey/challenge", "POST", {}],
      ["/verify/passkey", "POST", { transaction: "t", credential }],
      ["/verify/recovery-code", "POST", { transaction: "t", code: "code" }],
      ["/register/passkey", "POST", { transaction: "t", name: "phone", credential }],
      ["/me/passkeys", "POST", { transaction: "t", name: "phone", credential }],
      ["/me/recovery-codes", "POST", {}],
      ["/me/passkeys/a%2Fb", "DELETE", null],
    ]);
    const authorized = sent.map(({ init }) => "Authorization" in (init.headers as object));
    expect(authorized).toEqual([false, false, false, false, true, true, true]);
  });

  it("goes to the service's own origin", async () => {
    const asked: string[] = [];
    const api = createApi("https://auth.example.org", {
      fetch: async (path) => {
        asked.push(String(path));
        return Response.json({ attempts: [] });
      },
      upload: async () => new Response(),
      now: () => 0,
    });
    await api.attempts("t", 7);
    await api.limits();
    expect(asked).toEqual(["https://auth.example.org/me/attempts?before=7", "https://auth.example.org/capture"]);
  });

  it("carries the token in the header alone and sends no cookie", async () => {
    const { api, sent } = apiAnswering(() => new Response(null, { status: 204 }));
    expect(await api.erase("secret")).toEqual({ ok: true, value: undefined });
    expect(sent[0]).toMatchObject({
      path: "/me",
      init: { method: "DELETE", credentials: "omit", headers: { Authorization: "Bearer secret" } },
    });
  });

  it("revokes a session by its refresh token", async () => {
    const { api, sent } = apiAnswering(() => new Response(null, { status: 204 }));
    expect(await api.revoke("opaque")).toEqual({ ok: true, value: undefined });
    expect(sent[0]).toMatchObject({ path: "/token/revoke", init: { method: "POST", body: '{"refresh_token":"opaque"}' } });
  });

  it("lists faces", async () => {
    const { api } = apiAnswering(() => Response.json({ faces: [{ id: "f" }] }));
    expect(await api.faces("t")).toEqual({ ok: true, value: [{ id: "f" }] });
  });
});

describe("problems", () => {
  it("keeps every code of the contract", async () => {
    for (const code of [...ERROR_CODES]) {
      const { api } = apiAnswering(() => problem(422, code));
      expect(await api.verify("ada", pictures(photo))).toEqual({ ok: false, problem: { code, requestId: "r-1" } });
    }
  });

  it("reads the wait of 429 and 503", async () => {
    for (const [status, code] of [[429, "rate_limited"], [503, "overloaded"]] as const) {
      const { api } = apiAnswering(() => problem(status, code, { "Retry-After": "12" }));
      expect(await api.detect(photo)).toMatchObject({ ok: false, problem: { code, retryAfter: 12 } });
    }
  });

  it("keeps the verdict of a refused capture", async () => {
    const liveness = { reasons: ["step_not_met"], steps: [], attempts_left: 2, live: false, session_id: "s", expires_at: "" };
    const refused = (liveness: unknown) => () =>
      new Response(JSON.stringify({ code: "liveness_failed", liveness }), {
        status: 422,
        headers: { "Content-Type": "application/problem+json" },
      });
    const answer = (body: unknown) => apiAnswering(refused(body)).api.verify("ada", pictures(photo));
    expect(await answer(liveness)).toEqual({ ok: false, problem: { code: "liveness_failed", liveness } });
    expect(await answer({ reasons: 1 })).toEqual({ ok: false, problem: { code: "liveness_failed" } });
  });

  it("calls unknown codes, foreign pages and broken bodies unexpected", async () => {
    const answers = [
      () => problem(400, "made_up"),
      () => problem(400, "toString"),
      () => new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } }),
      () => new Response("{", { status: 500, headers: { "Content-Type": "application/problem+json" } }),
      () => new Response("null", { status: 500, headers: { "Content-Type": "application/problem+json" } }),
      () => new Response("not json", { status: 200 }),
    ];
    for (const answer of answers) {
      expect(await apiAnswering(answer).api.detect(photo)).toMatchObject({ ok: false, problem: { code: "unexpected" } });
    }
  });

  it("calls an unreachable service a network problem", async () => {
    const { api } = apiAnswering(() => Promise.reject(new TypeError("Failed to fetch")));
    expect(await api.faces("t")).toEqual({ ok: false, problem: { code: "network" } });
  });
});

describe("parseRetryAfter", () => {
  it("takes seconds or a date and ignores the rest", () => {
    expect(parseRetryAfter("30", 0)).toBe(30);
    expect(parseRetryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 15_500)).toBe(45);
    expect(parseRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT", 15_000)).toBe(0);
    expect(parseRetryAfter("soon", 0)).toBeUndefined();
    expect(parseRetryAfter(null, 0)).toBeUndefined();
  });
});

describe("a capture that is sent while it is made", () => {
  /** A client whose service answers `answer` when the body has ended; keeps the bodies. */
  function streaming(answer: () => Response | Promise<Response>) {
    const bodies: Promise<Response>[] = [];
    const ended: boolean[] = [];
    let type = "";
    const api = createApi("https://auth.example.org", {
      fetch: () => Promise.reject(new TypeError("not asked")),
      upload: () => Promise.reject(new TypeError("not asked")),
      canStream: () => true,
      stream: (url, { body, headers, signal }) => {
        expect(url).toBe("https://auth.example.org/verify");
        type = headers["Content-Type"] ?? "";
        const index = bodies.length;
        ended.push(false);
        signal.addEventListener("abort", () => void (ended[index] = true));
        const whole = new Response(body).blob().then((blob) => new Response(blob, { headers: { "Content-Type": type } }));
        bodies.push(whole);
        return whole.then(answer);
      },
      now: () => 0,
    });
    return { api, bodies, ended };
  }

  const steps = { session_id: "s", nonce: "n" };
  const frame = (t: number) => ({ jpeg: new Blob([String(t)], { type: "image/jpeg" }), t });

  it("has each time before its frame, and what it is for before all of them", async () => {
    const { api, bodies } = streaming(() => Response.json({ user: { username: "ada" } }));
    const stream = api.streamVerify("ada", steps, { secondFactor: true });
    for (const t of [0, 125, 250]) stream?.send(frame(t));
    const shares: number[] = [];
    const result = await stream?.end((share) => shares.push(share));
    expect(result?.ok).toBe(true);
    expect(shares.at(-1)).toBe(1);
    const fields = await (await bodies[0])?.formData();
    expect([...(fields?.keys() ?? [])]).toEqual([
      "username", "second_factor", "liveness.session_id", "liveness.nonce",
      ...Array(3).fill(["liveness.t_ms", "liveness.frames"]).flat(),
    ]);
    expect(fields?.getAll("liveness.t_ms")).toEqual(["0", "125", "250"]);
    const texts = (fields?.getAll("liveness.frames") as File[]).map((file) => file.text());
    expect(await Promise.all(texts)).toEqual(["0", "125", "250"]);
  });

  it("that did not get there is answered with nothing, and no other is tried", async () => {
    for (const failed of [
      () => Promise.reject(new TypeError("reset")),
      () => problem(408, "request_timeout"),
      () => new Response("Length Required", { status: 411 }),
    ]) {
      const { api } = streaming(failed);
      const stream = api.streamVerify("ada", steps);
      stream?.send(frame(0));
      expect(await stream?.end()).toBeUndefined();
      expect(api.streamVerify("ada", steps)).toBeUndefined();
    }
  });

  it("that was refused is answered with the refusal", async () => {
    for (const [status, code] of [[503, "overloaded"], [401, "authentication_failed"], [409, "session_consumed"]] as const) {
      const { api } = streaming(() => problem(status, code));
      const result = await api.streamVerify("ada", steps)?.end();
      expect(result).toMatchObject({ ok: false, problem: { code } });
      expect(api.streamVerify("ada", steps)).toBeDefined();
    }
  });

  it("that is taken back ends the request", async () => {
    const { api, bodies, ended } = streaming(() => Response.json({}));
    const stream = api.streamVerify("ada", steps);
    stream?.send(frame(0));
    stream?.abort();
    expect(ended).toEqual([true]);
    expect(await bodies[0]?.then(() => "whole", () => "broken")).toBe("broken");
  });

  it("is not tried where the browser cannot", () => {
    const { api } = apiAnswering(() => Response.json({}));
    expect(api.streamVerify("ada", steps)).toBeUndefined();
  });
});
