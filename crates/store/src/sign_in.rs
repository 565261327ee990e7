//! Recording an accepted sign-in.

mod at_once;

use diesel_async::AsyncConnection;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::template::TemplateId;
use futures_util::future::{try_join, try_join4};

use crate::error::{Constraint, StoreError};
use crate::failures::{self, Begun};
use crate::pool::Store;
use crate::tables::refresh_tokens::{self, NewRefreshToken};
use crate::tables::{attempts, consents, outbox, passkeys, templates, users};
use crate::upgrade::{self, Upgrade};

/// An accepted sign-in.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The line of the audit trail.
    pub attempt: &'a Attempt,
    /// The first refresh token.
    pub refresh: &'a NewRefreshToken,
    /// The template it rests on, which must still be there.
    pub matched: TemplateId,
    /// The count it ends: the failures before it are forgotten.
    pub begun: Option<&'a Begun>,
    /// A template of another model that it was worth.
    pub upgrade: Option<Upgrade<'a>>,
    /// Whether a face alone is enough. Else nobody is signed in whose account has a passkey.
    pub alone: FaceAlone,
}

/// Whether a face alone signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceAlone {
    /// Always: there are no passkeys here.
    Enough,
    /// Unless the account has a passkey.
    UnlessPasskey,
}

impl Store {
    /// Stores an accepted sign-in, all or nothing. Since the analysis, the account may have been
    /// erased or reset, consent withdrawn, the matched face removed, or a passkey registered that
    /// now is asked for. Then it is `false` and
    /// nobody is signed in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_sign_in(&self, sign_in: &SignIn<'_>) -> Result<bool, StoreError> {
        let SignIn { attempt, refresh, matched, begun, upgrade, alone } = *sign_in;
        // Whether its owner may have to hear of the device.
        let new_device = self.has_outbox() && begun.is_some_and(|b| b.known_device().is_none());
        let mut connection = self.connection().await?;
        // Nearly every sign-in.
        if let (Some(begun), None) = (begun, upgrade)
            && attempt.user == Some(refresh.user)
            && at_once::write(&mut connection, sign_in, begun, new_device).await?
        {
            return Ok(true);
        }
        let stored: Result<(), SignInError> = connection
            .transaction(async |connection| {
                // The account is locked first, in a statement of its own, so that sign-ins of one
                // person wait there and cannot deadlock. Statements that are sent at the same time
                // may arrive in another order, when one has yet to be prepared.
                if new_device && users::lock(connection, refresh.user).await? {
                    outbox::insert_new_device(connection, refresh.user, attempt.at).await?;
                }
                if users::touch(connection, refresh.user, attempt.at).await? == 0 {
                    return Err(SignInError::GroundGone);
                }
                if alone == FaceAlone::UnlessPasskey
                    && passkeys::any(connection, refresh.user).await?
                {
                    return Err(SignInError::GroundGone);
                }
                let shared = &*connection;
                let forgiven = async {
                    match begun {
                        Some(begun) => failures::clear(shared, begun, attempt.at).await,
                        None => Ok(0),
                    }
                };
                // Sent at the same time, because none needs the answer of another. When a condition
                // no longer holds, the writes are rolled back. Under the lock nobody can change the
                // conditions any more.
                let ground = async {
                    let (face, consent) = try_join(
                        templates::is_there(shared, refresh.user, matched),
                        consents::stands(shared, refresh.user),
                    )
                    .await?;
                    Ok(face && consent)
                };
                let (recorded, stored) =
                    (attempts::insert(shared, attempt), refresh_tokens::insert(shared, refresh));
                let (stands, _, _, _) = try_join4(ground, recorded, forgiven, stored).await?;
                if !stands {
                    return Err(SignInError::GroundGone);
                }
                if let Some(worth) = upgrade {
                    upgrade::write(connection, self, refresh.user, worth).await?;
                }
                Ok(())
            })
            .await;
        match stored {
            Ok(()) => Ok(true),
            Err(SignInError::GroundGone) => Ok(false),
            Err(SignInError::Store(error)) => Err(error),
        }
    }
}

/// Why a sign-in was not recorded.
enum SignInError {
    /// The account, the matched template or consent no longer exists, or the face is not enough
    /// any more.
    GroundGone,
    Store(StoreError),
}

impl From<diesel::result::Error> for SignInError {
    fn from(error: diesel::result::Error) -> Self {
        match Constraint::violated_by(&error) {
            Some(Constraint::AttemptUser | Constraint::RefreshTokenUser) => Self::GroundGone,
            _ => Self::Store(error.into()),
        }
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
