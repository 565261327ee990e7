/**
 * Everything the page says, in English.
 *
 * The tables are keyed by closed types, so a code that the service gains without a text
 * here fails the type check. A text says what to do next, not only what went wrong.
 */
import type { ClientCode } from "../api/errors";
import type { ErrorCode } from "../api/types";
import type { CameraTrouble } from "../camera/open";
import type { PhotoTrouble } from "../camera/photo";

export interface Message {
  readonly title: string;
  readonly advice: string;
}

/** What to change about a picture, in one line. */
export function hint(reason: ErrorCode): string {
  const { title, advice } = problemText[reason];
  return `${title}. ${advice}`;
}

export const severalFacesHint = (count: number) =>
  `${count} faces found. Use a picture with you alone.`;
export const goodFaceHint = "One face found, and the picture is good.";
export const noHint = "The picture could not be checked now. You can still send it.";

const OUR_FAULT = "This is a fault of this page. Reload it and try again.";
const NEW_CHALLENGE = "Start again: each attempt needs a fresh one.";

/** What to do about each error code. */
export const problemText: Record<ErrorCode | ClientCode, Message> = {
  malformed_json: { title: "The request was not understood", advice: OUR_FAULT },
  missing_field: { title: "Something is missing", advice: "Fill in every field and try again." },
  invalid_field: { title: "A field is not valid", advice: "Check the username and the picture and try again." },
  invalid_base64: { title: "The request was not understood", advice: OUR_FAULT },
  authentication_failed: {
    title: "We could not sign you in",
    advice: "The name and the face do not go together here. Check the spelling, or try a picture in better light.",
  },
  token_invalid: { title: "You are signed out", advice: "Sign in again to go on." },
  token_expired: { title: "Your sign-in is too old for this", advice: "Sign out and in again to go on." },
  insufficient_scope: { title: "This is not allowed", advice: "Ask the operator for access." },
  consent_required: { title: "Your consent is needed", advice: "Tick the box to agree, then enrol." },
  enrolment_not_allowed: {
    title: "Enrolment is not open here",
    advice: "Ask the operator for an invitation.",
  },
  liveness_required: {
    title: "A photo is not enough here",
    advice: "This service asks for a liveness check, which this page does not offer yet.",
  },
  not_found: { title: "Not found", advice: OUR_FAULT },
  method_not_allowed: { title: "The request was not understood", advice: OUR_FAULT },
  request_timeout: { title: "Sending took too long", advice: "Check your connection and try again." },
  username_taken: { title: "This username is taken", advice: "Choose another one, or sign in if it is yours." },
  session_consumed: { title: "This check was already used", advice: NEW_CHALLENGE },
  idempotency_conflict: { title: "This was already sent", advice: "Reload the page and try again." },
  session_expired: { title: "This check has expired", advice: NEW_CHALLENGE },
  payload_too_large: { title: "The picture is too large", advice: "Use a picture under 10 MB." },
  image_dimensions_too_large: { title: "The picture is too large", advice: "Use a picture of at most 4096 pixels a side." },
  unsupported_media_type: { title: "This kind of file does not work", advice: "Use a JPEG, PNG or WebP picture." },
  image_format_mismatch: { title: "The file is not what it says", advice: "Save the picture again as JPEG, PNG or WebP." },
  image_undecodable: { title: "The picture cannot be read", advice: "It may be damaged. Use another one." },
  no_face: { title: "No face found", advice: "Use a picture that shows your face from the front." },
  multiple_faces: { title: "More than one face", advice: "Use a picture with you alone." },
  face_too_small: { title: "The face is too small", advice: "Move closer to the camera." },
  face_cut_off: { title: "The face is cut off", advice: "Leave some room around it." },
  pose_out_of_range: { title: "The head is turned too far", advice: "Look straight into the camera." },
  blurred: { title: "The face is blurred", advice: "Hold still and wipe the lens." },
  too_dark: { title: "The face is too dark", advice: "Turn towards a window or a lamp." },
  too_bright: { title: "The face is too bright", advice: "Step out of the direct light." },
  occluded: { title: "The face is covered", advice: "Take off what covers it: a mask, sunglasses, a hand." },
  eyes_closed: { title: "The eyes look closed", advice: "Keep them open." },
  liveness_failed: { title: "We could not tell that you are there in person", advice: "Use the camera, in even light, and try again." },
  frames_inconsistent: { title: "The pictures do not belong together", advice: NEW_CHALLENGE },
  challenge_not_met: { title: "The movement was not seen", advice: "Follow the prompts and try again." },
  rate_limited: { title: "Too many requests", advice: "The service takes a few a minute. Wait a little, then try again." },
  too_many_failures: { title: "Too many failed attempts", advice: "Signing in is paused to protect the account. Wait, then try again." },
  internal_error: {
    title: "Something went wrong in the service",
    advice: "Try again. If it stays, tell the operator the number below.",
  },
  overloaded: { title: "The service is busy", advice: "Wait a little, then try again." },
  model_unavailable: { title: "The service is not ready", advice: "Try again in a minute." },
  database_unavailable: { title: "The service is not ready", advice: "Try again in a minute." },
  network: { title: "The service cannot be reached", advice: "Check your connection and try again." },
  unexpected: { title: "Something went wrong", advice: "Try again. If it stays, tell the operator the number below." },
};

/** Why there is no camera picture, and the way out. */
export const cameraText: Record<CameraTrouble, Message> = {
  denied: {
    title: "The camera is blocked",
    advice: "Allow it in the address bar of your browser and try again, or choose a photo.",
  },
  missing: { title: "No camera found", advice: "Connect one and try again, or choose a photo." },
  busy: { title: "The camera is in use", advice: "Close the other app that uses it and try again, or choose a photo." },
  insecure: {
    title: "The camera needs a secure page",
    advice: "Open this page over https (or on localhost), or choose a photo.",
  },
  failed: { title: "The camera did not start", advice: "Try again, or choose a photo." },
  lost: { title: "The camera was disconnected", advice: "Connect it and try again, or choose a photo." },
};

/** Why a file gives no picture. */
export const photoText: Record<PhotoTrouble, Message> = {
  unreadable: { title: "This file cannot be shown as a picture", advice: "Use a JPEG, PNG or WebP picture." },
  too_large: { title: "This file is too large", advice: "Use a picture under 50 MB." },
};

/** What the registered claims of an access token mean. */
export const claimText: ReadonlyMap<string, string> = new Map([
  ["iss", "who issued it"],
  ["sub", "the account"],
  ["aud", "whom it is for"],
  ["client_id", "the client that asked"],
  ["iat", "issued"],
  ["nbf", "not valid before"],
  ["exp", "expires"],
  ["jti", "its own number"],
  ["auth_time", "when the face was seen"],
  ["sid", "this sign-in"],
  ["amr", "how you signed in"],
  ["acr", "how strong that is"],
  ["scope", "what it allows"],
]);

/** Version of the consent text below; recorded with the consent. Change both together. */
export const CONSENT_VERSION = "2026-11";

export const ui = {
  product: "FaceAuth",
  tagline: "Sign in with your face, on your own server.",
  enrol: "Enrol",
  signIn: "Sign in",
  username: "Username",
  usernameHint: "Letters, digits and . _ - @ +",
  usernameMissing: "Enter a username.",
  usernameInvalid: "Use 1 to 128 letters, digits or . _ - @ + and no spaces.",
  picture: "Your picture",
  pictureMissing: "Choose a photo or take one.",
  dropTitle: "A photo of your face",
  dropHere: "You can also drop it here.",
  dropHint: "It is made smaller, and location and other details are removed, before it is sent.",
  choosePhoto: "Choose a photo",
  useCamera: "Use the camera",
  takePicture: "Take picture",
  closeCamera: "Cancel",
  openingCamera: "Opening the camera",
  cameraOpen: "The camera is on. Place your face in the oval.",
  tryAgain: "Try again",
  anotherPicture: "Use another picture",
  photoAlt: "The picture you chose",
  preparing: "Preparing the picture",
  checking: "Looking for faces",
  consent:
    "I agree that a mathematical description of my face is made from this picture and kept, encrypted, to recognise me when I sign in. The picture itself is not kept. I can erase everything at any time from my account.",
  consentMissing: "Tick the box to agree. Without it nothing is kept.",
  enrolAction: "Enrol my face",
  enrolBusy: "Enrolling",
  signInAction: "Sign in",
  signInBusy: "Signing in",
  photoOnly:
    "This page compares a picture with your enrolled face. It does not check that you are there in person.",
  wait: (time: string) => `You can try again in ${time}.`,
  waitOver: "You can try again now.",
  quote: (id: string) => `Number: ${id}`,
  enrolled: "Your face is enrolled and you are signed in.",
  signedIn: "You are signed in.",
  signedInAs: "Signed in as",
  token: "Access token",
  tokenNote: "Its claims, decoded for you to read. Whoever accepts the token checks its signature with the keys at",
  tokenUnreadable: "This service issues tokens that this page cannot decode.",
  expiresIn: (time: string) => `Expires in ${time}`,
  expired: "Expired",
  copy: "Copy token",
  copied: "Copied",
  copyFailed: "The browser did not allow copying.",
  faces: "Enrolled faces",
  facesLoading: "Loading",
  facesNone: "No face is enrolled.",
  faceAdded: (when: string) => `Added ${when}`,
  faceModel: (model: string) => `Model ${model}`,
  signOut: "Sign out",
  signOutBusy: "Signing out",
  signedOut: "You are signed out.",
  signedOutHere: "You are signed out here. The service could not be told, so its session ends when it expires.",
  erase: "Erase my account",
  eraseTitle: "Erase your account?",
  eraseBody:
    "Your username, your enrolled faces and your history are deleted at once. This cannot be undone; you can enrol again later.",
  eraseConfirm: "Erase everything",
  eraseCancel: "Keep my account",
  eraseBusy: "Erasing",
  erased: "Your account and everything held about you are erased.",
  apiDocs: "API documentation",
} as const;

/** `95` becomes `1:35`, `40` becomes `40 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
