//! The refusals of use cases, in the words of the contract: codes, pointers and advice.
//!
//! The one place where an [`Error`](faceauth_usecases::Error) becomes an [`ApiError`]. A failure of
//! ours is logged here, once, inside the request's span; the client learns the code alone.

use faceauth_domain::analyzer::{ImageProblem, ObserveProblem, ReserveError};
use faceauth_domain::clip::ClipProblem;
use faceauth_domain::decision::Refusal;
use faceauth_domain::enrolment::Misfit;
use faceauth_domain::evidence::CaptureProblem;
use faceauth_domain::liveness::reason::Concern;
use faceauth_store::StoreError;
use faceauth_store::account::AccountError;
use faceauth_tokens::TokenError;
use faceauth_usecases::events::Denied;
use faceauth_usecases::judgement::Judgement;
use faceauth_usecases::{Error, InvitationProblem, PictureProblem, Place, SessionProblem};

use super::{ApiError, ErrorCode, FieldError, whole_seconds};
use crate::wire::liveness::LivenessResponse;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::RegistrationClosed => Self::new(ErrorCode::EnrolmentNotAllowed),
            Error::InvitationRequired => Self::at(ErrorCode::EnrolmentNotAllowed, "/invitation")
                .detail("Enrolment is by invitation: send the one that you were given."),
            Error::Invitation(problem) => invitation(problem),
            Error::LivenessRequired => Self::new(ErrorCode::LivenessRequired),
            Error::Picture(place, problem) => picture(place.as_str(), problem),
            Error::AnotherPerson(place) => {
                Self::at(ErrorCode::FramesInconsistent, pointer(&place, ""))
            }
            Error::CannotSeeLids => Self::at(ErrorCode::InvalidField, "/actions")
                .detail("Leave out blink: the service has no model that sees eyes close."),
            Error::Session(place, problem) => session(&place, problem),
            Error::Capture(place, problem) => capture(&place, problem),
            Error::NotLive(judgement) => not_live(*judgement),
            Error::NotAttested(place) => {
                Self::at(ErrorCode::AttestationRequired, pointer(&place, ""))
            }
            Error::VerdictTooLate => Self::new(ErrorCode::SessionExpired),
            Error::LivenessToken(place) => {
                Self::at(ErrorCode::LivenessRequired, pointer(&place, "")).detail(
                    "The liveness token is not valid here, or used, or too old: start again.",
                )
            }
            Error::Refused(refusal) => Self::new(refusal.into()),
            Error::Blocked { seconds, denied } => {
                Self::new(ErrorCode::TooManyFailures).retry_after(seconds).denied(*denied)
            }
            Error::NoPasskeys => Self::new(ErrorCode::SecondFactorUnavailable),
            Error::SecondFactorMissing => Self::new(ErrorCode::SecondFactorMissing),
            Error::TransactionOver => Self::new(ErrorCode::TransactionExpired),
            Error::PasskeyRefused(denied) => Self::new(ErrorCode::PasskeyRefused).denied(*denied),
            Error::RecoveryCodeRefused(denied) => {
                Self::new(ErrorCode::RecoveryCodeRefused).denied(*denied)
            }
            Error::PasskeyKnown => Self::new(ErrorCode::PasskeyConflict)
                .detail("The passkey is registered already, or the account has a first one."),
            Error::TooManyPasskeys => Self::new(ErrorCode::PasskeyConflict)
                .detail("The account has as many passkeys as it can have: remove one first."),
            Error::LastPasskey => Self::new(ErrorCode::PasskeyConflict)
                .detail("Everybody needs a passkey here: add another one before this one goes."),
            Error::AuthorizationOver => Self::new(ErrorCode::AuthorizationExpired),
            Error::SignInTooOld => Self::new(ErrorCode::StepUpRequired)
                .detail("The app wants a new sign-in: show your face again."),
            Error::SignInTooWeak => Self::new(ErrorCode::StepUpRequired)
                .detail("The app wants a stronger sign-in: sign in with a second factor."),
            Error::ClientConsentMissing => Self::new(ErrorCode::ClientConsentRequired),
            Error::UsernameTaken => Self::at(ErrorCode::UsernameTaken, "/username"),
            Error::IdempotencyConflict => Self::new(ErrorCode::IdempotencyConflict),
            Error::SessionOver => AccountError::SessionOver.into(),
            Error::RefreshToken(denied) => Self::new(ErrorCode::TokenInvalid).denied(*denied),
            Error::ConsentWithdrawn => Self::new(ErrorCode::ConsentRequired)
                .detail("Consent is withdrawn: grant it anew at /me/consent."),
            Error::Misfit(misfit) => misfit.into(),
            Error::TooManyFaces => Self::new(ErrorCode::EnrolmentNotAllowed)
                .detail("The account has as many faces as it can have: remove one first."),
            Error::Analyzer(ReserveError::Full { retry_after }) => {
                Self::new(ErrorCode::Overloaded).retry_after(whole_seconds(retry_after))
            }
            Error::Analyzer(ReserveError::Unavailable(_)) => Self::new(ErrorCode::ModelUnavailable),
            Error::Store(error) => error.into(),
            Error::Token(error) => error.into(),
            Error::Internal(cause) => {
                tracing::error!(cause, "a promise inside the service was broken");
                Self::new(ErrorCode::InternalError)
            }
        }
    }
}

/// One answer for whatever makes an invitation unknown or not meant for the name, so that it says
/// nothing about other people. Only the holder of a real one can learn that it is too old.
fn invitation(problem: InvitationProblem) -> ApiError {
    let (code, reason) = match problem {
        InvitationProblem::Unknown => (ErrorCode::InvitationInvalid, "invitation_unknown"),
        InvitationProblem::OtherName => (ErrorCode::InvitationInvalid, "invitation_of_other_name"),
        InvitationProblem::Expired => (ErrorCode::InvitationExpired, "invitation_expired"),
    };
    ApiError::at(code, "/invitation").denied(Denied::credentials(reason))
}

/// The pointer of what stands `below` a place.
fn pointer(place: &Place, below: &str) -> String {
    format!("{}{below}", place.as_str())
}

/// A picture that cannot be used. Of the reasons of a face that is not usable, the most helpful one
/// is the code, and all are listed.
fn picture(pointer: &str, problem: PictureProblem) -> ApiError {
    match problem {
        PictureProblem::Undecoded(problem) => ApiError::at(problem.into(), pointer),
        PictureProblem::Unusable(CaptureProblem::Subject(problem)) => {
            ApiError::at(problem.into(), pointer)
        }
        PictureProblem::Unusable(CaptureProblem::Quality(reasons)) => {
            let errors: Vec<FieldError> = reasons
                .iter()
                .map(|reason| FieldError { pointer: pointer.to_owned(), code: (*reason).into() })
                .collect();
            let code = errors.first().map_or(ErrorCode::Blurred, |error| error.code);
            ApiError { errors, ..ApiError::new(code) }
        }
    }
}

fn session(place: &Place, problem: SessionProblem) -> ApiError {
    let at = |code| ApiError::at(code, pointer(place, "/session_id"));
    match problem {
        SessionProblem::Unknown => at(ErrorCode::NotFound).detail("There is no such session."),
        SessionProblem::Expired => at(ErrorCode::SessionExpired),
        SessionProblem::Spent => at(ErrorCode::SessionConsumed),
        SessionProblem::Foreign => at(ErrorCode::InvalidField)
            .detail("The session was opened for another user or purpose."),
    }
}

fn capture(place: &Place, problem: ObserveProblem) -> ApiError {
    let clip = |code| ApiError::at(code, pointer(place, "/video_clip"));
    match problem {
        ObserveProblem::Frame { index, problem } => {
            ApiError::at(problem.into(), pointer(place, &format!("/frames/{index}/image")))
        }
        ObserveProblem::Clip(problem) => {
            let code = match problem {
                ClipProblem::Undecodable => ErrorCode::ImageUndecodable,
                ClipProblem::UnsupportedCodec => ErrorCode::UnsupportedMediaType,
                ClipProblem::TooLong | ClipProblem::TooManyPixels => ErrorCode::PayloadTooLarge,
                ClipProblem::DimensionsTooLarge => ErrorCode::ImageDimensionsTooLarge,
            };
            clip(code).detail(format!("Mend it: {problem}."))
        }
        ObserveProblem::Timing(problem) => {
            clip(ErrorCode::InvalidField).detail(format!("Mend it: {problem}."))
        }
    }
}

/// A liveness capture that was refused. The code is that of what has to be mended first; all
/// reasons are listed.
fn not_live(judgement: Judgement) -> ApiError {
    let code = judgement.first_concern().map_or(ErrorCode::LivenessFailed, ErrorCode::from);
    let liveness = Some(Box::new(LivenessResponse::new(judgement, None)));
    ApiError { liveness, ..ApiError::new(code) }
}

impl From<Misfit> for ApiError {
    /// The answer for a face that may not be added to the existing ones. Only a recent session of
    /// the account gets here.
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::NothingToCompare => Self::new(ErrorCode::EnrolmentNotAllowed).detail(
                "The account has no face to compare this one with. Ask the operator to reset the \
                 account.",
            ),
            Misfit::SomebodyElse => Self::new(ErrorCode::FramesInconsistent).detail(
                "The face does not match the faces of the account. If your face has changed, ask \
                 the operator to reset the account.",
            ),
            Misfit::Displaces => Self::new(ErrorCode::FramesInconsistent).detail(
                "With this picture the account would no longer recognise another of its faces. Take \
                 one that is more similar to them.",
            ),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(cause = %error, "the store failed");
        Self::new(match error {
            StoreError::Unavailable(_) => ErrorCode::DatabaseUnavailable,
            StoreError::Sealing(_) | StoreError::Database(_) => ErrorCode::InternalError,
        })
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionOver => {
                Self::new(ErrorCode::TokenInvalid).denied(Denied::credentials("session_over"))
            }
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        tracing::error!(cause = %error, "a token could not be made");
        Self::new(ErrorCode::InternalError)
    }
}

impl From<Refusal> for ErrorCode {
    /// The answer to the client. All outcomes of identity give the same answer.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LivenessRequired => Self::LivenessRequired,
            Refusal::PresentationAttack | Refusal::LivenessFailed => Self::LivenessFailed,
            Refusal::NoTemplate | Refusal::NonMatch | Refusal::Locked => Self::AuthenticationFailed,
        }
    }
}

impl From<ImageProblem> for ErrorCode {
    fn from(problem: ImageProblem) -> Self {
        match problem {
            ImageProblem::Undecodable => Self::ImageUndecodable,
            ImageProblem::DimensionsTooLarge => Self::ImageDimensionsTooLarge,
        }
    }
}

impl From<Concern> for ErrorCode {
    fn from(concern: Concern) -> Self {
        match concern {
            Concern::Subject(problem) => problem.into(),
            Concern::Quality(reason) => reason.into(),
            Concern::Attack => Self::LivenessFailed,
            Concern::Person => Self::FramesInconsistent,
            Concern::Steps => Self::ChallengeNotMet,
        }
    }
}
