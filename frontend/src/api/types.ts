/** The shapes of the service's answers, by the names this page uses for them. */

export interface Quality {
  acceptable: boolean;
  reasons: ErrorCode[];
}

export interface Point {
  x: number;
  y: number;
}

export interface DetectedFace {
  box: { x: number; y: number; width: number; height: number };
  landmarks: {
    eye_image_left: Point;
    eye_image_right: Point;
    nose: Point;
    mouth_image_left: Point;
    mouth_image_right: Point;
  };
  quality: Quality;
}

export interface Detection {
  image: { width: number; height: number };
  faces: DetectedFace[];
}

export interface EnrolledFace {
  id: string;
  model: string;
  created_at: string;
}

export interface Tokens {
  token_type: string;
  access_token: string;
  expires_in: number;
  refresh_token: string;
  refresh_expires_in: number;
}

export interface SignedIn extends Tokens {
  user: { id: string; username: string };
}

export interface FaceList {
  faces: EnrolledFace[];
}

export type ErrorCode =
  | "malformed_json"
  | "missing_field"
  | "invalid_field"
  | "invalid_base64"
  | "authentication_failed"
  | "token_invalid"
  | "token_expired"
  | "insufficient_scope"
  | "consent_required"
  | "enrolment_not_allowed"
  | "liveness_required"
  | "not_found"
  | "method_not_allowed"
  | "request_timeout"
  | "username_taken"
  | "session_consumed"
  | "idempotency_conflict"
  | "session_expired"
  | "payload_too_large"
  | "image_dimensions_too_large"
  | "unsupported_media_type"
  | "image_format_mismatch"
  | "image_undecodable"
  | "no_face"
  | "multiple_faces"
  | "face_too_small"
  | "face_cut_off"
  | "pose_out_of_range"
  | "blurred"
  | "too_dark"
  | "too_bright"
  | "occluded"
  | "eyes_closed"
  | "liveness_failed"
  | "frames_inconsistent"
  | "challenge_not_met"
  | "rate_limited"
  | "too_many_failures"
  | "internal_error"
  | "overloaded"
  | "model_unavailable"
  | "database_unavailable";
