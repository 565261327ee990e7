import { expect, it } from "vitest";
import type { LoginRequest } from "../../api/login";
import { outcomeOf, stageAfterReading } from "./stage";

const asked: LoginRequest = {
  client: { name: "Harbour Library", first_party: false },
  scopes: ["openid"],
  ui_locales: [],
  prompt_create: false,
  second_factor: false,
  fresh_face: false,
  needs_consent: true,
  expires_in: 600,
};

it("offers whoever is signed in to go on", () => {
  expect(stageAfterReading(asked)).toEqual({ at: "signing" });
  expect(stageAfterReading({ ...asked, signed_in: { username: "ada" } })).toEqual({ at: "continue", username: "ada" });
});

it("knows what a refusal means", () => {
  expect(outcomeOf({ code: "authorization_expired" })).toBe("ended");
  expect(outcomeOf({ code: "client_consent_required" })).toBe("consent");
  expect(outcomeOf({ code: "step_up_required" })).toBe("signInAgain");
  expect(outcomeOf({ code: "network" })).toBe("tryAgain");
});
