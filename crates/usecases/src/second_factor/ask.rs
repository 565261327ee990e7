//! Asking for a second factor.

use faceauth_domain::second_factor::{
    self as rules, AfterFace, Awaited, SecondFactorMode, TRANSACTION_TTL,
};
use faceauth_domain::user::{User, UserId};
use faceauth_passkeys::{Begun, Credential, Owner};
use faceauth_store::second_factor::{FaceShown, StoredCredential, Transaction};
use faceauth_tokens::opaque::OpaqueToken;

use crate::context::Context;
use crate::error::{Error, Result};

/// What the client is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Show a passkey, or a recovery code.
    ShowPasskey,
    /// Register a passkey.
    RegisterPasskey,
}

/// What a client is asked for, and the secret that ties its answer to what was shown before.
pub struct Asked {
    /// The secret of the transaction.
    pub transaction: String,
    /// Seconds until it is too old.
    pub expires_in: u64,
    /// What the client is to do.
    pub next: Next,
    /// Options for the browser, JSON.
    pub options: String,
}

/// A transaction that is yet to be stored.
pub(crate) struct Pending {
    /// The row.
    pub row: Transaction,
    /// What the client is told when the row is stored.
    pub asked: Asked,
}

/// What follows after a face was recognised. `asked` is whether the request asks for a second
/// factor.
pub(crate) fn after(context: &Context, asked: bool, has_passkey: bool) -> AfterFace {
    rules::after_face(context.second_factor.mode, asked, has_passkey)
}

/// Asks the account `user` for one of its passkeys.
pub(crate) async fn show(context: &Context, user: UserId, face: FaceShown) -> Result<Pending> {
    let credentials = context.store.credentials(user).await?;
    let credentials: Vec<Credential> = credentials.into_iter().map(credential).collect();
    let begun = context.second_factor.relying_party()?.begin_named(&credentials);
    let begun = begun.map_err(|_| Error::Internal("a stored passkey cannot be read"))?;
    pending(context, Some(user), Awaited::Show, Some(face), begun)
}

/// Asks for a new passkey of `owner`: the first, after `face`, or another one beside `existing`.
pub(crate) fn register(
    context: &Context,
    owner: &User,
    existing: Vec<StoredCredential>,
    face: Option<FaceShown>,
) -> Result<Pending> {
    let existing: Vec<Credential> = existing.into_iter().map(credential).collect();
    let named = Owner { id: owner.id.0, name: owner.username.as_str() };
    let begun = context.second_factor.relying_party()?.begin_registration(named, &existing);
    let begun = begun.map_err(|_| Error::Internal("a passkey cannot be asked for"))?;
    let awaited = match face {
        Some(_) => Awaited::RegisterFirst,
        None => Awaited::RegisterAnother,
    };
    pending(context, Some(owner.id), awaited, face, begun)
}

/// Asks for a passkey of anybody, where one alone signs in. It says nothing about who has an
/// account.
///
/// # Errors
/// [`Error::NoPasskeys`] when none signs in alone, or a failure of ours.
pub async fn begin_alone(context: &Context) -> Result<Asked> {
    let rules = &context.second_factor;
    if rules.mode == SecondFactorMode::Off || !rules.passkey_alone {
        return Err(Error::NoPasskeys);
    }
    let begun = rules.relying_party()?.begin_anybody();
    let begun = begun.map_err(|_| Error::Internal("a passkey cannot be asked for"))?;
    let Pending { row, asked } = pending(context, None, Awaited::ShowAlone, None, begun)?;
    context.store.begin_transaction(&row).await?;
    Ok(asked)
}

fn pending(
    context: &Context,
    user: Option<UserId>,
    awaited: Awaited,
    face: Option<FaceShown>,
    begun: Begun,
) -> Result<Pending> {
    let secret = OpaqueToken::random()?;
    let row = Transaction {
        id: secret.hash,
        user,
        awaited,
        ceremony: begun.state.as_str().to_owned(),
        face,
        expires_at: context.now() + TRANSACTION_TTL,
    };
    let next = match awaited {
        Awaited::Show | Awaited::ShowAlone => Next::ShowPasskey,
        Awaited::RegisterFirst | Awaited::RegisterAnother => Next::RegisterPasskey,
    };
    let asked = Asked {
        transaction: secret.token.to_string(),
        expires_in: TRANSACTION_TTL.num_seconds().unsigned_abs(),
        next,
        options: begun.options,
    };
    Ok(Pending { row, asked })
}

pub(super) fn credential(stored: StoredCredential) -> Credential {
    let StoredCredential { id, record, counter, kind } = stored;
    Credential { id, record, counter, kind }
}
