import { expect, it } from "vitest";
import type { Proof } from "../api/client";
import { newAttempt } from "./attempt";

const blob = () => new Blob(["x"]);
const pictures = (...pictures: Blob[]): Proof => ({ kind: "pictures", pictures });

it("keeps the key of a repetition and makes a new one for anything else", () => {
  const attempt = newAttempt();
  const [one, two] = [blob(), blob()];
  const key = attempt.keyOf("ada", pictures(one, two));
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(attempt.keyOf("ada", pictures(one, two))).toBe(key);
  const session = { session_id: "s", nonce: "n" };
  const others = [
    attempt.keyOf("bob", pictures(one, two)),
    attempt.keyOf("bob", pictures(one)),
    attempt.keyOf("bob", pictures(one, blob())),
    attempt.keyOf("bob", { kind: "capture", session, frames: [{ jpeg: one, t: 0 }, { jpeg: two, t: 300 }, { jpeg: two, t: 600 }] }),
    newAttempt().keyOf("ada", pictures(one, two)),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
});
