//! The answer to a transaction: whoever it signs in.

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::authentication::{Authentication, PasskeyKind};
use faceauth_domain::second_factor::{Awaited, PasskeyName};
use faceauth_domain::user::UserId;
use faceauth_passkeys::{CeremonyState, Credential, Flaw};
use faceauth_store::StoreError;
use faceauth_store::second_factor::{
    Completion, CompletionError, FaceShown, NewPasskey, Proof, StoredCredential, Transaction,
};
use faceauth_tokens::opaque;
use faceauth_tokens::recovery::RecoveryCode;

use super::ask::credential;
use super::codes::{self, NewCodes};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Actor, Denied, EventKind, Origin, Subject};
use crate::off_thread::off_thread;
use crate::session::{self, PendingSession, ShownBy, SignedIn};

/// The word of the log for a recovery code that the account does not have.
const NO_SUCH_CODE: &str = "recovery_code_unknown";

/// Somebody who has registered their first passkey and is signed in by it.
pub struct FirstPasskey {
    /// Who is signed in.
    pub signed_in: SignedIn,
    /// Recovery codes, which are shown this once.
    pub recovery_codes: Vec<String>,
}

/// Signs in whoever holds the passkey that `answer` shows: after the face, or alone.
///
/// # Errors
/// Why the person is not signed in, or a failure of ours.
pub async fn by_passkey(
    context: &Context,
    secret: &str,
    answer: String,
    origin: &Origin,
) -> Result<SignedIn> {
    let found = found(context, secret, &[Awaited::Show, Awaited::ShowAlone]).await?;
    let (transaction, user) = (&found, found.user);
    let answered = match user {
        Some(user) => named(context, transaction, user, answer).await.map(|shown| (user, shown)),
        None => anybody(context, transaction, answer).await,
    };
    let (user, shown) = match answered {
        Ok(answered) => answered,
        Err(Answered::Flawed(flaw)) => {
            return Err(refuse(context, user, flaw.as_str(), origin).await?);
        }
        Err(Answered::Failed(error)) => return Err(error),
    };
    let authentication = match transaction.face {
        Some(face) => Authentication::FaceAndPasskey(face.assurance, shown.kind),
        None => Authentication::Passkey(shown.kind),
    };
    let proof = Proof::Passkey { credential_id: &shown.id, counter: shown.counter };
    let signing = Signing { context, transaction, user, authentication, origin };
    match signing.complete(proof).await {
        // Another answer with the same count was faster, or the passkey has just been removed.
        Err(CompletionError::Refused) => {
            Err(refuse(context, Some(user), Flaw::Counter.as_str(), origin).await?)
        }
        completed => Ok(completed??),
    }
}

/// Signs in whoever knows one of the recovery codes of the account whose face was recognised.
///
/// # Errors
/// Why the person is not signed in, or a failure of ours.
pub async fn by_recovery_code(
    context: &Context,
    secret: &str,
    code: &str,
    origin: &Origin,
) -> Result<SignedIn> {
    let transaction = found(context, secret, &[Awaited::Show]).await?;
    let (Some(user), Some(face)) = (transaction.user, transaction.face) else {
        return Err(Error::TransactionOver);
    };
    let wrong = Denied { subject: Subject::Account(user), ..Denied::credentials(NO_SUCH_CODE) };
    let refused = async || -> Result<Error> {
        write_down(context, Some(user), origin).await?;
        Ok(Error::RecoveryCodeRefused(Box::new(wrong.clone())))
    };
    let Some(code) = RecoveryCode::parse(code) else { return Err(refused().await?) };
    let hash = codes::hash(context, user, &code);
    let authentication = Authentication::FaceAndRecoveryCode(face.assurance);
    let signing = Signing { context, transaction: &transaction, user, authentication, origin };
    match signing.complete(Proof::RecoveryCode(&hash)).await {
        Err(CompletionError::Refused) => Err(refused().await?),
        completed => {
            let signed_in = completed??;
            origin.log(EventKind::RecoveryCodeUsed, Subject::Account(user));
            Ok(signed_in)
        }
    }
}

/// Registers the first passkey of the account whose face was recognised, and signs its owner in.
///
/// # Errors
/// Why the person is not signed in, or a failure of ours.
pub async fn register_first(
    context: &Context,
    secret: &str,
    name: PasskeyName,
    answer: String,
    origin: &Origin,
) -> Result<FirstPasskey> {
    let transaction = found(context, secret, &[Awaited::RegisterFirst]).await?;
    let (Some(user), Some(face)) = (transaction.user, transaction.face) else {
        return Err(Error::TransactionOver);
    };
    let credential = match registered(context, &transaction, answer).await? {
        Ok(credential) => credential,
        Err(flaw) => return Err(refuse(context, Some(user), flaw.as_str(), origin).await?),
    };
    let authentication = Authentication::FaceAndPasskey(face.assurance, credential.kind);
    let passkey = new_passkey(context, credential, name);
    let codes = NewCodes::random(context, user)?;
    let signing = Signing { context, transaction: &transaction, user, authentication, origin };
    let signed_in = signing.complete(Proof::FirstPasskey(&passkey, &codes.hashes)).await??;
    origin.log(EventKind::PasskeyAdded, Subject::Account(user));
    Ok(FirstPasskey { signed_in, recovery_codes: codes.texts })
}

/// The transaction of a secret, of whose tries one is taken.
pub(crate) async fn found(
    context: &Context,
    secret: &str,
    awaited: &[Awaited],
) -> Result<Transaction> {
    context.second_factor.relying_party()?;
    let found = context.store.try_transaction(&opaque::hash(secret), context.now()).await?;
    found.filter(|transaction| awaited.contains(&transaction.awaited)).ok_or(Error::TransactionOver)
}

/// The new passkey that an answer brings.
pub(crate) async fn registered(
    context: &Context,
    transaction: &Transaction,
    answer: String,
) -> Result<Result<Credential, Flaw>> {
    let service = context.second_factor.relying_party()?.clone();
    let state = CeremonyState::stored(transaction.ceremony.clone());
    off_thread(&*context.blocking, move || service.finish_registration(&state, &answer)).await
}

/// A passkey that is yet to be stored.
pub(crate) fn new_passkey(
    context: &Context,
    credential: Credential,
    name: PasskeyName,
) -> NewPasskey {
    let Credential { id, record, counter, kind } = credential;
    NewPasskey {
        id: context.new_id(),
        credential: StoredCredential { id, record, counter, kind },
        name,
        created_at: context.now(),
    }
}

/// A passkey that was shown.
struct ShownPasskey {
    id: Vec<u8>,
    counter: u32,
    kind: PasskeyKind,
}

impl From<faceauth_passkeys::Shown> for ShownPasskey {
    fn from(shown: faceauth_passkeys::Shown) -> Self {
        Self { id: shown.id, counter: shown.counter, kind: shown.kind }
    }
}

/// Why an answer shows no passkey.
enum Answered {
    Flawed(Flaw),
    Failed(Error),
}

impl From<Flaw> for Answered {
    fn from(flaw: Flaw) -> Self {
        Self::Flawed(flaw)
    }
}

impl From<Error> for Answered {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Answered {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// One of the passkeys of an account whose face was recognised.
async fn named(
    context: &Context,
    transaction: &Transaction,
    user: UserId,
    answer: String,
) -> Result<ShownPasskey, Answered> {
    let service = context.second_factor.relying_party()?.clone();
    let state = CeremonyState::stored(transaction.ceremony.clone());
    let checked =
        off_thread(&*context.blocking, move || service.finish_named(&state, &answer, user.0));
    Ok(checked.await??.into())
}

/// A passkey of whoever it says.
async fn anybody(
    context: &Context,
    transaction: &Transaction,
    answer: String,
) -> Result<(UserId, ShownPasskey), Answered> {
    let service = context.second_factor.relying_party()?.clone();
    let (owner, id) = service.claimed(&answer)?;
    let user = UserId(owner);
    // An account that does not exist and one without this passkey are the same.
    let stored = context.store.credential(user, &id).await?.ok_or(Flaw::Credential)?;
    let state = CeremonyState::stored(transaction.ceremony.clone());
    let known = credential(stored);
    let checked =
        off_thread(&*context.blocking, move || service.finish_anybody(&state, &answer, &known));
    Ok((user, checked.await??.into()))
}

/// A sign-in that a proof completes.
struct Signing<'a> {
    context: &'a Context,
    transaction: &'a Transaction,
    user: UserId,
    authentication: Authentication,
    origin: &'a Origin,
}

impl Signing<'_> {
    /// Stores the session with what proves it. The inner error is what nobody else is told of.
    async fn complete(&self, proof: Proof<'_>) -> Result<Result<SignedIn>, CompletionError> {
        let Self { context, transaction, user, authentication, origin } = *self;
        let (kind, outcome) = (AttemptKind::Passkey, AttemptOutcome::Accepted);
        let attempt = Attempt {
            user: Some(user),
            assurance: Some(authentication),
            ..audit::attempt(context, kind, outcome, origin)
        };
        let attested = transaction.face.and_then(|face| face.attested);
        let shown = ShownBy { authentication, attested };
        let session = match session::begin(context, user, shown, attempt.at, attempt.at) {
            Ok(session) => session,
            Err(error) => return Ok(Err(error)),
        };
        let completion =
            Completion { transaction, proof, attempt: &attempt, refresh: &session.row };
        let owner = match context.store.complete(&completion).await {
            Ok(owner) => owner,
            Err(CompletionError::Refused) => return Err(CompletionError::Refused),
            Err(other) => return Ok(Err(other.into())),
        };
        let origin = origin.by(Actor::Session(session.row.session));
        audit::announce(&attempt, &origin, Subject::Account(user));
        let tokens = issue(context, &session, transaction.face);
        Ok(tokens.map(|tokens| SignedIn { user: owner, tokens }))
    }
}

fn issue(
    context: &Context,
    session: &PendingSession,
    face: Option<FaceShown>,
) -> Result<session::IssuedTokens> {
    session.issue(context, context.now(), face.and_then(|face| face.known_device))
}

/// Writes down that a proof did not hold, and says so to the client without saying why.
pub(crate) async fn refuse(
    context: &Context,
    user: Option<UserId>,
    reason: &'static str,
    origin: &Origin,
) -> Result<Error> {
    write_down(context, user, origin).await?;
    let subject = user.map_or(Subject::Unknown, Subject::Account);
    let denied = Denied { subject, ..Denied::credentials(reason) };
    Ok(Error::PasskeyRefused(Box::new(denied)))
}

async fn write_down(context: &Context, user: Option<UserId>, origin: &Origin) -> Result<()> {
    let (kind, outcome) = (AttemptKind::Passkey, AttemptOutcome::SecondFactorRefused);
    let attempt = Attempt { user, ..audit::attempt(context, kind, outcome, origin) };
    audit::record(context, &attempt, origin, None).await
}
