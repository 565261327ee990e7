/** The service's shapes under the names this page uses. All come from the generated document. */
import type { components, paths } from "./schema.gen";

type Schemas = components["schemas"];

export type ErrorCode = Schemas["ErrorCode"];
export type Detection = Schemas["DetectResponse"];
export type DetectedFace = Schemas["DetectedFaceBody"];
export type EnrolledFace = Schemas["FaceBody"];
export type SignedIn = Schemas["SignedInBody"];
export type Tokens = Schemas["TokensBody"];
/** The face was recognised, and nobody is signed in yet. */
export type SecondFactor = Schemas["SecondFactorBody"];
/** Somebody who is signed in, or who is asked for a second factor first. */
export type FaceAnswer = SignedIn | SecondFactor;
export type SignedInWithCodes = Schemas["RegisterPasskeyResponse"];
export type Passkey = Schemas["PasskeyBody"];
export type Passkeys = Schemas["PasskeysResponse"];
export type AddedPasskey = Schemas["AddPasskeyResponse"];
export type CaptureLimits = Schemas["CaptureResponse"];
export type ConnectedClient = Schemas["ConnectedClientBody"];
export type PageLook = Schemas["PageLookResponse"];
export type Invitation = Schemas["ReadInvitationResponse"];
export type LivenessSession = Schemas["SessionResponse"];
export type LivenessVerdict = Schemas["LivenessResponse"];
export type LivenessReason = Schemas["LivenessReason"];
export type Action = Schemas["ActionBody"];
export type Step = Schemas["StepBody"];
export type Attempt = Schemas["AttemptBody"];
export type Attempts = Schemas["AttemptsResponse"];

/** Paths of the service. */
export type Path = keyof paths;

/** The body of a successful JSON answer, of whichever 2xx status the document gives it. */
export type Answer<P extends Path, M extends keyof paths[P]> = paths[P][M] extends {
  responses: infer Responses;
}
  ? SuccessBody<Responses>
  : never;

type SuccessBody<Responses> = {
  [Status in keyof Responses]: Status extends 200 | 201 | 202
    ? Responses[Status] extends { content: { "application/json": infer Body } }
      ? Body
      : never
    : never;
}[keyof Responses];

/** Fields of the multipart form that `POST P` takes: the document's names, as a browser sends them. */
export type FormFields<P extends Path> = paths[P] extends {
  post: { requestBody: { content: { "multipart/form-data": infer Form } } };
}
  ? { readonly [Field in keyof Form]: string | Blob }
  : never;
