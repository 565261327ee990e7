/** Every error code of the contract, at run time. The type makes sure that none is missing. */
import type { ErrorCode } from "./types";

const CODES: Record<ErrorCode, true> = {
  malformed_json: true,
  missing_field: true,
  invalid_field: true,
  invalid_base64: true,
  authentication_failed: true,
  token_invalid: true,
  token_expired: true,
  insufficient_scope: true,
  consent_required: true,
  enrolment_not_allowed: true,
  liveness_required: true,
  not_found: true,
  method_not_allowed: true,
  request_timeout: true,
  username_taken: true,
  session_consumed: true,
  idempotency_conflict: true,
  session_expired: true,
  payload_too_large: true,
  image_dimensions_too_large: true,
  unsupported_media_type: true,
  image_format_mismatch: true,
  image_undecodable: true,
  no_face: true,
  multiple_faces: true,
  face_too_small: true,
  face_cut_off: true,
  pose_out_of_range: true,
  blurred: true,
  too_dark: true,
  too_bright: true,
  not_upright: true,
  not_natural: true,
  occluded: true,
  eyes_closed: true,
  liveness_failed: true,
  frames_inconsistent: true,
  challenge_not_met: true,
  rate_limited: true,
  too_many_failures: true,
  internal_error: true,
  overloaded: true,
  model_unavailable: true,
  database_unavailable: true,
};

/** Whether `code` is one of the contract's. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(CODES, code);
}

export const ERROR_CODES = Object.keys(CODES) as ErrorCode[];
