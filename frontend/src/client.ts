/**
 * The service's client for other people's pages: what `@faceauth/web` exports.
 *
 * ```ts
 * const api = createApi("https://auth.example.org");
 * const signedIn = await api.verify("ada", { kind: "pictures", pictures: [photo] });
 * if (!signedIn.ok) explain(signedIn.problem.code);
 * else if (asksSecondFactor(signedIn.value)) askForPasskey(signedIn.value);
 * else use(signedIn.value.access_token);
 * ```
 */
export { type Claims, decodeClaims, secondsLeft } from "./api/claims";
export {
  type Api, asksSecondFactor, type CaptureStream, createApi, type Enrolment, type NewPasskey, type OnSent, type PasskeyAnswer, type Proof,
  type SessionWish, type VerifyWish,
} from "./api/client";
export { ERROR_CODES, isErrorCode } from "./api/codes";
export type { ClientCode, Problem, Result } from "./api/errors";
export { type TokenHolder, type TokenOwner, tokenHolder } from "./api/session";
export type { StreamInit, Transport, Upload } from "./api/transport";
export type {
  Action, AddedPasskey, Attempt, Attempts, CaptureLimits, DetectedFace, Detection, EnrolledFace, ErrorCode, FaceAnswer,
  Invitation, LivenessReason, LivenessSession, LivenessVerdict, Passkey, Passkeys, SecondFactor, SignedIn,
  SignedInWithCodes, Step, Tokens,
} from "./api/types";
export { makePasskey, type PasskeyResult, type PasskeyTrouble, showPasskey } from "./passkey/browser";
export type { components, operations, paths } from "./api/schema.gen";
