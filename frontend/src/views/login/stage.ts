/** How far a sign-in to an app is, and what a refusal means for it. */
import type { Problem } from "../../api/errors";
import type { LoginRequest } from "../../api/login";
import type { SignedIn } from "../../api/types";

export type Stage =
  /** Somebody is signed in in this browser already. */
  | { readonly at: "continue"; readonly username: string }
  | { readonly at: "signing" }
  /** The app wants a passkey, and the person has none. */
  | { readonly at: "passkey"; readonly session: SignedIn }
  /** The answer is on its way. */
  | { readonly at: "signed"; readonly username: string }
  | { readonly at: "consent"; readonly username: string }
  | { readonly at: "leaving"; readonly to: string }
  | { readonly at: "ended" };

/** `signed_in` is there only when that sign-in is enough for the app. */
export function stageAfterReading({ signed_in }: LoginRequest): Stage {
  return signed_in ? { at: "continue", username: signed_in.username } : { at: "signing" };
}

/** What to do about a refusal: begin anew at the app, ask for consent, sign in again, or try again. */
export function outcomeOf(problem: Problem): "ended" | "consent" | "signInAgain" | "tryAgain" {
  switch (problem.code) {
    // Without the provider there is no request either.
    case "not_found":
    case "authorization_expired":
      return "ended";
    case "client_consent_required":
      return "consent";
    case "token_invalid":
    case "token_expired":
    case "step_up_required":
      return "signInAgain";
    default:
      return "tryAgain";
  }
}
