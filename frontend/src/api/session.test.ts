import { describe, expect, it } from "vitest";
import type { Result } from "./errors";
import { tokenHolder } from "./session";
import type { Tokens } from "./types";

const NOW = 1_800_000_000_000;

function token(secondsLeft: number): string {
  const payload = btoa(JSON.stringify({ exp: NOW / 1000 + secondsLeft }));
  return `h.${payload}.s`;
}

function setUp(left: number, answer: Result<Tokens>) {
  let tokens = { access_token: token(left), refresh_token: "r1" };
  const log: string[] = [];
  const holder = tokenHolder(
    {
      refresh: async (used) => {
        log.push(`refresh ${used}`);
        return answer;
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
  return { holder, log };
}

const renewed: Result<Tokens> = {
  ok: true,
  value: { access_token: token(900), refresh_token: "r2", token_type: "Bearer", expires_in: 900, refresh_expires_in: 9 },
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
    expect(unreachable.log).toEqual(["refresh r1"]);
  });
});
