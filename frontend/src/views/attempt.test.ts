import { expect, it } from "vitest";
import type { Photo } from "../camera/photo";
import { newAttempt } from "./attempt";

const photo = (): Photo => ({ jpeg: new Blob(["x"]), size: { width: 4, height: 3 }, mirror: false });

it("keeps the key of a repetition and makes a new one for anything else", () => {
  const attempt = newAttempt();
  const first = photo();
  const key = attempt.keyOf("ada", first);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(attempt.keyOf("ada", first)).toBe(key);
  const keys = [key, attempt.keyOf("bob", first), attempt.keyOf("bob", photo()), newAttempt().keyOf("ada", first)];
  expect(new Set(keys).size).toBe(keys.length);
});
