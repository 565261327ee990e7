import { describe, expect, it } from "vitest";
import { decodeClaims, secondsLeft } from "./claims";

function encode(payload: unknown): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(payload)));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
const token = (payload: unknown) => `${encode({ alg: "EdDSA", typ: "at+jwt" })}.${encode(payload)}.c2ln`;

describe("decodeClaims", () => {
  it("reads claims, also beyond ASCII and whatever the padding", () => {
    for (const sub of ["a", "ab", "abc", "zoë ✓ 張"]) {
      expect(decodeClaims(token({ sub, exp: 5 }))).toEqual({ sub, exp: 5 });
    }
  });

  it("refuses what is no token", () => {
    for (const bad of ["", "a.b", "a.b.c.d", "..", "a.%%%.c", token([1]), token("text"), token(null)]) {
      expect(decodeClaims(bad), bad).toBeUndefined();
    }
  });
});

describe("secondsLeft", () => {
  it("counts down to zero and stays there", () => {
    expect(secondsLeft({ exp: 100 }, 40_000)).toBe(60);
    expect(secondsLeft({ exp: 100 }, 99_100)).toBe(1);
    expect(secondsLeft({ exp: 100 }, 200_000)).toBe(0);
  });

  it("knows nothing without exp", () => {
    expect(secondsLeft({}, 0)).toBeUndefined();
    expect(secondsLeft({ exp: "soon" }, 0)).toBeUndefined();
  });
});
