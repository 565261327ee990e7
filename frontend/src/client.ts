/**
 * The service's client for other people's pages: what `@faceauth/web` exports.
 *
 * ```ts
 * const api = createApi("https://auth.example.org");
 * const signedIn = await api.verify("ada", { kind: "pictures", pictures: [photo] });
 * if (signedIn.ok) use(signedIn.value.access_token);
 * else explain(signedIn.problem.code);
 * ```
 */
export { type Claims, decodeClaims, secondsLeft } from "./api/claims";
export { type Api, createApi, type Enrolment, type OnSent, type Proof, type SessionWish } from "./api/client";
export { ERROR_CODES, isErrorCode } from "./api/codes";
export type { ClientCode, Problem, Result } from "./api/errors";
export { type TokenHolder, type TokenOwner, tokenHolder } from "./api/session";
export type { Transport, Upload } from "./api/transport";
export type {
  Action, Attempt, Attempts, CaptureLimits, DetectedFace, Detection, EnrolledFace, ErrorCode, Invitation, LivenessReason,
  LivenessSession, LivenessVerdict, SignedIn, Step, Tokens,
} from "./api/types";
export type { components, operations, paths } from "./api/schema.gen";
