import { expect, it } from "vitest";
import { errandOf } from "./errand";

it("tells what the page was opened for", () => {
  expect(errandOf("?request=ar_1&x=2")).toEqual({ at: "request", request: "ar_1" });
  expect(errandOf("?logout=done")).toEqual({ at: "loggedOut" });
  expect(errandOf("?logout=lo_1")).toEqual({ at: "logout", logout: "lo_1" });
  expect(errandOf("?error=invalid_client&request=ar_1")).toEqual({ at: "error", word: "invalid_client" });
});

it("repeats no words of a stranger", () => {
  const lure = encodeURIComponent("Call 0800 123 to unlock your account");
  for (const query of ["", "?request=", "?logout=", `?error=${lure}`]) expect(errandOf(query)).toEqual({ at: "error", word: "" });
});
