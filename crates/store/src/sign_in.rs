//! The audit trail.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::template::TemplateId;
use futures_util::future::{try_join, try_join4};

use crate::error::{Constraint, StoreError};
use crate::failures::{self, Begun};
use crate::pool::Store;
use crate::retire as retention;
use crate::schema::attempts;
use crate::tables::consents;
use crate::tables::refresh_tokens::{self as tokens, NewRefreshToken};
use crate::tables::templates;
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
}

impl Store {
    /// Adds a line to the audit trail. When the account was erased meanwhile, the line
    /// is kept without it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        match insert(&connection, attempt).await {
            Err(e) if Constraint::violated_by(&e) == Some(Constraint::AttemptUser) => {
                let anonymous = Attempt { user: None, ..attempt.clone() };
                insert(&connection, &anonymous).await?;
            }
            other => {
                other?;
            }
        }
        Ok(())
    }

    /// Stores an accepted sign-in, all or nothing. `false` when the account was erased or reset,
    /// consent withdrawn or the matched face removed since the face was looked at: nobody is signed
    /// in then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_sign_in(&self, sign_in: &SignIn<'_>) -> Result<bool, StoreError> {
        let SignIn { attempt, refresh, matched, begun, upgrade } = *sign_in;
        let mut connection = self.connection().await?;
        let stored: Result<(), SignInError> = connection
            .transaction(async |connection| {
                // The account first, and alone: sign-ins of one person wait for each other there, not
                // in a circle. Statements that are sent at once come in another order where one has
                // yet to be prepared.
                if retention::touch(connection, refresh.user, attempt.at).await? == 0 {
                    return Err(SignInError::GroundGone);
                }
                let shared = &*connection;
                let forgiven = async {
                    match begun {
                        Some(begun) => failures::clear(shared, begun, attempt.at).await,
                        None => Ok(0),
                    }
                };
                // Sent at once: none needs the answer of another. What is written goes again when the
                // ground is gone. Under the lock nobody takes it away any more.
                let ground = async {
                    let (face, consent) = try_join(
                        templates::exists(shared, refresh.user, matched),
                        consents::stands(shared, refresh.user),
                    )
                    .await?;
                    Ok(face && consent)
                };
                let (recorded, stored) = (insert(shared, attempt), tokens::insert(shared, refresh));
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
    /// The account, the matched template or consent is there no more.
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

pub(crate) async fn insert(
    mut connection: &AsyncPgConnection,
    attempt: &Attempt,
) -> QueryResult<usize> {
    let reasons: Vec<&str> = attempt.reasons.iter().map(|reason| reason.as_str()).collect();
    diesel::insert_into(attempts::table)
        .values((
            attempts::user_id.eq(attempt.user.map(|user| user.0)),
            attempts::kind.eq(attempt.kind.as_str()),
            attempts::outcome.eq(attempt.outcome.as_str()),
            attempts::assurance.eq(attempt.assurance.map(Assurance::as_str)),
            attempts::reasons.eq(reasons),
            attempts::pad_bona_fide.eq(attempt.pad_bona_fide),
            attempts::model_id.eq(attempt.model.as_str()),
            attempts::client_hash.eq(&attempt.client_hash),
            attempts::at.eq(attempt.at),
        ))
        .execute(&mut connection)
        .await
}
