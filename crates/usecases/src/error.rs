//! Why a use case did not do what it was asked for.

pub use faceauth_domain::analyzer::PictureProblem;
use faceauth_domain::analyzer::{AnalyzerUnavailable, ObserveProblem, ReserveError};
use faceauth_domain::decision::Refusal;
use faceauth_domain::enrolment::Misfit;
use faceauth_domain::liveness::reason::Concern;
use faceauth_store::StoreError;
use faceauth_store::account::AccountError;
use faceauth_store::passkeys::PasskeyError;
use faceauth_store::second_factor::CompletionError;
use faceauth_tokens::TokenError;

use crate::events::Denied;
use crate::judgement::Judgement;
use crate::presented::Place;

/// What a use case answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was refused, and which of the presented things it concerns; or what failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This caller may not make accounts.
    #[error("this caller may not register anybody")]
    RegistrationClosed,
    /// Registration is by invitation, and none was presented.
    #[error("there is no invitation")]
    InvitationRequired,
    /// The invitation that was presented cannot be used.
    #[error("the invitation cannot be used: {0}")]
    Invitation(#[from] InvitationProblem),
    /// The policy asks for a liveness capture, and pictures alone were presented.
    #[error("pictures alone prove no liveness")]
    LivenessRequired,
    /// A picture cannot be used.
    #[error("a picture cannot be used: {1}")]
    Picture(Place, PictureProblem),
    /// A picture shows somebody else than the others, or than the person who was found live.
    #[error("a picture shows somebody else")]
    AnotherPerson(Place),
    /// A step would ask for closed eyes, and no model sees them.
    #[error("no model sees eyes close")]
    CannotSeeLids,
    /// The session that a capture answers cannot be used.
    #[error("the liveness session cannot be used: {1}")]
    Session(Place, SessionProblem),
    /// A capture cannot be looked at. Its attempt is spent all the same: it was used to make the
    /// service decode something that is no picture.
    #[error("the capture cannot be looked at: {1}")]
    Capture(Place, ObserveProblem),
    /// A capture was judged and refused.
    #[error("the capture was refused")]
    NotLive(Box<Judgement>),
    /// The capture is not attested by a genuine app, and has to be. Why is written down.
    #[error("the capture is not attested")]
    NotAttested(Place),
    /// The liveness session ended before its verdict could be stored.
    #[error("the liveness session is over")]
    VerdictTooLate,
    /// A liveness token is unknown, used, too old, or meant for somebody or something else.
    #[error("the liveness token is not valid here")]
    LivenessToken(Place),
    /// The decision went against the person.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The claimed name has to wait after too many failures.
    #[error("the name has to wait for {seconds} s")]
    Blocked {
        /// How long.
        seconds: u32,
        /// What the log says of it.
        denied: Box<Denied>,
    },
    /// There are no passkeys here, or none signs in alone.
    #[error("there are no passkeys here")]
    NoPasskeys,
    /// A second factor is wanted, and the account has none.
    #[error("the account has no second factor")]
    SecondFactorMissing,
    /// A transaction is unknown, answered, too old, or waits for something else.
    #[error("the transaction is over")]
    TransactionOver,
    /// An answer shows no passkey of the account. Why is written down.
    #[error("the passkey is refused")]
    PasskeyRefused(Box<Denied>),
    /// The account has no such recovery code.
    #[error("the recovery code is refused")]
    RecoveryCodeRefused(Box<Denied>),
    /// An account has the passkey.
    #[error("the passkey is known")]
    PasskeyKnown,
    /// The account has as many passkeys as it may have.
    #[error("the account has as many passkeys as it may have")]
    TooManyPasskeys,
    /// The last passkey stays where everybody needs one.
    #[error("it is the last passkey")]
    LastPasskey,
    /// The request of a client is unknown, answered, or too old, or another browser brought it.
    #[error("the authorization request is over")]
    AuthorizationOver,
    /// The sign-in is too old for what a client asks.
    #[error("the sign-in is too old")]
    SignInTooOld,
    /// The sign-in shows less than a client asks for.
    #[error("the sign-in is too weak")]
    SignInTooWeak,
    /// The person has not agreed to what a client asks for.
    #[error("the person has not agreed to what the client asks for")]
    ClientConsentMissing,
    /// Another account has the name.
    #[error("the username is taken")]
    UsernameTaken,
    /// The idempotency key belongs to another request.
    #[error("the idempotency key belongs to another request")]
    IdempotencyConflict,
    /// The session of the caller, or their enrolment token, is good no more.
    #[error("the session is over")]
    SessionOver,
    /// A refresh token that renews nothing.
    #[error("the refresh token is not valid")]
    RefreshToken(Box<Denied>),
    /// The account holder has withdrawn consent.
    #[error("consent is withdrawn")]
    ConsentWithdrawn,
    /// The face may not stand beside those the account has.
    #[error(transparent)]
    Misfit(Misfit),
    /// The account has as many faces as it may have.
    #[error("the account has as many faces as it may have")]
    TooManyFaces,
    /// There is no place in the analysis queue, or no analyzer.
    #[error(transparent)]
    Analyzer(#[from] ReserveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token or a nonce could not be made.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A part of the service broke its promise to another.
    #[error("{0}")]
    Internal(&'static str),
}

/// What is wrong with an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationProblem {
    /// There is none with this secret: it was used, replaced, taken back, or never made.
    #[error("there is no such invitation")]
    Unknown,
    /// Its time is over.
    #[error("its time is over")]
    Expired,
    /// It is for another name.
    #[error("it is for another name")]
    OtherName,
}

/// What is wrong with the liveness session that a capture answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionProblem {
    /// There is none.
    #[error("there is no such session")]
    Unknown,
    /// Its time is over.
    #[error("its time is over")]
    Expired,
    /// The nonce was used, or no attempt is left.
    #[error("it was used")]
    Spent,
    /// It was opened for another user or purpose.
    #[error("it was opened for another user or purpose")]
    Foreign,
}

impl Error {
    /// Whether it is a failed sign-in. What says nothing about who was at the camera (unusable
    /// pictures, missed steps, bad requests and failures of ours) is none.
    pub(crate) fn is_failed_sign_in(&self) -> bool {
        match self {
            Self::Refused(refusal) => *refusal != Refusal::LivenessRequired,
            Self::AnotherPerson(_) => true,
            Self::NotLive(judgement) => match judgement.first_concern() {
                None | Some(Concern::Attack | Concern::Person) => true,
                Some(Concern::Subject(_) | Concern::Quality(_) | Concern::Steps) => false,
            },
            _ => false,
        }
    }
}

impl From<AnalyzerUnavailable> for Error {
    fn from(unavailable: AnalyzerUnavailable) -> Self {
        Self::Analyzer(unavailable.into())
    }
}

impl From<CompletionError> for Error {
    fn from(error: CompletionError) -> Self {
        match error {
            CompletionError::Over | CompletionError::Refused => Self::TransactionOver,
            CompletionError::GroundGone => Self::Refused(Refusal::NoTemplate),
            CompletionError::PasskeyKnown => Self::PasskeyKnown,
            CompletionError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PasskeyError> for Error {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Over => Self::TransactionOver,
            PasskeyError::Known => Self::PasskeyKnown,
            PasskeyError::TooMany => Self::TooManyPasskeys,
            PasskeyError::Last => Self::LastPasskey,
            PasskeyError::Account(error) => error.into(),
        }
    }
}

impl From<AccountError> for Error {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionOver => Self::SessionOver,
            AccountError::Store(error) => Self::Store(error),
        }
    }
}
