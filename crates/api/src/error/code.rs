//! The closed list of error codes.

use std::fmt;

use actix_web::http::StatusCode;
use faceauth_domain::quality::QualityReason;
use faceauth_domain::subject::SubjectError;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

/// Writes the enum and its table from one list, so that no code lacks a column. The codes of a
/// picture take their names and words from the domain's reasons. When one of those has no code
/// here, or stands in another order, this does not compile.
macro_rules! codes {
    (
        own { $($own:tt)* }
        $(from $reasons:ident { $($reason:ident $title:literal $advice:literal;)* })*
        own { $($rest:tt)* }
    ) => {
        codes! { @table
            $($own)*
            $($($reason ($reasons::$reason.as_str()) UNPROCESSABLE_ENTITY $title $advice;)*)*
            $($rest)*
        }

        $(
            // The lines above stand in the order of the domain.
            const _: () = {
                let lines = [$($reasons::$reason),*];
                let mut line = 0;
                while line < lines.len() {
                    assert!(lines[line] as usize == line, "a reason is out of order");
                    line += 1;
                }
            };

            impl From<$reasons> for ErrorCode {
                fn from(reason: $reasons) -> Self {
                    match reason { $($reasons::$reason => Self::$reason,)* }
                }
            }
        )*
    };
    (@table $($(#[$reserved:ident])? $variant:ident $code:tt $status:ident $title:literal $advice:literal;)*) => {
        /// Why a request was refused. The list is closed and permanent: codes are added
        /// with a new API version, never renamed or reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $(#[doc = $title] $variant,)*
        }

        impl ErrorCode {
            /// Every code, by status.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as clients see it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Its HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// The code in words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What to do next.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }

            /// Whether no endpoint answers it yet.
            #[must_use]
            pub fn reserved(self) -> bool {
                match self { $(Self::$variant => codes!(@reserved $($reserved)?),)* }
            }
        }
    };
    (@reserved) => { false };
    (@reserved reserved) => { true };
}

codes! {
    own {
        MalformedJson "malformed_json" BAD_REQUEST
            "The body is not valid JSON" "Send a JSON object as the document describes it.";
        MissingField "missing_field" BAD_REQUEST
            "A required field is missing" "Add the field that `errors` names.";
        InvalidField "invalid_field" BAD_REQUEST
            "A field has a value it cannot have" "Mend the field that `errors` names.";
        InvalidBase64 "invalid_base64" BAD_REQUEST
            "An image is not valid base64" "Send base64 (RFC 4648), bare or as a data URL.";
        AuthenticationFailed "authentication_failed" UNAUTHORIZED
            "Sign-in failed" "Check the username and try again with a clear picture.";
        PasskeyRefused "passkey_refused" UNAUTHORIZED
            "The passkey was refused" "Try again with a passkey of this account, and this device's unlock.";
        RecoveryCodeRefused "recovery_code_refused" UNAUTHORIZED
            "The recovery code was refused" "Check the code; each one is good once.";
        TokenInvalid "token_invalid" UNAUTHORIZED
            "The token is not valid" "Sign in again.";
        TokenExpired "token_expired" UNAUTHORIZED
            "The token is too old" "Refresh it, or sign in again for a sensitive action.";
        InsufficientScope "insufficient_scope" FORBIDDEN
            "The caller may not do this" "Use a key that has the scope.";
        ConsentRequired "consent_required" FORBIDDEN
            "Consent is required" "Ask the person for consent and send `consent.granted: true`.";
        EnrolmentNotAllowed "enrolment_not_allowed" FORBIDDEN
            "Enrolment is not allowed" "Ask the operator how to enrol.";
        InvitationInvalid "invitation_invalid" FORBIDDEN
            "The invitation is not valid" "It was used, replaced or taken back, or is for another name: ask for a new one.";
        LivenessRequired "liveness_required" FORBIDDEN
            "A liveness capture is required" "Start a session at /liveness/sessions and send its capture.";
        AttestationRequired "attestation_required" FORBIDDEN
            "The capture is not attested" "Send the attestation by the app's device of exactly this nonce, these frames and these times.";
        SecondFactorUnavailable "second_factor_unavailable" FORBIDDEN
            "There are no passkeys here" "Sign in with a face alone, or ask the operator.";
        SecondFactorMissing "second_factor_missing" FORBIDDEN
            "The account has no passkey" "Sign in without a second factor and add a passkey to the account.";
        StepUpRequired "step_up_required" FORBIDDEN
            "The app asks for more than this sign-in shows" "The detail says what: a new sign-in, or a second factor.";
        ClientConsentRequired "client_consent_required" FORBIDDEN
            "The person has to agree first" "Show what the app asks for, and send consent.";
        ForeignOrigin "foreign_origin" FORBIDDEN
            "The request comes from a foreign page" "Only the page of this service may send it.";
        NotFound "not_found" NOT_FOUND
            "There is nothing here" "Check the address; /docs lists every endpoint.";
        MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED
            "The method is not allowed here" "Use a method that the Allow header names.";
        RequestTimeout "request_timeout" REQUEST_TIMEOUT
            "The request took too long to arrive" "Try again, or send a smaller picture.";
        UsernameTaken "username_taken" CONFLICT
            "The username is taken" "Choose another one, or sign in.";
        SessionConsumed "session_consumed" CONFLICT
            "The liveness session has been used" "Use the newest nonce of the session, or start a new one.";
        IdempotencyConflict "idempotency_conflict" CONFLICT
            "The Idempotency-Key belongs to another request" "Use a new key for a new request.";
        PasskeyConflict "passkey_conflict" CONFLICT
            "The passkey cannot be added or removed" "The detail says why.";
        InvitationExpired "invitation_expired" GONE
            "The invitation is too old" "Ask for a new one.";
        AuthorizationExpired "authorization_expired" GONE
            "The request of the app is over" "Go back to the app and begin again there.";
        TransactionExpired "transaction_expired" GONE
            "The transaction is over" "Begin again; it lasts two minutes and takes three answers.";
        SessionExpired "session_expired" GONE
            "The liveness session has expired" "Start a new session.";
        PayloadTooLarge "payload_too_large" PAYLOAD_TOO_LARGE
            "The request is too large" "Send at most 10 MiB of pictures, or a clip of 4 MiB and 20 seconds.";
        ImageDimensionsTooLarge "image_dimensions_too_large" PAYLOAD_TOO_LARGE
            "An image has too many pixels" "Shrink it to at most 4096 pixels on the longer side.";
        UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE
            "The media type is not supported" "Send JSON or a form, with JPEG, PNG or WebP images.";
        ImageFormatMismatch "image_format_mismatch" UNSUPPORTED_MEDIA_TYPE
            "An image is declared as something else" "Declare a picture or a video, or nothing.";
        ImageUndecodable "image_undecodable" UNPROCESSABLE_ENTITY
            "An image cannot be decoded" "It is damaged or cut off: take it or send it again.";
    }
    from SubjectError {
        NoFace
            "No face was found" "Face the camera in good light.";
        MultipleFaces
            "More than one face was found" "Be alone in the picture.";
    }
    from QualityReason {
        NotUpright
            "The face is not upright" "Turn the picture upright.";
        NotNatural
            "The picture is no natural photo of a face" "Send a plain photo, without effects or filters.";
        Occluded
            "The face is covered" "Take off what covers it: a mask, a scarf, dark glasses, a hand.";
        FaceCutOff
            "The face is cut off" "Keep the whole face in the picture.";
        FaceTooSmall
            "The face is too small" "Come closer to the camera.";
        TooDark
            "The face is too dark" "Turn towards the light.";
        TooBright
            "The face is too bright" "Turn away from the light.";
        PoseOutOfRange
            "The head is turned too far" "Look straight into the camera.";
        Blurred
            "The picture is blurred" "Hold still and wipe the lens.";
        EyesClosed
            "The eyes are closed" "Open the eyes.";
    }
    own {
        LivenessFailed "liveness_failed" UNPROCESSABLE_ENTITY
            "The picture does not look like a living person" "Show your face itself, not a picture of it.";
        FramesInconsistent "frames_inconsistent" UNPROCESSABLE_ENTITY
            "The pictures do not show one person" "Send pictures of the same person.";
        ChallengeNotMet "challenge_not_met" UNPROCESSABLE_ENTITY
            "The challenge was not met" "Follow the prompts in order.";
        RateLimited "rate_limited" TOO_MANY_REQUESTS
            "Too many requests" "Wait for the seconds that Retry-After names.";
        TooManyFailures "too_many_failures" TOO_MANY_REQUESTS
            "Too many failed sign-ins" "Wait for the seconds that Retry-After names.";
        InternalError "internal_error" INTERNAL_SERVER_ERROR
            "Something went wrong on our side" "Try again; if it stays, tell the operator the request id.";
        Overloaded "overloaded" SERVICE_UNAVAILABLE
            "The service is busy" "Try again after the seconds that Retry-After names.";
        ModelUnavailable "model_unavailable" SERVICE_UNAVAILABLE
            "Face analysis is not available" "Try again after the seconds that Retry-After names.";
        DatabaseUnavailable "database_unavailable" SERVICE_UNAVAILABLE
            "The database is not available" "Try again after the seconds that Retry-After names.";
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let lines = Self::ALL.iter().map(|code| {
            let reserved =
                if code.reserved() { " Reserved: no endpoint answers it yet." } else { "" };
            format!(
                "- `{}` ({}): {}. {}{reserved}",
                code.as_str(),
                code.status().as_u16(),
                code.title(),
                code.advice()
            )
        });
        let description = std::iter::once("Why a request was refused:\n".to_owned())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n");
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(description))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

impl utoipa::ToSchema for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn reasons_keep_their_word() {
        for reason in QualityReason::ALL {
            assert_eq!(ErrorCode::from(reason).as_str(), reason.as_str());
        }
    }

    #[test]
    fn codes_are_unique_snake_case_and_never_successes() {
        let codes: HashSet<_> = ErrorCode::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(
                code.as_str()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_' || c == '6' || c == '4')
            );
            assert!(code.status().is_client_error() || code.status().is_server_error());
            assert!(!code.title().ends_with('.') && code.advice().ends_with('.'), "{code}");
        }
    }
}
