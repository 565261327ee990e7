import { expect, it } from "vitest";
import { usernameFault } from "./username";

it("takes what the service takes", () => {
  for (const name of ["ada", "Ada.Lovelace", "ada+test@example.org", "a", "x_1-2", "a".repeat(128)]) {
    expect(usernameFault(name), name).toBeUndefined();
  }
});

it("refuses the rest before it is sent", () => {
  expect(usernameFault("")).toBe("missing");
  for (const name of ["two words", "аda", "a\n", "a/b", "a".repeat(129)]) {
    expect(usernameFault(name), name).toBe("invalid");
  }
});
