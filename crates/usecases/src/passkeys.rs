//! Passkeys and recovery codes of somebody who is signed in.

use faceauth_domain::second_factor::{Awaited, PasskeyName, SecondFactorMode};
use faceauth_store::account::Account;
use faceauth_store::passkeys::{PasskeyRecord, Passkeys};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{EventKind, Origin, Subject};
use crate::second_factor::{self, Asked, NewCodes, Pending};

/// A passkey that was added.
pub struct Added {
    /// The passkey.
    pub passkey: PasskeyRecord,
    /// With the first one: recovery codes, which are shown this once.
    pub recovery_codes: Option<Vec<String>>,
}

/// The passkeys of an account, and how many recovery codes are left.
///
/// # Errors
/// [`Error::SessionOver`], or a failure of ours.
pub async fn list(account: Account<'_>) -> Result<Passkeys> {
    Ok(account.passkeys().await?)
}

/// Asks for another passkey.
///
/// # Errors
/// Why the account cannot have one, or a failure of ours.
pub async fn begin(context: &Context, account: Account<'_>) -> Result<Asked> {
    let (owner, known) = account.before_another_passkey().await?;
    let Pending { row, asked } = second_factor::register(context, &owner, known, None)?;
    account.begin_passkey(&row).await?;
    Ok(asked)
}

/// Adds the passkey that `answer` brings.
///
/// # Errors
/// Why it is not added, or a failure of ours.
pub async fn add(
    context: &Context,
    account: Account<'_>,
    secret: &str,
    name: PasskeyName,
    answer: String,
    origin: &Origin,
) -> Result<Added> {
    // Whose session has ended learns nothing else.
    account.user().await?;
    let transaction = second_factor::found(context, secret, &[Awaited::RegisterAnother]).await?;
    let Some(user) = transaction.user else { return Err(Error::TransactionOver) };
    let credential = match second_factor::registered(context, &transaction, answer).await? {
        Ok(credential) => credential,
        Err(flaw) => {
            return Err(second_factor::refuse(context, Some(user), flaw.as_str(), origin).await?);
        }
    };
    let passkey = second_factor::new_passkey(context, credential, name);
    let codes = NewCodes::random(context, user)?;
    let first = account.add_passkey(&transaction, &passkey, &codes.hashes).await?;
    origin.log(EventKind::PasskeyAdded, Subject::Account(user));
    let record = PasskeyRecord {
        id: passkey.id,
        name: passkey.name.as_str().to_owned(),
        kind: passkey.credential.kind,
        created_at: passkey.created_at,
        last_used_at: None,
    };
    Ok(Added { passkey: record, recovery_codes: first.then_some(codes.texts) })
}

/// Removes a passkey. `false` when the account has no such one.
///
/// # Errors
/// [`Error::LastPasskey`] where everybody needs one, or a failure of ours.
pub async fn remove(
    context: &Context,
    account: Account<'_>,
    id: Uuid,
    origin: &Origin,
) -> Result<bool> {
    let keep_one = context.second_factor.mode == SecondFactorMode::Required;
    let removed = account.remove_passkey(id, keep_one, context.now()).await?;
    if removed {
        origin.log(EventKind::PasskeyRemoved, Subject::Account(account.owner()));
    }
    Ok(removed)
}

/// Makes new recovery codes, which are shown this once; the old ones are good no more.
///
/// # Errors
/// [`Error::SecondFactorMissing`] when the account has no passkey, or a failure of ours.
pub async fn make_recovery_codes(
    context: &Context,
    account: Account<'_>,
    origin: &Origin,
) -> Result<Vec<String>> {
    account.user().await?;
    context.second_factor.relying_party()?;
    let user = account.owner();
    let codes = NewCodes::random(context, user)?;
    if !account.replace_recovery_codes(&codes.hashes, context.now()).await? {
        return Err(Error::SecondFactorMissing);
    }
    origin.log(EventKind::RecoveryCodesMade, Subject::Account(user));
    Ok(codes.texts)
}
