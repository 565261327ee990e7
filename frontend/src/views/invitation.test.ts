import { expect, it } from "vitest";
import { secretOf } from "./invitation";

it("finds the secret of a link, and nothing in other fragments", () => {
  expect(secretOf("#invite=fi_a-b_c")).toBe("fi_a-b_c");
  for (const other of ["", "#", "#enrol", "#sign-in", "#invite", "#invite=", "#invited=x"]) {
    expect(secretOf(other), other).toBeUndefined();
  }
});
