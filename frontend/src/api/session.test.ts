import { describe, expect, it } from "vitest";
import type { Result } from "./errors";
import { tokenHolder } from "./session";
import type { Tokens } from "./types";

const NOW = 1_800_000_000_000;

function token(secondsLeft: number): string {
  const payload = btoa(JSON.stringify({ exp: NOW / 1000 + secondsLeft }));
  return `h.${payload}.s`;
}

function setUp(left: number, answer: Result<Tokens>, lost: Result<Tokens>[] = []) {
  let tokens = { access_token: token(left), refresh_token: "r1" };
  const log: string[] = [];
  const keys: string[] = [];
  const holder = tokenHolder(
    {
      refresh: async (used, key = "") => {
        log.push(`refresh ${used}`);
        keys.push(key);
        return lost.shift() ?? answer;
      },
    },
    {
      tokens: () => tokens,
      renewed: (next) => {
        tokens = next;
      },
      ended: () => log.push("ended"),
      now: () => NOW,
    },
  );
  return { holder, log, keys };
}

const renewed: Result<Tokens> = {
  ok: true,
  value: { access_token: token(900), refresh_token: "r2", token_type: "Bearer", expires_in: 900, refresh_expires_in: 9 },
};
const old: Tokens = {
  access_token: token(5), refresh_token: "r2", token_type: "Bearer", expires_in: 5, refresh_expires_in: 9,
};
const echo = async (value: string): Promise<Result<string>> => ({ ok: true, value });

describe("tokenHolder", () => {
  it("uses a token that is good", async () => {
    const { holder, log } = setUp(300, renewed);
    expect(await holder.run(echo)).toEqual({ ok: true, value: token(300) });
    expect(log).toEqual([]);
  });

  it("renews an old one, once for everybody who asks", async () => {
    const { holder, log } = setUp(5, renewed);
    const answers = await Promise.all([holder.run(echo), holder.run(echo)]);
    expect(answers).toEqual([{ ok: true, value: token(900) }, { ok: true, value: token(900) }]);
    expect(log).toEqual(["refresh r1"]);
  });

  it("says when the session is over, and only then", async () => {
    const over = setUp(0, { ok: false, problem: { code: "token_invalid" } });
    expect((await over.holder.run(echo)).ok).toBe(false);
    expect(over.log).toEqual(["refresh r1", "ended"]);
    const unreachable = setUp(0, { ok: false, problem: { code: "network" } });
    expect((await unreachable.holder.run(echo)).ok).toBe(false);
    expect(unreachable.log).toEqual(["refresh r1", "refresh r1"]);
  });

  it("asks again for a lost answer with the same key, and with another for the next token", async () => {
    const network: Result<Tokens> = { ok: false, problem: { code: "network" } };
    const { holder, log, keys } = setUp(5, { ok: true, value: { ...old, refresh_token: "r2" } }, [network, network, network]);
    expect((await holder.run(echo)).ok).toBe(false);
    expect((await holder.run(echo)).ok).toBe(true);
    expect((await holder.run(echo)).ok).toBe(true);
    expect(log).toEqual(["refresh r1", "refresh r1", "refresh r1", "refresh r1", "refresh r2"]);
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
    expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
